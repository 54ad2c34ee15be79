BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    foreach ($person in 1..6) { $null = New-BrainFile $folder "a/sub-${person}_desc-preproc_T1w.nii" $person }
    $null = New-BrainFile $folder 'b/sub-x_desc-preproc_T1w.nii' 100 3 0.8
    $brains = Import-MriVolume "$folder/a" -Recurse
    $probe = Import-MriVolume "$folder/b" -Recurse
    $key = (New-MriKey "$folder/key").FullName
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
        "$($match.GalleryParticipant) $($match.IsMatch) $($match.DecidingRule)" |
            Should -Be '3 True Threshold: LocalNCC >= 0.5, 6 of 6 gallery scans measured'
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
        (Get-MriGalleryVolume $place -Participant 4 -KeyPath $key) | Should -HaveCount 1
        ($probe | Find-MriMatch $place -Threshold 0.5).GalleryParticipant |
            Should -Be (Get-MriGalleryVolume $place -Participant 3 -KeyPath $key).Participant
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
        @{ problem = 'New-MriKey'; script = { New-MriGallery $place -Pseudonymize -KeyPath "$folder/nokey" } }
        @{ problem = 'is empty'; script = { $null = New-MriGallery $place; $probe | Find-MriMatch $place } }
        @{ problem = 'has no entry 7'; script = { $null = New-MriGallery $place; Get-MriGalleryVolume $place -Id 7 } }
        @{ problem = 'has no entry 7'; script = { $null = New-MriGallery $place; Remove-MriGalleryVolume $place 7 } }
        @{ problem = "has no participant 'nobody'"; script = { $null = New-MriGallery $place; Get-MriGalleryVolume $place nobody } }
        @{ problem = 'cannot be reached'; script = { Get-MriGalleryVolume 'Host=127.0.0.1;Port=1;Timeout=2;Password=topsecret' } }
    ) {
        $told = $script | Should -Throw "*$problem*" -PassThru
        "$told" | Should -Not -Match 'topsecret'
    }

    It 'lets nothing be removed that comes from another' {
        $brains | Add-MriGalleryVolume (New-MriGallery $place)
        $probe | Add-MriGalleryVolume (New-MriGallery "$place.b")
        $outcome = Get-Outcome { Get-MriGalleryVolume $place -Participant 1 | Remove-MriGalleryVolume "$place.b" }
        $outcome.Errors.FullyQualifiedErrorId | Should -BeLike 'EntryOfAnotherGallery*'
        (Get-MriGalleryVolume "$place.b").Participant | Should -Be 'x'
        Get-MriGalleryVolume $place -Id 1, 2 | Remove-MriGalleryVolume $place
        Remove-MriGalleryVolume $place -Id 3
        (Get-MriGalleryVolume $place).Participant | Should -Be '4', '5', '6'
    }

    It 'lists, finds and removes around a damaged entry' {
        $brains | Add-MriGalleryVolume (New-MriGallery $place)
        $bytes = [IO.File]::ReadAllBytes($place)
        $text = [Text.Encoding]::Latin1.GetString($bytes)
        for ($at = $text.IndexOf('sha256:3-0-0'); $at -ge 0; $at = $text.IndexOf('sha256:3-0-0', $at + 1)) { $bytes[$at + 11] = [byte][char] '1' }
        [IO.File]::WriteAllBytes($place, $bytes)

        $listed = Get-Outcome { Get-MriGalleryVolume $place }
        $listed.Output.Participant | Should -Be '1', '2', '4', '5', '6'
        $found = Get-Outcome { $probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Top 6 }
        $found.Output | Should -HaveCount 5
        foreach ($outcome in $listed, $found) { $outcome.Errors.Exception.Message | Should -BeLike '*Remove-MriGalleryVolume -Id 3*' }
        (Test-MriGallery $place).Damaged.Id | Should -Be 3
        (Test-MriGallery $place).Damaged | Remove-MriGalleryVolume $place
        (Test-MriGallery $place).IsIntact | Should -BeTrue
        Get-MriGalleryVolume $place | Should -HaveCount 5
    }

    It 'keeps connection strings out of error records' {
        $secret = 'Host=127.0.0.1;Port=1;Username=u;Password=topsecret;Database=d;Timeout=2'
        $null = New-MriGallery $place
        foreach ($command in { Get-MriGalleryVolume $secret }, { New-MriGallery $secret }, { Merge-MriGallery $place $secret },
            { Get-MriGalleryVolume "$secret;Port=x" }, { Test-MriGallery $secret },
            { Invoke-MriAudit "$folder/a" $secret "$folder/r" }) {
            $outcome = Get-Outcome $command
            $outcome.Errors | Should -Not -BeNullOrEmpty
            foreach ($record in $outcome.Errors) {
                "$($record.Exception)|$($record.TargetObject)|$($record.CategoryInfo)" | Should -Not -Match 'topsecret'
            }
        }
    }

    It 'is taken as it is when it exists already and that is allowed' {
        $brains[0] | Add-MriGalleryVolume (New-MriGallery $place -AllowExisting)
        (New-MriGallery $place -AllowExisting).Count | Should -Be 1
    }
}

Describe 'Errors of galleries' {
    It 'are as -ErrorAction has them: <name>' -ForEach @(
        @{ name = 'Get-MriGalleryVolume'; call = { Get-MriGalleryVolume "$TestDrive/nowhere" -ErrorAction SilentlyContinue } }
        @{ name = 'Get-MriGalleryVolume without its key'
            call = { Get-MriGalleryVolume "$TestDrive/there" -KeyPath "$TestDrive/nokey" -ErrorAction SilentlyContinue } }
        @{ name = 'New-MriGallery'; call = { New-MriGallery "$TestDrive/there" -ErrorAction SilentlyContinue } }
    ) {
        $null = New-MriGallery "$TestDrive/there" -AllowExisting
        $outcome = Get-Outcome { & $call; 'went on' }
        $outcome.Output | Should -Be 'went on'
        $outcome.Errors | Should -BeNullOrEmpty
        [scriptblock]::Create("$call".Replace('SilentlyContinue', 'Stop')) | Should -Throw
    }
}
