BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Three people, stripped and coarse to save time, and the gallery preprocessed once.
    $conditions = @{ Spacing = 6; Stripped = $true; Rotation = 2; Translation = 2; LabelFormat = 'P{0}' }
    $a = New-MriSimulatedCohort -ParticipantNumber (1..3) -SessionNumber 1 @conditions
    $b = New-MriSimulatedCohort -ParticipantNumber (1..3) -SessionNumber 2 @conditions
    $held = $a | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection
    $how = @{ SkipBiasCorrection = $true; Threshold = 0.6 }
}

Describe 'Test-MriMitigation' {
    It 'gives rows that say who still links and what it costs, and warns of what changes nothing' {
        $outcome = Get-Outcome { $b | Test-MriMitigation $a -Mitigation Quantize, deface -Strength @{ quantize = 6, 1 } -Spacing 4 @how }
        $outcome.Errors | Should -BeNullOrEmpty
        $rows = $outcome.Output
        $rows | ForEach-Object { "$($_.Mitigation) $($_.Setting)" } | Should -Be 'None ', 'Quantize 6 bit', 'Quantize 1 bit'
        $rows | ForEach-Object { "$($_.Probes) $($_.GalleryScans) $($_.MatedProbes)" } | Should -Be '3 3 3', '3 3 3', '3 3 3'
        $rows[0..1].TrueLinks | Should -Be 3, 3
        foreach ($fact in 'Ssim', 'Psnr', 'GenuineScore') { $rows[1].$fact | Should -BeGreaterThan $rows[2].$fact }
        $outcome.Warnings | Should -HaveCount 3
        $outcome.Warnings.Message | Should -BeLike '*stripped already*'

        $rows | Out-String -Width 160 | Should -Match 'Mitigation\s+Setting\s+Adapted\s+Linked\s+FalseLinks\s+Rank1\s+Ssim\s+Failed'
        $rows | Select-Object Mitigation, Strength, TrueLinks, Ssim | Export-Csv "$TestDrive/rows.csv"
        Import-Csv "$TestDrive/rows.csv" | Should -HaveCount 3
    }

    It 'shows links that fall with the strength' {
        $rows = $b | Test-MriMitigation $held -Mitigation Smooth -Strength 50 @how
        $rows.Mitigation | Should -Be 'None', 'Smooth'
        $rows[0].TrueLinks | Should -Be 3
        $rows[1].TrueLinks | Should -BeLessThan 3
    }

    It 'takes a preprocessed gallery, brings labels together by a script, and gives one error for each bad scan' {
        $bad = New-TestFile (New-TestFolder) 'bad.nii' (New-Nifti (9, 9, 9) (@([byte] 7) * 729))
        $conditions.LabelFormat = 'Q{0}'
        $c = New-MriSimulatedCohort -ParticipantNumber (2..3) -SessionNumber 2 @conditions
        $scans = @($c) + (Import-MriVolume $bad) + $held[0]
        $outcome = Get-Outcome {
            $scans | Test-MriMitigation $held -Mitigation Quantize -Strength 6 -Participant { $_.Participant.Substring(1) } @how
        }
        $outcome.Errors | ForEach-Object { ($_.FullyQualifiedErrorId -split ',')[0] } | Should -Be 'NotRaw', 'VolumeUnusable'
        $outcome.Errors[1].Exception.Message.Contains($bad) | Should -BeTrue
        $outcome.Output.TrueLinks | Should -Be 2, 2
        $outcome.Warnings | Should -BeNullOrEmpty
    }

    It 'warns once of a gallery that was preprocessed otherwise, and names what differs' {
        $mixed = @($held[0]) + ($a[1..2] | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection -Harmonization None)
        $outcome = Get-Outcome { $b[1] | Test-MriMitigation $mixed -Mitigation Quantize -Strength 6 @how }
        $outcome.Output | Should -HaveCount 2
        $outcome.Warnings | Should -HaveCount 1
        $outcome.Warnings[0].Message | Should -BeLike '*2 of 3 preprocessed gallery scans*: Harmonization None, not ZScore.*'
    }

    It 'ends before anything runs when something makes no sense: <message>' -ForEach @(
        @{ message = 'hashtable'; wrong = @{ Strength = 2 } }
        @{ message = 'no numbers for'; wrong = @{ Mitigation = 'Smooth'; Strength = @{ Smooth = $null } } }
        @{ message = 'Smooth takes'; wrong = @{ Mitigation = 'Smooth'; Strength = 900 } }
        @{ message = "'Noise'"; wrong = @{ Mitigation = 'Smooth'; Strength = @{ Noise = 2 } } }
        @{ message = 'Quantize'; wrong = @{ Mitigation = 'Pixelate' } }
    ) {
        { $b | Test-MriMitigation $held @wrong } | Should -Throw "*$message*"
    }
}
