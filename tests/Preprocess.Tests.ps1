#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Invoke-MriPreprocess as people use it, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Preprocess.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop

    # A real head: the template itself, as a user would have it on disk.
    $head = Join-Path $TestDrive 'sub-01_ses-1_T1w.nii.gz'
    Copy-Item -Path (Join-Path $root 'src/MriLink.Core/Templates/colin27-head.nii.gz') -Destination $head
    $mask = Join-Path $root 'src/MriLink.Core/Templates/colin27-mask.nii.gz'
}

Describe 'Invoke-MriPreprocess' {
    It 'takes a head from Get-ChildItem to a brain on the template''s grid' {
        $brain = Get-ChildItem -Path $TestDrive -Filter sub-01*.nii.gz | Import-MriVolume | Invoke-MriPreprocess
        $brain.Stage | Should -Be 'Preprocessed'
        $brain.Size.ToString() | Should -Be '91x109x91'
        $brain.Participant | Should -Be '01'
        $brain.Quality.TemplateOverlap | Should -BeGreaterThan 0.95
        $brain.BrainMask.VolumeMillilitres | Should -BeGreaterThan 1500
        $brain.Timings.Count | Should -BeGreaterThan 3
    }

    It 'shows a table with one line for each brain' {
        $text = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection | Out-String -Width 200
        $text | Should -Match 'Participant\s+Session'
        $text | Should -Match '01\s+1\s'
        $text | Should -Match 'Pass'
    }

    It 'takes a mask by name' {
        $brain = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection -Registration None -BrainMask $mask
        $brain.Quality.TemplateOverlap | Should -BeGreaterThan 0.98
    }

    It 'finds masks by a script block' {
        $brain = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection -Registration None -BrainMask { Import-MriVolume $mask }
        $brain.Quality.InputStripped | Should -BeTrue
    }

    It 'reports a scan that cannot be read and goes on' {
        $broken = Join-Path $TestDrive 'broken.nii.gz'
        $bytes = [System.IO.File]::ReadAllBytes($head)
        $bytes[$bytes.Length - 6] = $bytes[$bytes.Length - 6] -bxor 1
        [System.IO.File]::WriteAllBytes($broken, $bytes)

        $brains = Import-MriVolume $broken, $head |
            Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection -Registration None -BrainExtraction Never -WarningAction SilentlyContinue -ErrorAction SilentlyContinue -ErrorVariable problems

        $brains.Participant | Should -Be '01'
        $problems | Should -HaveCount 1
        $problems[0].Exception.Message | Should -BeLike '*broken.nii.gz*'
    }

    It 'stops at the first error when told to' {
        { Import-MriVolume $head | Invoke-MriPreprocess -BrainMask nowhere.nii -ErrorAction Stop } | Should -Throw -ExpectedMessage '*nowhere.nii*'
    }

    It 'runs in several runspaces at once' {
        $sizes = 1..3 | ForEach-Object -Parallel {
            Import-Module -Name (Join-Path $using:root 'out/MriLink/MriLink.psd1')
            $brain = Import-MriVolume $using:head | Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection -Registration None -BrainExtraction Never -WarningAction SilentlyContinue
            $brain.Size.ToString()
        }
        $sizes | Should -Be '23x28x23', '23x28x23', '23x28x23'
    }

    It 'becomes CSV and JSON of facts, without voxels' {
        $brain = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection -Registration None -BrainExtraction Never -WarningAction SilentlyContinue
        $row = $brain | ConvertTo-Csv | ConvertFrom-Csv
        $row.Participant | Should -Be '01'
        $row.Quality | Should -BeLike '*correlation*'
        $row.Timings | Should -BeLike 'read*'
        ($brain | ConvertTo-Json -Depth 5).Length | Should -BeLessThan 10000
    }

    It 'lays nothing but the brain of a stripped scan on the grid' {
        $stripped = Join-Path $TestDrive 'sub-02_T1w.nii.gz'
        Import-MriVolume $head | Invoke-MriPreprocess -Spacing 2 -SkipBiasCorrection -Registration None -Harmonization None -BrainMask $mask |
            Export-MriVolume -Path $stripped
        $quality = (Import-MriVolume $stripped | Invoke-MriPreprocess -Spacing 4).Quality
        $quality.InputStripped | Should -BeTrue
    }
}
