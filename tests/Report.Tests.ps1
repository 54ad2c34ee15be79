#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Show-MriVolume, Export-MriImage and Export-MriReport as people use them, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Report.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
    $head = Import-MriVolume (Join-Path $root 'src/MriLink.Core/Templates/colin27-head.nii.gz')
}

Describe 'Show-MriVolume' {
    It 'draws lines of half blocks' {
        $lines = $head | Show-MriVolume -Width 80 -Format HalfBlock
        $lines.Count | Should -BeGreaterThan 10
        $lines[0] | Should -Match ([char]0x2580)
    }
}

Describe 'Export-MriImage' {
    It 'names pictures by a script block' {
        $head | Export-MriImage -Path { Join-Path $TestDrive "$($_.Participant).png" }
        Join-Path $TestDrive 'colin27-head.png' | Should -Exist
    }
}

Describe 'Export-MriReport' {
    It 'writes a page, JSON, CSV and Markdown' {
        $scans = New-MriSimulatedCohort 2 -Rotation 0 -Translation 0 -Spacing 6 -Stripped | Export-MriVolume "$TestDrive/scans/" -Force -PassThru | Import-MriVolume
        $found = $scans | Find-MriMatch $scans -Top 3 -Threshold 0.9
        foreach ($ending in 'html', 'json', 'csv', 'md') {
            $found | Export-MriReport "$TestDrive/report.$ending"
            "$TestDrive/report.$ending" | Should -Exist
        }

        (Get-Content "$TestDrive/report.json" -Raw | ConvertFrom-Json).pairs | Should -HaveCount $found.Count
        Import-Csv "$TestDrive/report.csv" | Should -HaveCount $found.Count
    }
}
