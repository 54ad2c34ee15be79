BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'New-MriSimulatedCohort' {
    It 'makes participants times sessions' {
        $scans = New-MriSimulatedCohort -ParticipantCount 3
        $scans | ForEach-Object { "$($_.Participant) $($_.Session)" } |
            Should -Be 'sim-0001 1', 'sim-0001 2', 'sim-0002 1', 'sim-0002 2', 'sim-0003 1', 'sim-0003 2'
        $scans[0].psobject.TypeNames | Should -Contain 'MriLink.Core.Simulation.SimulatedScan'
        $scans | Out-String -Width 160 | Should -Match 'Participant\s+Session\s+Scenario'
    }

    It 'makes two databases that share people under other labels' {
        $a = New-MriSimulatedCohort -ParticipantNumber (1..4) -SessionNumber 1 -LabelFormat 'A{0:00}'
        $other = @{ LabelFormat = 'B{0:000}'; SessionFormat = 'visit{0}'; Scenario = 'AcrossDatabases' }
        $b = New-MriSimulatedCohort -ParticipantNumber (3..6) -SessionNumber 2 @other
        $b.Name | Should -Be 'B003 ses-visit2', 'B004 ses-visit2', 'B005 ses-visit2', 'B006 ses-visit2'
        $a.TrueParticipant | Where-Object { $_ -in $b.TrueParticipant } | Should -Be 'sim1-0003', 'sim1-0004'
    }

    It 'sets conditions by a scenario, and knobs change them: <knob> <expected>' -ForEach @(
        @{ how = @{ Scenario = 'Interval' }; knob = 'Interval'; expected = 2 }
        @{ how = @{ Scenario = 'Decline'; Decline = 0.3 }; knob = 'Decline'; expected = 0.3 }
        @{ how = @{ Scenario = 'Protocol' }; knob = 'ContrastVariation'; expected = 0.8 }
        @{ how = @{ Scenario = 'Contrast' }; knob = 'Contrast'; expected = 'T2w' }
        @{ how = @{ Scenario = 'Contrast'; Contrast = 'PD' }; knob = 'Contrast'; expected = 'PD' }
        @{ how = @{ Contrast = 'flair'; FieldStrength = 1.5 }; knob = 'FieldStrength'; expected = 1.5 }
        @{ how = @{ Scenario = 'Scanner'; Noise = 7.5 }; knob = 'Noise'; expected = 7.5 }
        @{ how = @{ Gamma = 2; Gain = 3; BiasField = 60; GradientDistortion = 2 }; knob = 'BiasField'; expected = 60 }
        @{ how = @{ Stripped = $true }; knob = 'Stripped'; expected = $true }
        @{ how = @{ SliceThickness = 5; SliceProfile = 'Box' }; knob = 'SliceThickness'; expected = 5 }
        @{ how = @{ Rotation = 30; Translation = 40 }; knob = 'Rotation'; expected = 30 }
    ) {
        (New-MriSimulatedCohort 1 -SessionNumber 2 @how).Conditions.$knob | Should -Be $expected
    }

    It 'takes one spacing or three, and the grid that is written follows' {
        "$((New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 3).Spacing)" | Should -Be '(3, 3, 3)'
        $scan = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 4, 4, 8 -Orientation LPS
        $file = $scan | Export-MriVolume "$TestDrive/sim/" -Force -PassThru
        $volume = Import-MriVolume $file
        "$($volume.Spacing) $($volume.Orientation) $($volume.Participant)" | Should -Be '(4, 4, 8) LPS sim0001'
        { New-MriSimulatedCohort 1 -Spacing 2, 2 } | Should -Throw '*Spacing*'
    }

    It 'refuses what makes no sense: <_>' -ForEach @(
        'New-MriSimulatedCohort 0'
        'New-MriSimulatedCohort 1 -Rotation 100'
        'New-MriSimulatedCohort 1 -Orientation XYZ'
        'New-MriSimulatedCohort 1 -LabelFormat "B{0"'
        'New-MriSimulatedCohort 1 -Scenario Dream'
        'New-MriSimulatedCohort -ParticipantNumber 0'
        'New-MriSimulatedCohort 1 -Noise 80'
        'New-MriSimulatedCohort 1 -Contrast 0.5'
        'New-MriSimulatedCohort 1 -FieldStrength 7'
    ) {
        $outcome = Get-Outcome ([scriptblock]::Create($_))
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors | Should -HaveCount 1
    }

    It 'gives the same voxels for the same seed, and others for another' {
        $first, $again, $other = foreach ($seed in 5, 5, 6) {
            (New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 8 -Seed $seed).ReadVoxels().Voxels -join ' '
        }
        $again | Should -Be $first
        $other | Should -Not -Be $first
    }

    It 'scans in other contrasts, and says so in files'' names: <contrast>' -ForEach @(
        @{ contrast = 'T1w'; suffix = 'T1w' }
        @{ contrast = 'T2w'; suffix = 'T2w' }
        @{ contrast = 'FLAIR'; suffix = 'FLAIR' }
        @{ contrast = 'PD'; suffix = 'PDw' }
    ) {
        $scan = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 6 -Contrast $contrast
        "$($scan.Contrast) $($scan.Suffix)" | Should -Be "$contrast $suffix"
        $scan | Out-String -Width 160 | Should -Match "Contrast.*\n.*\n.*\b$contrast\b"
        ($scan | Export-MriVolume "$TestDrive/contrasts/" -Force -PassThru).Name | Should -Be "sub-sim0001_ses-1_$suffix.nii.gz"

        # Of the brain the ventricles are brightest in T2w, darkest in the others; the 1st and 99th percentile over the median tell.
        $work = $scan.GetType().Assembly.GetType('MriLink.Core.Basics.WorkOptions')::new(2, $none)
        $scan = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 4 -Contrast $contrast -Noise 0 -BiasField 0 -Stripped
        $brain = $scan.SimulateTruth($work).Head.Voxels.Where({ $_ -gt 0 }) | Sort-Object
        $dark = $brain[[int] ($brain.Count * 0.01)] / $brain[[int] ($brain.Count / 2)]
        $bright = $brain[[int] ($brain.Count * 0.99)] / $brain[[int] ($brain.Count / 2)]
        switch ($contrast) {
            'T1w' { $dark | Should -BeLessThan 0.6; $bright | Should -BeLessThan 1.5 }
            'T2w' { $dark | Should -BeGreaterThan 0.6; $bright | Should -BeGreaterThan 1.5 }
            'FLAIR' { $dark | Should -BeLessThan 0.3; $bright | Should -BeLessThan 1.3 }
            'PD' { $dark | Should -BeGreaterThan 0.8; $bright | Should -BeLessThan 1.2 }
        }
    }

    It 'gives the truth to who asks' {
        $scan = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 6 -Noise 0 -BiasField 0
        $work = $scan.GetType().Assembly.GetType('MriLink.Core.Basics.WorkOptions')::new(2, $none)
        $result = $scan.SimulateTruth($work)

        # People's brains, cerebrospinal fluid included.
        $result.BrainMask.VolumeMillilitres | Should -BeGreaterThan 1000
        $result.BrainMask.VolumeMillilitres | Should -BeLessThan 2500
        "$($result.Head.Size)" | Should -Be "$($scan.Size)"
        $result.Truth | Should -Not -BeNullOrEmpty
    }
}

