BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Six people, T1w at the first visit and another contrast at the second. Stripped and coarse, which saves time.
    $folder = New-TestFolder
    $how = @{ Spacing = 3; Stripped = $true }
    New-MriSimulatedCohort -ParticipantNumber (1..6) -SessionNumber 1 @how | Export-MriVolume "$folder/t1/" -Force
    New-MriSimulatedCohort -ParticipantNumber 3 -SessionNumber 2 -Contrast FLAIR @how | Export-MriVolume "$folder/flair/" -Force
    New-MriSimulatedCohort -ParticipantNumber 5 -SessionNumber 2 -Contrast T2w @how | Export-MriVolume "$folder/t2/" -Force
    $t1 = Import-MriVolume "$folder/t1" -Recurse | Invoke-MriPreprocess -Spacing 3
    $flair = Import-MriVolume "$folder/flair" -Recurse -Suffix FLAIR | Invoke-MriPreprocess -Spacing 3 -Contrast FLAIR
    $t2 = Import-MriVolume "$folder/t2" -Recurse -Suffix T2w | Invoke-MriPreprocess -Spacing 3
}

Describe 'Invoke-MriPreprocess -Contrast' {
    It 'takes a scan for what it is said to be, or named' {
        $t1.Contrast | Sort-Object -Unique | Should -Be 'T1w'
        "$($flair.Contrast) $($flair.QualityRecord.ContrastFrom)" | Should -Be 'FLAIR Given'
        "$($t2.Contrast) $($t2.QualityRecord.ContrastFrom)" | Should -Be 'T2w Name'
        $flair.Quality | Should -Be 'Pass'
        $t2.Quality | Should -Be 'Review'
        $t2.Reasons | Should -BeLike '*is T2w by its name, not T1w; -Contrast T2w takes it as such*'
        $flair.Name | Should -Be 'sim0003 ses-2 FLAIR'
    }

    It 'offers what there is, and its help says what Auto does' {
        (Get-Completion 'Invoke-MriPreprocess -Contrast ').CompletionText | Should -Be 'Auto', 'T1w', 'T2w', 'FLAIR', 'PD'
        (Get-Completion 'Invoke-MriPreprocess -Contrast fl').CompletionText | Should -Be 'FLAIR'
        { $t1[0] | Invoke-MriPreprocess -Contrast SWI } | Should -Throw '*Contrast*'
        (Get-Help Invoke-MriPreprocess -Parameter Contrast | Out-String) | Should -Match 'suffix'
    }
}

Describe 'Find-MriMatch across contrasts' {
    It 'finds a FLAIR''s person among T1w scans by edges' {
        $found = $flair | Find-MriMatch $t1
        "$($found.Probe) is $($found.Gallery)" | Should -Be 'sim0003 ses-2 FLAIR is sim0003 ses-1'
        "$($found.Metric) $($found.IsMatch) $($found.ProbeContrast) $($found.GalleryContrast)" | Should -Be 'NGF True FLAIR T1w'
        $found.Score | Should -BeGreaterThan 0.3
        $found.Margin | Should -BeGreaterThan 0.2
    }

    It 'ranks each kind of pair by itself, and notes say which' {
        $found = @($flair, $t2, $t1[0]) | Find-MriMatch (@($t1[1..5]) + $t2) -WarningVariable warnings -WarningAction SilentlyContinue
        $found | Where-Object { $_.ProbeContrast -eq $_.GalleryContrast } | ForEach-Object Metric | Sort-Object -Unique | Should -Be 'LocalNCC'
        $found | Where-Object { $_.ProbeContrast -ne $_.GalleryContrast } | ForEach-Object Metric | Sort-Object -Unique | Should -Be 'NGF'

        # A probe has a best in each contrast of the gallery, in the order of probes; a scan has no pair with itself.
        $found | ForEach-Object { "$($_.Probe): $($_.GalleryContrast)" } | Should -Be @(
            'sim0003 ses-2 FLAIR: T1w', 'sim0003 ses-2 FLAIR: T2w', 'sim0005 ses-2 T2w: T1w', 'sim0001 ses-1: T1w', 'sim0001 ses-1: T2w')
        $found | Where-Object IsMatch | ForEach-Object { "$($_.Probe) is $($_.Gallery)" } | Should -Be @(
            'sim0003 ses-2 FLAIR is sim0003 ses-1', 'sim0005 ses-2 T2w is sim0005 ses-1')
        $warnings | Where-Object { "$_" -like 'FLAIR with T2w scans: *' -or "$_" -like '*NaN*' } | Should -Not -BeNullOrEmpty
    }

    It 'does not judge edges by a threshold of correlation, and says so' {
        $found = $flair | Find-MriMatch $t1 -Threshold 0.45 -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*FLAIR with T1w scans: they are compared by NGF*'
        $found.DecidingRule | Should -BeLike 'ImpostorTail*'

        # One that is NGF's own is obeyed.
        $found = $flair | Find-MriMatch $t1 -Metric NGF -Threshold 0.9 -WarningVariable none
        $found.IsMatch | Should -BeFalse
        $found.DecidingRule | Should -BeLike 'Threshold: NGF >= 0.9*'
        $none | Should -BeNullOrEmpty
    }
}

