BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    foreach ($person in 1..6) { $null = New-BrainFile $folder "a/sub-${person}_desc-preproc_T1w.nii" $person }
    $null = New-BrainFile $folder 'b/sub-x_desc-preproc_T1w.nii' 100 3 0.8
    $brains = Import-MriVolume "$folder/a" -Recurse
    $probe = Import-MriVolume "$folder/b" -Recurse
    $key = New-TestFile $folder 'key' ([byte[]] (0..31))
}

Describe 'A gallery' {
    BeforeEach { $place = Join-Path $TestDrive "$([guid]::NewGuid()).mrigallery" }

    It 'takes volumes once and gives them back' {
        (New-MriGallery $place).Name | Should -Be $place
        $brains | Add-MriGalleryVolume $place
        $brains | Add-MriGalleryVolume $place -PassThru | Should -HaveCount 6
        (Get-MriGalleryVolume $place).Participant | Should -Be (1..6)
        (Get-MriGalleryVolume $place -Participant 2, '[45]').Id | Should -Be 2, 4, 5
        $third = Get-MriGalleryVolume $place -Id 3
        "$($third.Stage) $($third.Provenance.InputHash)" | Should -Be 'Preprocessed sha256:3-0-0'
        $third.ReadVoxels($none).Voxels -join ' ' | Should -Be ($brains[2].ReadVoxels($none).Voxels -join ' ')
        (Test-MriGallery $place).IsIntact | Should -BeTrue
    }

    It 'is searched and measured as <way>' -ForEach @(
        @{ way = 'a path'; given = { $place } }
        @{ way = 'its volumes'; given = { Get-MriGalleryVolume $place } }
        @{ way = 'itself'; given = { $gallery } }
    ) {
        $gallery = New-MriGallery $place
        $brains | Add-MriGalleryVolume $gallery
        $match = $probe | Find-MriMatch -Gallery (& $given) -Threshold 0.5
        $match.GalleryParticipant | Should -Be '3'
        $match.IsMatch | Should -BeTrue
        $probe | Measure-MriSimilarity (& $given) | Should -HaveCount 6
    }

    It 'finds by candidates whom a full comparison finds' {
        $brains | Add-MriGalleryVolume (New-MriGallery $place)
        $match = $probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Candidates 2
        "$($match.GalleryParticipant) $($match.IsMatch) $($match.DecidingRule)" | Should -Be '3 True Threshold: LocalNCC >= 0.5, 6 of 6 gallery scans measured'
        $match.Score | Should -Be ($probe | Find-MriMatch -Gallery $place -Threshold 0.5).Score
    }

    It 'refuses candidates of what has no signatures: <id>' -ForEach @(
        @{ id = 'CandidatesAlone'; script = { $probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Candidates 2 -CohortNormalization ZNorm } }
        @{ id = 'CandidatesOfNothing'; script = { $probe | Find-MriMatch -Gallery $brains -Threshold 0.5 -Candidates 2 } }
        @{ id = 'ParameterArgumentValidationError'; script = { $probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Candidates -1 } }
    ) {
        $brains | Add-MriGalleryVolume (New-MriGallery $place)
        $script | Should -Throw -ErrorId "$id*"
    }

    It 'forgets what is removed, gives the room back, and changes nothing with -WhatIf' {
        $gallery = New-MriGallery $place
        $brains | Add-MriGalleryVolume $gallery -WhatIf
        $gallery.Count | Should -Be 0
        $brains | Add-MriGalleryVolume $gallery
        $full = (Get-Item $place).Length
        Get-MriGalleryVolume $place -Participant 1, 2, 3, 4 | Remove-MriGalleryVolume $place -WhatIf
        $gallery.Count | Should -Be 6
        Get-MriGalleryVolume $place -Participant 1, 2, 3, 4 | Remove-MriGalleryVolume $place
        Optimize-MriGallery $place
        (Get-MriGalleryVolume $place).Participant | Should -Be '5', '6'
        (Test-MriGallery $place).IsIntact | Should -BeTrue
        (Get-Item $place).Length | Should -BeLessThan ($full * 0.7)
        New-MriGallery "$place.not" -WhatIf
        "$place.not" | Should -Not -Exist
    }

    It 'tells steps and how long they took with -Verbose' {
        $null = New-MriGallery $place
        $told = Get-Outcome { $brains[0] | Add-MriGalleryVolume $place -Verbose; $null = Test-MriGallery $place -Verbose }
        $told.Verbose.Message -match '^Adding to the gallery \(1\): \d+\.\d\d s$' | Should -HaveCount 1
        $told.Verbose.Message -match '^Checking the gallery: \d+\.\d\d s$' | Should -HaveCount 1
    }

    It 'that is pseudonymised wants its key' {
        $null = New-MriGallery $place -Pseudonymize -KeyPath $key
        { $brains | Add-MriGalleryVolume $place } | Should -Throw '*-KeyPath*'
        $brains | Add-MriGalleryVolume $place -KeyPath $key
        (Get-MriGalleryVolume $place).Participant -match '^.$' | Should -BeNullOrEmpty
        (Get-MriGalleryVolume $place -Participant 4 -KeyPath $key).Id | Should -Be 4
        ($probe | Find-MriMatch $place -Threshold 0.5).GalleryParticipant | Should -Be (Get-MriGalleryVolume $place -Id 3).Participant
    }

    It 'refuses a raw volume, and the others go in' {
        $raw = New-TestFile $folder 'raw.nii'
        $gallery = New-MriGallery $place
        $outcome = Get-Outcome { @(Import-MriVolume $raw) + $brains[0] | Add-MriGalleryVolume $gallery }
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike '*is not preprocessed*'
        $gallery.Count | Should -Be 1
    }

    It 'takes what others hold, by parameter or from the pipeline' {
        $parts = 1, 2 | ForEach-Object { (New-MriGallery "$place.$_").Name }
        $brains[0..3] | Add-MriGalleryVolume $parts[0]
        $brains[2..5] | Add-MriGalleryVolume $parts[1]
        $all = New-MriGallery $place
        Merge-MriGallery $place -Source $parts -WhatIf
        $all.Count | Should -Be 0
        (Merge-MriGallery $place -Source $parts -PassThru).Count | Should -Be 6
        $parts[0] | Merge-MriGallery $place
        $all.Count | Should -Be 6
    }

    It 'tells of a mistake: <problem>' -ForEach @(
        @{ problem = 'does not exist'; script = { Get-MriGalleryVolume "$folder/none" } }
        @{ problem = 'is no gallery'; script = { Get-MriGalleryVolume $brains[0].Path } }
        @{ problem = 'exists already'; script = { New-MriGallery $brains[0].Path } }
        @{ problem = 'go together'; script = { New-MriGallery $place -Pseudonymize } }
        @{ problem = 'To make one'; script = { New-MriGallery $place -Pseudonymize -KeyPath "$folder/nokey" } }
        @{ problem = 'is empty'; script = { $null = New-MriGallery $place; $probe | Find-MriMatch $place } }
        @{ problem = 'has no entry 7'; script = { $null = New-MriGallery $place; Get-MriGalleryVolume $place -Id 7 } }
        @{ problem = 'has no entry 7'; script = { $null = New-MriGallery $place; Remove-MriGalleryVolume $place 7 } }
        @{ problem = "has no participant 'nobody'"; script = { $null = New-MriGallery $place; Get-MriGalleryVolume $place nobody } }
        @{ problem = 'cannot be reached'; script = { Get-MriGalleryVolume 'Host=127.0.0.1;Port=1;Timeout=2;Password=topsecret' } }
    ) {
        $told = $script | Should -Throw "*$problem*" -PassThru
        "$told" | Should -Not -Match 'topsecret'
    }
}
