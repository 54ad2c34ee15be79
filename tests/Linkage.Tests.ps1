BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Twelve people with two scans each, in two folders: a person's own random voxels and, half as strong, the scan's.
    $folder = New-TestFolder
    foreach ($session in 1, 2) {
        foreach ($person in 0..11) {
            $own = [Random]::new(100 + $person)
            $scan = [Random]::new(1000 * $session + $person)
            $voxels = [byte[]]::new(1728)
            for ($i = 0; $i -lt 1728; $i++) { $voxels[$i] = [Math]::Floor(50 + 100 * $own.NextDouble() + 50 * $scan.NextDouble()) }
            $null = New-TestFile $folder "$session/sub-${person}_ses-${session}_T1w.nii" (New-Nifti (12, 12, 12) $voxels)
        }
    }

    $a = Import-MriVolume "$folder/1" -Recurse
    $b = Import-MriVolume "$folder/2" -Recurse
}

Describe 'How a link is decided' {
    It 'is said with each match, and how probable it is' {
        $found = $b | Find-MriMatch -Gallery $a
        $found | Should -HaveCount 12
        foreach ($match in $found) {
            $match.IsMatch | Should -BeTrue
            $match.Probability | Should -BeGreaterThan 0.9
            $match.DecidingRule | Should -BeLike 'ImpostorTail: false discovery rate 0.01*'
        }

        ($b | Find-MriMatch -Gallery $a -FalseMatchRate 0.001).DecidingRule | Should -BeLike 'FalseMatchRate: 0.001 by the impostor tail*'
        foreach ($match in $b | Find-MriMatch -Gallery $a -CohortNormalization SNorm -OneToOne) {
            $match.IsMatch | Should -BeTrue
            $match.NormalizedScore | Should -BeGreaterThan 3
            $match.DecidingRule | Should -BeLike '*, one to one'
        }
    }

    It 'may be a number: <_>' -ForEach 0.5, '0.5', ([decimal] 0.5), ([single] 0.5) {
        $found = $b | Find-MriMatch -Gallery $a -Threshold $_ -Top 2
        $found | Should -HaveCount 24
        $found | Where-Object IsMatch | Should -HaveCount 12
        $found.DecidingRule | Sort-Object -Unique | Should -Be 'Threshold: LocalNCC >= 0.5'
    }

    It 'is told of where it seems to be a number of NCC, the default of old' {
        "$((Get-Outcome { $b | Find-MriMatch -Gallery $a -Threshold 0.8 }).Warnings)" | Should -BeLike '*say -Metric NCC*'
        foreach ($metric in 'NCC', 'LocalNCC') {
            (Get-Outcome { $b | Find-MriMatch -Gallery $a -Threshold 0.8 -Metric $metric }).Warnings | Should -BeNullOrEmpty
        }
    }

    It 'may be what known pairs gave' {
        $threshold = $b | Measure-MriSimilarity $a | Get-MriLinkageThreshold -Prior 0.05 -WarningAction SilentlyContinue
        $found = $b | Find-MriMatch -Gallery $a -Threshold $threshold -Top 2
        $found | Where-Object IsMatch | Should -HaveCount 12
        foreach ($match in $found) {
            $match.DecidingRule | Should -BeLike '*GapMidpoint, prior 0.05*'
            $match.Probability -ge 0.5 | Should -Be $match.IsMatch
        }

        { $b | Find-MriMatch -Gallery $a -Metric MI -Threshold $threshold } | Should -Throw '*one of LocalNCC*'
    }

    It 'is one rule of them, and repeats are told of' {
        { $b | Find-MriMatch -Gallery $a -Threshold 0.5 -FalseDiscoveryRate 0.05 } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        $twice = Get-Outcome { $b | Find-MriMatch -Gallery ($a + $b) -OneToOne }
        "$($twice.Warnings)" | Should -BeLike '*several scans of 0, 1, 2, 3, 4, …*'
        { $b | Find-MriMatch -Gallery $a[0..3] -CohortNormalization TNorm } | Should -Throw '*at least 10 gallery scans*'
    }

    It 'leaves scans out by name whose preprocessing failed, unless asked' {
        # A quality record of nothing but zeros is that of no brain at all.
        $failed = foreach ($person in 0, 1) {
            $path = New-BrainFile $folder "failed/sub-${person}_ses-2_desc-preproc_T1w.nii" $person
            $sidecar = [IO.Path]::ChangeExtension($path, '.json')
            $json = Get-Content -Raw $sidecar | ConvertFrom-Json -AsHashtable
            $json.MriLink.Quality = @{ TemplateCorrelation = 0; TemplateOverlap = 0; BrainMillilitres = 0; ScaleX = 0; ScaleY = 0; ScaleZ = 0
                SignalToNoise = 0; Coverage = 0 }
            $json | ConvertTo-Json -Depth 5 | Set-Content $sidecar
            $path
        }
        $good = 2..5 | ForEach-Object { New-BrainFile $folder "good/sub-${_}_ses-2_desc-preproc_T1w.nii" $_ }
        $probes = Import-MriVolume (@($failed) + $good)
        $held = 0..5 | ForEach-Object { New-BrainFile $folder "held/sub-${_}_ses-1_desc-preproc_T1w.nii" (50 + $_) $_ 0.8 } | Import-MriVolume
        $outcome = Get-Outcome { $probes | Find-MriMatch -Gallery $held -Threshold 0.5 }
        $outcome.Output | Should -HaveCount 4
        $outcome.Warnings | ForEach-Object { $_.Message -replace ' is left out.*' } | Should -Be '0 ses-2', '1 ses-2'
        $all = Get-Outcome { $probes | Find-MriMatch -Gallery $held -Threshold 0.5 -IncludeFailed }
        $all.Output | Should -HaveCount 6
        $all.Warnings | Should -BeNullOrEmpty
    }
}