Describe 'Kinds of pair that are not mixed' {
    It 'gives a threshold and an evaluation for each kind, which say of which' {
        $pairs = @($flair) + $t2 | Find-MriMatch $t1 -Top 10 -WarningAction SilentlyContinue
        $pairs | Measure-MriLinkage -Replicate 100 | ForEach-Object { "$($_.Metric) $($_.Contrasts)" } | Sort-Object |
            Should -Be 'NGF FLAIR-T1w', 'NGF T2w-T1w'

        # Three pairs of one person and eight of strangers are enough for a threshold. It is one of its kind, and decides about no other.
        $rows = 1..3 | ForEach-Object { [pscustomobject] @{
                ProbeParticipant = "p$_"; ProbeContrast = 'FLAIR'; GalleryParticipant = "p$_"; GalleryContrast = 'T1w'; GalleryPath = "g$_"
                Metric = 'NGF'; Score = 0.5 } }
        $rows += 1..8 | ForEach-Object { [pscustomobject] @{
                ProbeParticipant = "p$_"; ProbeContrast = 'FLAIR'; GalleryParticipant = 'other'; GalleryContrast = 'T1w'; GalleryPath = "o$_"
                Metric = 'NGF'; Score = 0.01 * $_ } }
        $threshold = $rows | Get-MriLinkageThreshold -WarningAction SilentlyContinue
        $threshold.Contrasts | Should -Be 'T1w-FLAIR'
        $found = $t1[0] | Find-MriMatch $t1 -Threshold $threshold -WarningVariable warnings -WarningAction SilentlyContinue
        $found.Metric | Should -Be 'LocalNCC'
        "$warnings" | Should -BeLike '*the threshold, one of T1w-FLAIR pairs, says nothing*'
    }

    It 'warns where -Metric compares two contrasts by a measure of one' {
        $null = $flair | Find-MriMatch $t1 -Metric LocalNCC -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*FLAIR with T1w scans: LocalNCC says little of two contrasts*'
    }
}

Describe 'Contrasts that are kept' {
    It 'come back from a gallery, and are found there' {
        $gallery = New-MriGallery "$TestDrive/contrasts.mrg"
        @($t1) + $flair | Add-MriGalleryVolume $gallery
        (Get-MriGalleryVolume $gallery).Contrast | Group-Object | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Count)" } |
            Should -Be 'FLAIR 1', 'T1w 6'
        $back = Get-MriGalleryVolume $gallery | Where-Object Contrast -EQ FLAIR
        "$($back.Name) $($back.QualityRecord.ContrastFrom)" | Should -Be 'sim0003 ses-2 FLAIR Given'
        $found = $t1[2] | Find-MriMatch $gallery -WarningAction SilentlyContinue
        $found | ForEach-Object { "$($_.Gallery) $($_.Metric)" } | Should -Contain 'sim0003 ses-2 FLAIR NGF'
    }

    It 'come back from a file and its sidecar' {
        $file = $flair | Export-MriVolume "$TestDrive/flair-brain.nii.gz" -PassThru
        $back = Import-MriVolume $file
        "$($back.Contrast) $($back.QualityRecord.ContrastFrom)" | Should -Be 'FLAIR Given'
        ($back | Find-MriMatch $t1).Score | Should -Be ($flair | Find-MriMatch $t1).Score
    }

    It 'have rows of their own when mitigations are tried, and a gallery of several is refused' {
        $people = @{ Metric = 'NGF'; Spacing = 3; Mitigation = 'Smooth'; Strength = 20; WarningAction = 'SilentlyContinue' }
        $scans = Import-MriVolume "$folder/flair", "$folder/t1" -Recurse -Suffix FLAIR, T1w | Where-Object Participant -In sim0003, sim0004
        $rows = $scans | Test-MriMitigation $t1 @people -WarningVariable warnings
        $rows | ForEach-Object { "$($_.Mitigation) $($_.Contrasts) $($_.Probes)" } |
            Should -Be 'None FLAIR-T1w 1', 'Smooth FLAIR-T1w 1', 'None T1w 2', 'Smooth T1w 2'
        "$warnings" | Should -BeLike '*FLAIR and T1w: each has rows of its own*'
        [regex]::Matches(($rows | Out-String -Width 80), 'Contrasts: \S+').Value | Should -Be 'Contrasts: FLAIR-T1w'
        $rows | Export-Csv "$TestDrive/rows.csv"
        (Import-Csv "$TestDrive/rows.csv").Contrasts | Should -Be 'FLAIR-T1w', 'FLAIR-T1w', 'T1w', 'T1w'
        { $scans | Test-MriMitigation ($t1 + $flair) @people } | Should -Throw '*several contrasts*'
    }

    It 'are named where a person should look at them and they have no link' {
        $others = $t1 | Where-Object Participant -NE sim0005
        $outcome = Get-Outcome { $t2 | Find-MriMatch $others }
        $outcome.Output.IsMatch | Should -Not -Contain $true
        "$($outcome.Warnings)" | Should -BeLike '*sim0005 ses-2 T2w: of verdict Review and without a link*'
        $outcome.Output | Export-MriReport "$TestDrive/reviewed.html" -Probe $t2 -Gallery $others
        Get-Content -Raw "$TestDrive/reviewed.html" | Should -Match 'a person should look at them[^§]+sim0005[^§]+is T2w by its name'
        $linked = Get-Outcome { $t2 | Find-MriMatch $t1 }
        $linked.Output.IsMatch | Should -Be $true
        "$($linked.Warnings)" | Should -Not -Match 'without a link'
    }

    It 'are not for signatures' {
        $key = (New-MriKey "$TestDrive/contrasts.key").FullName
        { $flair | ConvertTo-MriSignature -KeyPath $key -ErrorAction Stop } | Should -Throw '*FLAIR*'
    }
}
