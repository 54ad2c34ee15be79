BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Steps that cost time and that most of these tests are not about are left out; a head that is laid on the grid whole then fails as a brain.
    $quick = @{ Spacing = 8; SkipBiasCorrection = $true; Registration = 'None'; BrainExtraction = 'Never'; WarningAction = 'SilentlyContinue' }
    $small = Get-SmallHead
    $folder = New-TestFolder
    $head = New-TestFile $folder 'head.nii' (New-Nifti $small.Size $small.Head (Get-HeadPose))
    $mask = New-TestFile $folder 'mask.nii' (New-Nifti $small.Size $small.Brain (Get-HeadPose))
}

Describe 'Invoke-MriPreprocess' {
    It 'takes a head to a brain on the template''s grid, with all that a user may ask about' {
        $path = New-TestFile $folder 'sub-01_ses-2_T1w.nii' (New-Nifti $small.Size $small.Head (Get-HeadPose 10 15))
        $brain = Get-ChildItem $path | Import-MriVolume | Invoke-MriPreprocess
        $brain.psobject.TypeNames | Should -Contain 'MriLink.Core.Preprocessing.PreprocessedVolume'
        $brain.Participant, $brain.Session, $brain.Path | Should -Be '01', '2', $path
        "$($brain.Size) $($brain.Spacing) $($brain.Orientation) $($brain.Stage) $($brain.Template)" |
            Should -Be '91x109x91 (2, 2, 2) RAS Preprocessed Colin27'

        # Colin27's own brain has 1.76 litres of mask; voxels of 4 mm blur its edge by a few per cent.
        $brain.BrainMask.VolumeMillilitres | Should -BeGreaterThan 1500
        $brain.BrainMask.VolumeMillilitres | Should -BeLessThan 2000
        $brain.QualityRecord.TemplateOverlap | Should -BeGreaterThan 0.9
        $brain.QualityRecord.TemplateCorrelation | Should -BeGreaterThan 0.8
        $brain.Timings.Count | Should -BeGreaterThan 4

        # The turn about the vertical, and the shift, come back in the transform from the template to the scan.
        $map = "$($brain.TemplateToScan)" -split '[ ;]+' | Where-Object { $_ } | ForEach-Object { [double] $_ }
        [Math]::Abs([Math]::Atan2($map[4], $map[0]) * 180 / [Math]::PI - 10) | Should -BeLessThan 1
        [Math]::Abs($map[11] - 15) | Should -BeLessThan 3
        $brain | Out-String -Width 200 | Should -Match '01\s+2\s.*Pass'
    }

    It 'keeps the order of the input with <_> workers' -ForEach 1, 3 {
        # Every third file is large, so that workers would overtake each other.
        $order = New-TestFolder
        $paths = 0..8 | ForEach-Object { New-TestFile $order "$_.nii" (New-Nifti (@($_ % 3 ? 6 : 100) * 3)) }
        (Import-MriVolume $paths | Invoke-MriPreprocess @quick -Harmonization None -ThrottleLimit $_).Participant | Should -Be (0..8)
    }

    It 'gives one error that names it for every bad scan, and the others come out' {
        $place = New-TestFolder
        $packed = ConvertTo-Gzip (New-Nifti (30, 30, 30))
        $packed[-5] = $packed[-5] -bxor 1
        $bad = @(
            New-TestFile $place 'checksum.nii.gz' $packed
            New-TestFile $place 'nan.nii' (New-NaNNifti)
            New-TestFile $place 'constant.nii' (New-Nifti (9, 9, 9) (@([byte] 7) * 729))
            New-TestFile $place 'gone.nii'
        )
        $scans = Import-MriVolume (@(New-PersonFile $place 1 1 'first.nii') + $bad + (New-PersonFile $place 2 1 'last.nii'))
        Remove-Item $bad[3]
        $outcome = Get-Outcome { $scans | Invoke-MriPreprocess @quick }
        $outcome.Output.Participant | Should -Be 'first', 'last'
        $outcome.Errors.TargetObject | Should -Be $bad
        foreach ($problem in $outcome.Errors) {
            $problem.Exception.Message.Contains($problem.TargetObject) | Should -BeTrue
            $problem.CategoryInfo.Category | Should -Be 'InvalidData'
        }

        $outcome.Errors[2].Exception.Message | Should -BeLike '*same intensity*'
        { $scans | Invoke-MriPreprocess @quick -ErrorAction Stop } | Should -Throw
    }

    It 'knows a stripped brain for one and does not strip it again' {
        $path = New-TestFile $folder 'stripped.nii' (New-Nifti $small.Size $small.Stripped (Get-HeadPose))
        $quality = (Import-MriVolume $path | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection).QualityRecord
        $quality.InputStripped | Should -BeTrue

        # All of the brain that was there: 1.76 l at 1 mm.
        $quality.BrainMillilitres | Should -BeGreaterThan 1500
        $quality.BrainMillilitres | Should -BeLessThan 2000
    }

    It 'takes a mask as <way>' -ForEach @(
        @{ way = 'a path'; value = { $mask } }
        @{ way = 'a volume'; value = { Import-MriVolume $mask } }
        @{ way = 'a file'; value = { Get-Item $mask } }
        @{ way = 'a script block'; value = { { $_.Path.Replace('head', 'mask') } } }
        @{ way = 'a script block that imports'; value = { { Import-MriVolume $mask } } }
    ) {
        # On the mask's own grid nothing is lost, so that its voxels are counted exactly.
        $brain = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection -Registration None -BrainMask (& $value)
        $brain.BrainMask.Count | Should -Be $small.Inside.Count
    }

    It 'gives an error for a mask that is not there' {
        { Import-MriVolume $head | Invoke-MriPreprocess -BrainMask nowhere.nii } | Should -Throw '*nowhere.nii*'
    }

    It 'takes another template, which sets the grid, and ends at a bad one' {
        $brain = Import-MriVolume $head | Invoke-MriPreprocess -Template $head -TemplateMask $mask -Spacing 8
        "$($brain.Size) $($brain.Template)" | Should -Be '23x28x23 head'
        { Import-MriVolume $head | Invoke-MriPreprocess -Template nowhere.nii } | Should -Throw '*nowhere.nii*'
    }

    It 'leaves nothing outside the brain with the harmonisation <_>' -ForEach 'ZScore', 'HistogramMatch', 'Nyul', 'None' {
        $brain = Import-MriVolume $head | Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection -Registration None -BrainMask $mask -Harmonization $_
        $voxels = $brain.ReadVoxels().Voxels
        $inside = $brain.BrainMask.ToVolume().Voxels
        $values = for ($i = 0; $i -lt $voxels.Length; $i++) {
            if ($inside[$i] -gt 0) { $voxels[$i] } elseif ($voxels[$i] -ne 0) { throw "Voxel $i is $($voxels[$i]) outside the brain." }
        }
        if ($_ -eq 'ZScore') {
            # The mean is 0 and the deviation 1 by definition; floats and clipped tails leave a little.
            $facts = $values | Measure-Object -Average -StandardDeviation
            [Math]::Abs($facts.Average) | Should -BeLessThan 0.01
            [Math]::Abs($facts.StandardDeviation - 1) | Should -BeLessThan 0.05
        }
    }

    It 'refuses <name> <value> before anything runs' -ForEach @(
        @{ name = 'Spacing'; value = 0.1 }
        @{ name = 'ThrottleLimit'; value = 0 }
        @{ name = 'Harmonization'; value = 'Sharpest' }
        @{ name = 'BrainExtraction'; value = 'Maybe' }
        @{ name = 'Registration'; value = 'Nonlinear' }
    ) {
        $wrong = @{ $name = $value }
        $problem = { Import-MriVolume $head | Invoke-MriPreprocess @wrong } | Should -Throw -PassThru
        $problem.Exception | Should -BeOfType [System.Management.Automation.ParameterBindingException]
    }

    It 'refuses the share <_>' -ForEach '3/2', '0/2', 'half' {
        { Import-MriVolume $head | Invoke-MriPreprocess -Shard $_ } | Should -Throw '*is no share*'
    }

    It 'takes every n-th scan with -Shard' {
        $scans = 1..5 | ForEach-Object { New-PersonFile $folder $_ 7 } | Import-MriVolume
        ($scans | Invoke-MriPreprocess @quick -Shard 2/3).Participant | Should -Be '02', '05'
    }

    It 'runs in several runspaces at once' {
        $sizes = 1..3 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            $how = $using:quick
            (Import-MriVolume $using:head | Invoke-MriPreprocess @how).Size.ToString()
        }
        $sizes | Should -Be '23x28x23', '23x28x23', '23x28x23'
    }

    It 'becomes CSV and JSON of facts, without voxels' {
        $brain = Import-MriVolume $head -Participant head | Invoke-MriPreprocess @quick
        $row = $brain | ConvertTo-Csv | ConvertFrom-Csv
        $row.Participant | Should -Be 'head'
        $row.Quality | Should -Be 'Fail'
        $row.Reasons | Should -Not -BeNullOrEmpty
        $row.QualityRecord | Should -BeLike '*correlation*'
        $row.Timings | Should -BeLike 'read*'

        # Some hundred facts of a line each; the voxels would be megabytes.
        ($brain | ConvertTo-Json -Depth 5).Length | Should -BeLessThan 20000
    }
}