Describe 'Get-MriLinkageThreshold' {
    It 'takes arrays of scores, and warns of a gap' {
        $outcome = Get-Outcome { Get-MriLinkageThreshold -Genuine 0.9, 0.95, 0.92 -Impostor 0.4, 0.5, 0.45, 0.6 -Metric ncc -Bandwidth Silverman }
        [Math]::Abs($outcome.Output[0].Threshold - 0.75) | Should -BeLessThan 1e-9
        "$($outcome.Warnings)" | Should -BeLike '*do not overlap*'
    }

    It 'tells what is too little, and what is no score' {
        { Get-MriLinkageThreshold -Genuine 1, 2 -Impostor 0, 0.1, 0.2 } | Should -Throw '*at least 3*'
        $problem = (Get-Outcome { Get-MriLinkageThreshold -Genuine 1, 2 -Impostor 0, 0.1, 0.2 }).Errors[0]
        "$problem" | Should -BeExactly 'There are 2 genuine scores (pairs of one label); a threshold needs at least 3.'
        { 'x' | Get-MriLinkageThreshold } | Should -Throw '*neither a match*'
    }
}

Describe 'Measure-MriLinkage' {
    It 'evaluates every measure where participants are known' {
        $results = $b | Measure-MriSimilarity $a -Metric NCC, MSE | Measure-MriLinkage -Replicate 100
        $results.Metric | Should -Be 'NCC', 'MSE'
        foreach ($result in $results) {
            $result.Participants, $result.GenuinePairs, $result.ImpostorPairs | Should -Be 12, 12, 132
            $result.Auc.Value | Should -Be 1
            "$($result.Rank1)" | Should -BeLike '1 `[*'
            "$($result.Eer)" | Should -BeLike '0 `[0, *'
            $result.TarAtFar1e3 | Should -BeNullOrEmpty
        }

        # All pairs at once and pair by pair differ in the last digits of a float.
        $matches = $b | Find-MriMatch -Gallery $a -Top 12 -Metric NCC | Measure-MriLinkage -Replicate 100
        "$($matches.DPrime)".Substring(0, 5) | Should -Be "$($results[0].DPrime)".Substring(0, 5)
    }

    It 'refuses lists that were cut off' {
        { $b | Find-MriMatch -Gallery $a -Top 3 | Measure-MriLinkage } | Should -Throw '*cut off*'
    }

    It 'brings labels together by a script that differ between databases' {
        $c = Import-MriVolume "$folder/2" -Recurse -Participant { 'B' + ($_.Name -replace '\D+(\d+).*', '$1') }
        ($c | Measure-MriSimilarity $a | Measure-MriLinkage -Participant { $_.Participant.TrimStart('B') } -Replicate 100).GenuinePairs |
            Should -Be 12
        { $c | Measure-MriSimilarity $a | Measure-MriLinkage } | Should -Throw '*both kinds*'
    }
}

