BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Six people with two scans each: everybody's first is the gallery, everybody's second the probes.
    $folder = New-TestFolder
    foreach ($person in 1..6) { foreach ($scan in 1, 2) { $null = New-PersonFile $folder $person $scan } }
    $gallery = Import-MriVolume "$folder/sub-*_ses-1_T1w.nii"
    $probes = Import-MriVolume "$folder/sub-*_ses-2_T1w.nii"
}

Describe 'Find-MriMatch' {
    It 'finds each probe''s person, in the order of the probes' {
        $found = $probes | Find-MriMatch -Gallery $gallery
        $found | ForEach-Object { "$($_.Probe) is $($_.Gallery)" } | Should -Be (1..6 | ForEach-Object { "0$_ ses-2 is 0$_ ses-1" })
        foreach ($match in $found) {
            $match.psobject.TypeNames | Should -Contain 'MriLink.Core.Linkage.ScanMatch'
            "$($match.Rank) $($match.Metric) $($match.IsMatch)" | Should -Be '1 LocalNCC True'
            $match.Score | Should -BeGreaterThan 0.9
            $match.Margin | Should -BeGreaterThan 0.7
            $match.DecidingRule | Should -Not -BeNullOrEmpty
        }

        $text = $found | Out-String -Width 100
        $text | Should -Match 'Probe\s+Gallery\s+Rank'
        $text | Should -Match '05 ses-2\s+05 ses-1\s+1'
    }

    It 'gives names for identities and never voxels' {
        $probe = ($probes | Find-MriMatch $gallery)[0].Probe
        $probe.Participant, $probe.Session | Should -Be '01', '2'
        $probe.Path | Should -BeLike '*sub-01_ses-2_T1w.nii'
        $probe.psobject.Properties.Name | Sort-Object | Should -Be 'Contrast', 'Name', 'Participant', 'Path', 'Run', 'Session'
    }

    It 'lists the best few with -Top, and only the best can be a match' {
        $found = $probes[2] | Find-MriMatch $gallery -Top 4 -Metric SSIM -Threshold 0.5
        $found | ForEach-Object Rank | Should -Be 1, 2, 3, 4
        $found.Score | Should -Be ($found.Score | Sort-Object -Descending)
        $found.IsMatch | Should -Be $true, $false, $false, $false
        "$($found[0].Gallery)" | Should -Be '03 ses-1'
    }

    It 'links from a threshold on for likeness, and up to it for errors' {
        $probes | Find-MriMatch $gallery -Threshold 0.5 | Where-Object IsMatch | Should -HaveCount 6
        $probes | Find-MriMatch $gallery -Metric LocalNCC -Threshold 0.99 | Where-Object IsMatch | Should -BeNullOrEmpty
        $probes | Find-MriMatch $gallery -Metric MAE -Threshold 25 | Where-Object IsMatch | Should -HaveCount 6
        $probes | Find-MriMatch $gallery -Metric MAE -Threshold 1 | Where-Object IsMatch | Should -BeNullOrEmpty
    }

    It 'never matches a scan with itself' {
        # The same objects, and the same files read again.
        $both = @($gallery[0..1]) + @($probes[0..1])
        ($both | Find-MriMatch $both -Threshold 0.5)[2..3] | ForEach-Object { "$($_.Gallery)" } | Should -Be '01 ses-1', '02 ses-1'
        Import-MriVolume "$folder/sub-*_ses-1_T1w.nii" | Find-MriMatch $gallery -Threshold 0.5 | ForEach-Object {
            "$($_.Probe)" | Should -Not -Be "$($_.Gallery)"
        }
    }

    It 'does not match people who are not in the gallery' {
        ($probes | Find-MriMatch $gallery[1..5]).IsMatch | Should -Be $false, $true, $true, $true, $true, $true
    }

    It 'leaves too few pairs undecided with a warning' {
        $outcome = Get-Outcome { $probes[0] | Find-MriMatch $gallery[0] }
        $outcome.Output | Should -HaveCount 1
        $outcome.Output[0].IsMatch | Should -BeNullOrEmpty
        $outcome.Warnings | Should -HaveCount 1
        $outcome.Warnings[0].Message | Should -BeLike '*-Threshold*'
    }

    It 'gives one error for a bad probe, one for a bad gallery scan, and matches the rest' {
        $worse = New-TestFolder
        $badGallery = New-TestFile $worse 'sub-00_ses-1_T1w.nii' (New-NaNNifti)
        $badProbe = New-TestFile $worse 'sub-99_ses-2_T1w.nii'
        $outcome = Get-Outcome {
            @($probes) + (Import-MriVolume $badProbe) | Find-MriMatch (@(Import-MriVolume $badGallery) + $gallery) -Threshold 0.5
        }
        $outcome.Output | Should -HaveCount 6
        $outcome.Errors.TargetObject | Should -Be $badGallery, $badProbe

        $nothing = Get-Outcome { $probes | Find-MriMatch (Import-MriVolume $badGallery) }
        $nothing.Errors[-1].Exception.Message | Should -Match 'gallery'
    }

    It 'makes a flat CSV file and JSON of names and numbers' {
        $found = $probes | Find-MriMatch $gallery
        $row = ($found | ConvertTo-Csv | ConvertFrom-Csv)[2]
        $row.Probe, $row.Gallery | Should -Be '03 ses-2', '03 ses-1'
        $row.GalleryPath | Should -BeLike '*sub-03_ses-1*'
        $json = $found[2] | ConvertTo-Json -WarningVariable truncated -WarningAction SilentlyContinue
        $truncated | Should -BeNullOrEmpty
        $json.Length | Should -BeLessThan 3000
        $back = $json | ConvertFrom-Json
        $back.Probe.Participant | Should -Be '03'
        $back.Score | Should -Be $found[2].Score
    }
}

