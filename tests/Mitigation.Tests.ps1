#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Test-MriMitigation as people use it, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Mitigation.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
    $conditions = @{ Spacing = 4; Stripped = $true; Rotation = 2; Translation = 2; LabelFormat = 'P{0}' }
    $a = New-MriSimulatedCohort -ParticipantNumber (1..3) -SessionNumber 1 @conditions
    $b = New-MriSimulatedCohort -ParticipantNumber (1..3) -SessionNumber 2 @conditions
    $how = @{ Spacing = 4; SkipBiasCorrection = $true; Threshold = 0.6 }
}

Describe 'Test-MriMitigation' {
    It 'shows a table that falls, and exports it' {
        $rows = $b | Test-MriMitigation -Gallery $a -Mitigation Smooth -Strength 3, 50 @how
        $rows.Mitigation | Should -Be 'None', 'Smooth', 'Smooth'
        $rows[0].TrueLinks | Should -Be 3
        $rows[2].TrueLinks | Should -BeLessThan 3
        $rows[1].Ssim | Should -BeGreaterThan $rows[2].Ssim
        $rows | Out-String -Width 160 | Should -Match 'Mitigation\s+Strength\s+Linked'
        $rows | Select-Object Mitigation, Strength, TrueLinks, Ssim | Export-Csv "$TestDrive/rows.csv"
        Import-Csv "$TestDrive/rows.csv" | Should -HaveCount 3
    }

    It 'warns of what changes nothing' {
        $rows = $b | Test-MriMitigation -Gallery $a -Mitigation Strip -Strength 0 @how -WarningVariable said -WarningAction SilentlyContinue
        $rows | Should -HaveCount 1
        $said | Should -Match 'stripped already'
    }

    It 'goes on after a bad scan' {
        Set-Content -Path "$TestDrive/bad.nii" -Value 'no volume'
        $scans = @($b[0]) + (Import-MriVolume "$TestDrive/bad.nii" -ErrorAction SilentlyContinue)
        $scans | Test-MriMitigation -Gallery $a -Mitigation Quantize -Strength 4 @how -ErrorAction Stop | Should -HaveCount 2
    }

    It 'refuses strengths that belong to nothing' {
        { $b | Test-MriMitigation -Gallery $a -Strength 2 } | Should -Throw -ExpectedMessage '*hashtable*'
        { $b | Test-MriMitigation -Gallery $a -Mitigation Blur } | Should -Throw -ExpectedMessage '*Smooth*'
    }

    It 'completes the names of mitigations' {
        (TabExpansion2 'Test-MriMitigation -Mitigation Qu' 32).CompletionMatches.CompletionText | Should -Contain 'Quantize'
    }
}