Describe 'New-MriSimulatedScan' {
    BeforeAll {
        $folder = New-TestFolder
        $small = Get-SmallHead
        $bytes = New-Nifti $small.Size $small.Head (Get-HeadPose)
        $files = 'sub-05_ses-1_T1w.nii', 'sub-06_ses-1_T1w.nii' | ForEach-Object { New-TestFile $folder $_ $bytes }
    }

    It 'scans the person of any volume again' {
        $scans = Import-MriVolume $files | New-MriSimulatedScan -Scenario Resolution -RawHead -SessionLabel later -Seed 3
        $scans.Name | Should -Be '05 ses-later', '06 ses-later'
        $scans[0].Orientation | Should -Be 'LPS'
        $scans[0].Spacing.Z | Should -Be 3
        $scans[0].Seed | Should -Not -Be $scans[1].Seed
        $scans[0].ReadVoxels().Voxels.Count | Should -Be $scans[0].Size.Count
    }

    It 'keeps the person of a simulated scan' {
        $scan = New-MriSimulatedCohort 1 -SessionCount 1
        $again = $scan | New-MriSimulatedScan -SessionLabel b
        "$($again.Name) $($again.TrueParticipant)" | Should -Be "sim-0001 ses-b $($scan.TrueParticipant)"
    }

    It 'scans a simulated participant in another contrast, and refuses it of any other volume by name' {
        $scan = New-MriSimulatedCohort 1 -SessionCount 1
        $outcome = Get-Outcome { $scan, (Import-MriVolume $files[0]), $scan | New-MriSimulatedScan -Contrast FLAIR -SessionLabel b }
        $outcome.Output.Contrast | Should -Be 'FLAIR', 'FLAIR'
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'TissuesNotKnown,*'
        $outcome.Errors[0].Exception.Message.Contains($files[0]) | Should -BeTrue
        $again = Import-MriVolume $files[0] | New-MriSimulatedScan -RawHead
        $again.Contrast | Should -BeNullOrEmpty
    }

    It 'gives simulated participants lesions, and refuses them of any other volume by name' {
        $scan = New-MriSimulatedCohort 1 -SessionCount 1 -LesionLoad 12 -Contrast FLAIR -Spacing 6
        "$($scan.Conditions)" | Should -BeLike '*lesions of 12 ml*'
        $outcome = Get-Outcome { $scan, (Import-MriVolume $files[0]) | New-MriSimulatedScan -LesionLoad 20 -SessionLabel b }
        $outcome.Output.Conditions.LesionLoad | Should -Be 20
        ($scan | New-MriSimulatedScan -SessionLabel c).Conditions.LesionLoad | Should -Be 12
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message.Contains($files[0]) | Should -BeTrue
        { New-MriSimulatedCohort 1 -LesionLoad 100 } | Should -Throw '*LesionLoad must lie between 0 and 60*'
    }

    It 'keeps the contrast that the name of a volume says' {
        $flair = New-TestFile $folder 'sub-07_FLAIR.nii' $bytes
        $again = Import-MriVolume $flair | New-MriSimulatedScan -RawHead -Spacing 6 | New-MriSimulatedScan -SessionLabel c
        ($again | Export-MriVolume "$TestDrive/named/" -Force -PassThru).Name | Should -Be 'sub-07_ses-c_FLAIR.nii.gz'
    }

    It 'of a damaged file is an error when it is read, and the rest goes on' {
        $nan = New-TestFile $folder 'nan.nii' (New-NaNNifti)
        $scans = Import-MriVolume $nan, $files[0] | New-MriSimulatedScan -RawHead -Spacing 6
        $outcome = Get-Outcome { $scans | Invoke-MriPreprocess -Spacing 8 -Registration None -BrainExtraction Never -SkipBiasCorrection }
        $outcome.Output.Participant | Should -Be '05'
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message.Contains($nan) | Should -BeTrue
    }
}
