#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Invoke-MriAudit as a scheduled job uses it, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Audit.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
}

Describe 'Invoke-MriAudit' {
    It 'finds a scan that is there twice under two labels, and says so once' {
        $release = Join-Path $TestDrive 'release'
        New-MriSimulatedCohort -ParticipantCount 1 -SessionCount 1 -Spacing 3 | Export-MriVolume -Path "$release/sub-1_T1w.nii.gz" -Force
        Copy-Item -Path "$release/sub-1_T1w.nii.gz" -Destination "$release/sub-2_T1w.nii.gz"
        $gallery = Join-Path $TestDrive 'brains.mrigallery'
        New-MriGallery $gallery | Out-Null
        $audit = @{ Path = $release; Gallery = $gallery; Report = Join-Path $TestDrive 'reports'; Threshold = 0.9; Spacing = 4 }

        (Invoke-MriAudit @audit -WhatIf).Count | Should -Be 2
        $first = Invoke-MriAudit @audit
        $first.ExitCode | Should -Be 2
        $first.Links | Should -HaveCount 1
        $second = Invoke-MriAudit @audit
        $second.ExitCode | Should -Be 0
        Get-ChildItem -Path $audit.Report | Should -HaveCount 2
    }
}