Describe 'Find-MriMatch -Mirrored' {
    BeforeAll {
        # Six people; the third's second scan has left and right exchanged.
        $folder = New-TestFolder
        $held = 1..6 | ForEach-Object { New-BrainFile $folder "a/sub-${_}_ses-1_desc-preproc_T1w.nii" $_ } | Import-MriVolume
        $new = 1..6 | ForEach-Object { New-BrainFile $folder "b/sub-${_}_ses-2_desc-preproc_T1w.nii" (100 + $_) $_ 0.8 -mirrored:($_ -eq 3) } |
            Import-MriVolume
    }

    It 'finds a mirrored scan''s person, and says that it is mirrored' {
        ($new | Find-MriMatch $held).IsMatch | Should -Be $true, $true, $false, $true, $true, $true
        $found = $new | Find-MriMatch $held -Mirrored
        $found | ForEach-Object { "$($_.Probe) $($_.Gallery) $($_.IsMatch) $($_.IsMirrored)" } |
            Should -Be (1..6 | ForEach-Object { "$_ ses-2 $_ ses-1 True $($_ -eq 3)" })
        $found[2].DecidingRule | Should -BeLike '*, mirrored'
        $found[2].Remark | Should -Be 'One of the two has left and right exchanged.'
        "$($found[2])" | Should -BeLike '*match, mirrored)'
        $found[2] | Format-List | Out-String | Should -Match 'IsMirrored\s+: True'
    }

    It 'is told of in reports' {
        $new | Find-MriMatch $held -Mirrored | Export-MriReport "$folder/links.csv"
        (Import-Csv "$folder/links.csv")[2].Remark | Should -Be 'One of the two has left and right exchanged.'
    }

    It 'tells labels that fit only mirrored, and finds mirrored duplicates' {
        $findings = $held + $new | Test-MriLabel -Mirrored
        "$($findings.Problem) $($findings.IsMirrored) $($findings.FirstParticipant) $($findings.SecondParticipant)" |
            Should -Be 'OneLabelMirrored True 3 3'
        $other = Import-MriVolume "$folder/b/sub-3_*.nii" -Participant 'x'
        "$(($held + $other | Test-MriLabel -Mirrored).Problem)" | Should -Be 'TwoLabelsOnePerson'
    }

    It 'refuses what cannot be mirrored, and candidates' {
        $raw = New-PersonFile $folder 1 1 | Import-MriVolume
        $null = $raw | Find-MriMatch $raw -Mirrored -ErrorVariable problems -ErrorAction SilentlyContinue
        "$problems" | Should -BeLike '*not preprocessed, so it cannot be mirrored*'
        $gallery = New-MriGallery "$folder/g"
        $held | Add-MriGalleryVolume $gallery
        { $new | Find-MriMatch $gallery -Mirrored -Candidates 2 } | Should -Throw '*-Candidates 0*'
        ($new | Find-MriMatch $gallery -Mirrored | Where-Object IsMirrored).ProbeParticipant | Should -Be '3'
    }
}

Describe 'Brains on a coarse grid' {
    It 'are all alike, and nothing is made of that: of volumes, signatures and mitigated scans' {
        $simulated = @{ Spacing = 8; Stripped = $true; SessionNumber = 1 }
        $raw = @(New-MriSimulatedCohort -ParticipantNumber (1..6) @simulated)
        $brains = @($raw | Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection)
        $key = (New-MriKey "$(New-TestFolder)/key").FullName
        $signatures = @($brains | ConvertTo-MriSignature -KeyPath $key)
        $signatures[0].Spacing | Should -Be 8
        foreach ($scans in $brains, $signatures) {
            $outcome = Get-Outcome { $scans[0..2] | Find-MriMatch $scans[3..5]; $scans | Test-MriLabel }
            ($outcome.Output | Measure-Object Score -Maximum).Maximum | Should -BeGreaterThan 0.606 -Because 'that is what is said on a fine grid'
            "$($outcome.Warnings)" | Should -Not -Match 'not linked'
            $outcome.Output.Remark -match 'As alike' | Should -BeNullOrEmpty
        }

        $outcome = Get-Outcome { $raw[0..2] | Test-MriMitigation $brains[3..5] -Mitigation Quantize -Strength 8 -Spacing 8 -SkipBiasCorrection }
        "$($outcome.Warnings) $($outcome.Output.Notes)" | Should -Not -Match 'not linked'
    }
}