Describe 'Test-MriLabel' {
    It 'has nothing to say of right labels' {
        $a + $b | Test-MriLabel | Should -BeNullOrEmpty
    }

    It 'finds labels that were swapped' {
        $c = Import-MriVolume "$folder/2" -Recurse -Participant { @{ '3' = '4'; '4' = '3' }[($n = $_.Name -replace '\D+(\d+).*', '$1')] ?? $n }
        $findings = $a + $c | Test-MriLabel
        $findings | ForEach-Object { "$($_.Problem)" } | Sort-Object |
            Should -Be 'OneLabelTwoPeople', 'OneLabelTwoPeople', 'TwoLabelsOnePerson', 'TwoLabelsOnePerson'
        $findings.FirstParticipant | Should -BeIn '3', '4'
    }

    It 'decides few scans by a threshold, a number or one from a file, and says that nothing else decides' {
        $few = @($a[0..1]) + $b[0] + (Import-MriVolume $b[1].Path -Participant '0')
        { $few | Test-MriLabel } | Should -Throw '*How strangers score cannot be told*'
        [pscustomobject] @{ Threshold = 0.5 } | Export-Csv "$TestDrive/t.csv"
        foreach ($threshold in 0.5, '0.5', (Import-Csv "$TestDrive/t.csv")) {
            $outcome = Get-Outcome { $few | Test-MriLabel -Threshold $threshold }
            $outcome.Output | ForEach-Object { "$($_.Problem) $($_.First) $($_.Second) $($_.PValue)" } | Sort-Object |
                Should -Be 'OneLabelTwoPeople 0 ses-1 0 ses-2 NaN', 'OneLabelTwoPeople 0 ses-2 0 ses-2 NaN', 'TwoLabelsOnePerson 1 ses-1 0 ses-2 NaN'
            $outcome.Warnings | Should -BeLike '*The threshold alone decides*'
        }

        $outcome.Output | Where-Object PValue -LT 0.01 | Should -BeNullOrEmpty
        $ofMI = $a + $b | Measure-MriSimilarity $a -Metric MI | Get-MriLinkageThreshold -WarningAction SilentlyContinue
        { $few | Test-MriLabel -Threshold $ofMI -Metric NCC } | Should -Throw '*one of MI*'
    }

    It 'warns where Find-MriMatch warns: failed scans, pairs without a score, and nothing to compare' {
        $brain = New-BrainFile $folder 'label/sub-0_desc-preproc_T1w.nii' 1
        $sidecar = [IO.Path]::ChangeExtension($brain, '.json')
        (Get-Content -Raw $sidecar).Replace('"TemplateOverlap": 0.95', '"TemplateOverlap": 0.1') | Set-Content $sidecar
        $outcome = Get-Outcome { Import-MriVolume $brain | Test-MriLabel }
        $outcome.Warnings.Message | ForEach-Object { $_ -replace ', its.*|: nothing.*' } |
            Should -Be '0 ses- is left out'.Replace(' ses-', ''), '0 scans can be compared'

        # One half of the cube and the other have no voxel in common.
        $halves = foreach ($half in 0, 1) {
            $voxels = [byte[]]::new(1728)
            for ($i = 0; $i -lt 864; $i++) { $voxels[864 * $half + $i] = 1 + $i % 250 }
            Import-MriVolume (New-TestFile $folder "half/sub-$half.nii" (New-Nifti (12, 12, 12) $voxels))
        }
        $found = Get-Outcome { $halves[0] | Find-MriMatch $halves[1] -Threshold 0.5 }
        $labels = Get-Outcome { $halves | Test-MriLabel -Threshold 0.5 }
        foreach ($outcome in $found, $labels) { "$($outcome.Warnings)" | Should -BeLike '*pairs have no LocalNCC score*' }
    }
}
