#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    New-MriSimulatedCohort and New-MriSimulatedScan as people use them, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Simulation.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
}

Describe 'New-MriSimulatedCohort' {
    It 'makes participants and sessions' {
        $scans = New-MriSimulatedCohort -ParticipantCount 3
        $scans | Should -HaveCount 6
        $scans | Group-Object Participant | ForEach-Object Count | Should -Be 2, 2, 2
    }

    It 'makes two databases that share people under other labels' {
        $a = New-MriSimulatedCohort -ParticipantNumber (1..4) -SessionNumber 1 -LabelFormat 'A{0:00}'
        $b = New-MriSimulatedCohort -ParticipantNumber (3..6) -SessionNumber 2 -LabelFormat 'B{0:00}' -Scenario AcrossDatabases
        $b.Participant | Should -Be 'B03', 'B04', 'B05', 'B06'
        $a.TrueParticipant | Where-Object { $_ -in $b.TrueParticipant } | Should -HaveCount 2
    }

    It 'writes volumes that read back on the grid that was asked for' {
        $file = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 4, 4, 8 | Export-MriVolume -Path "$TestDrive/sim/" -Force -PassThru
        $volume = Import-MriVolume $file
        $volume.Spacing.ToString() | Should -Be '(4, 4, 8)'
        $volume.Participant | Should -Be 'sim0001'
    }

    It 'refuses what makes no sense' {
        { New-MriSimulatedCohort 1 -Noise 80 } | Should -Throw -ExpectedMessage '*between 0 and 50*'
        { New-MriSimulatedCohort 1 -Scenario Dream } | Should -Throw -ExpectedMessage '*AcrossDatabases*'
    }

    It 'shows a table' {
        New-MriSimulatedCohort 2 | Out-String -Width 160 | Should -Match 'Participant\s+Session\s+Scenario'
    }
}

Describe 'New-MriSimulatedScan' {
    It 'scans the person in a file again' {
        $head = Join-Path $TestDrive 'sub-01_ses-1_T1w.nii.gz'
        Copy-Item -Path (Join-Path $root 'src/MriLink.Core/Templates/colin27-head.nii.gz') -Destination $head
        $again = Get-Item $head | Import-MriVolume | New-MriSimulatedScan -Scenario Resolution -Seed 4 -SessionLabel later -RawHead
        $again.Name | Should -Be '01 ses-later'
        $again.Spacing.Z | Should -Be 3
        $again.ReadVoxels().Voxels.Count | Should -Be $again.Size.Count
    }

    It 'scans a simulated person again' {
        $scan = New-MriSimulatedCohort 1 -SessionCount 1
        ($scan | New-MriSimulatedScan -Seed 9).TrueParticipant | Should -Be $scan.TrueParticipant
    }
}
