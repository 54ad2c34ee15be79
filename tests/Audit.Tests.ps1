BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Two heads at 4 mm under three labels: the third file is the second person's scan under another name. Of the rest one is no scan and one damaged.
    $folder = New-TestFolder
    $release = "$folder/release"
    New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 -Seed 5 -Spacing 4 |
        Export-MriVolume { "$release/sub-$($_.Participant.Substring(4))_T1w.nii.gz" } -Force -DataType Int16
    Copy-Item "$release/sub-0002_T1w.nii.gz" "$release/sub-9999_T1w.nii.gz"
    $null = New-TestFile $release 'sub-7_mask.nii'

    # The volume of a file and the same once more, as one file.
    function Add-Volume([string] $from, [string] $to) {
        $unpacked = [IO.MemoryStream]::new()
        $packed = [IO.Compression.GZipStream]::new([IO.File]::OpenRead($from), [IO.Compression.CompressionMode]::Decompress)
        $packed.CopyTo($unpacked)
        $packed.Dispose()
        $one = $unpacked.ToArray()
        $one[40] = 4
        $one[48] = 2
        [IO.File]::WriteAllBytes($to, $one + $one[352..($one.Length - 1)])
    }
    $null = New-TestFile $release 'sub-8_T1w.nii' (1, 2, 3)
}

Describe 'Invoke-MriAudit' {
    It 'finds the leak once, and minds what cannot be checked' {
        $gallery = New-MriGallery "$folder/g"
        $audit = @{ Path = $release; Gallery = "$folder/g"; Report = "$folder/reports"; Threshold = 0.9; Spacing = 4
            WarningAction = 'SilentlyContinue' }
        Invoke-MriAudit @audit -WhatIf | Should -HaveCount 4
        $gallery.Count | Should -Be 0
        $first = Invoke-MriAudit @audit
        "$($first.Files) $($first.Added) $($first.Problems.Count) $($first.ExitCode) $($first.Links)" |
            Should -Match '^4 3 1 2 (9999 -> 0002|0002 -> 9999) \(1.000\)$'

        # The file that cannot be read is still there: told once, it counts until somebody sees to it.
        $second = Invoke-MriAudit @audit
        "$($second.Unchanged) $($second.Added) $($second.ExitCode) $($second.ReportPath)" | Should -Be '4 0 3 '
        (Get-ChildItem "$folder/reports").Extension | Sort-Object | Should -Be '.csv', '.html', '.json'
    }

    It 'writes one page that says what was found and what was not examined' {
        $page = Get-Content -Raw "$folder/reports/*.html"
        foreach ($text in '1 pair of scans of different labels is judged to be one person. Not everything could be checked: 1 problem.',
            'What was not examined', '4 scans were listed', '3 added', 'sub-8_T1w.nii',
            'mask', '3 entries that were new were compared with 3 of the 3 entries', 'Threshold 0.9', 'Metric LocalNCC', 'Spacing 4', ' UTC',
            'MriLink 0.') {
            $page.Contains($text) | Should -BeTrue -Because $text
        }
        $page | Should -Not -Match '<script|src="http'
    }

    It 'fails where something is not there: <problem>' -ForEach @(
        @{ problem = 'does not exist'; script = { Invoke-MriAudit "$folder/none" "$folder/empty" "$folder/reports" } }
        @{ problem = 'names a file'; script = { Invoke-MriAudit $release "$folder/empty" "$folder/report.CSV" } }
        @{ problem = 'New-MriGallery makes one'; script = { Invoke-MriAudit $release "$folder/nowhere" "$folder/reports" } }
    ) {
        if (-not (Test-Path "$folder/empty")) { $null = New-MriGallery "$folder/empty" }
        $script | Should -Throw "*$problem*"
        Get-ChildItem $folder -Filter *.csv | Should -BeNullOrEmpty
    }

    It 'does not pass over what it cannot look at: <what>' -ForEach @(
        @{ what = 'a link that leads nowhere'; make = { $null = New-Item -ItemType SymbolicLink "$odd/sub-2" -Target /nowhere/sub-2 }
            problem = '*which does not exist*' }
        @{ what = 'an empty file named as scanners do'; make = { $null = New-TestFile $odd 'IM0001' @() }; problem = '*is empty*' }
        @{ what = 'several of these'; make = { 1..3 | ForEach-Object { $null = New-TestFile $odd "IM000$_" @() } }
            problem = '*holds 3 files that cannot be looked at and may be scans*' }
        @{ what = 'an image packed by xz'; make = { $null = New-TestFile $odd 'sub-2_T1w.nii.xz' (1..100) }
            problem = '*cannot be read; convert it*' }
        @{ what = 'the second volume of a file'; make = { Add-Volume "$release/sub-0002_T1w.nii.gz" "$odd/sub-2_T1w.nii" }
            problem = '*of which only the first is checked*' }
    ) {
        $odd = "$folder/odd-$([guid]::NewGuid())"
        $null = New-Item -ItemType Directory $odd
        Copy-Item "$release/sub-0001_T1w.nii.gz" $odd
        & $make
        $null = New-MriGallery "$odd.g"
        $result = Invoke-MriAudit $odd "$odd.g" "$odd.reports" -Threshold 0.9 -Spacing 4 -WarningAction SilentlyContinue
        $result.ExitCode | Should -Be 3
        $result.Problems | Should -HaveCount 1
        "$($result.Problems)" | Should -BeLike $problem
    }

    It 'passes over texts that are not there and files that are known to be none' {
        $odd = "$folder/odd-texts"
        $null = New-Item -ItemType Directory $odd
        Copy-Item "$release/sub-0001_T1w.nii.gz" $odd
        $null = New-Item -ItemType SymbolicLink "$odd/notes.txt" -Target /nowhere/notes.txt
        $null = New-TestFile $odd '__init__.py' @()
        $null = New-MriGallery "$odd.g"
        (Invoke-MriAudit $odd "$odd.g" "$odd.reports" -Threshold 0.9 -Spacing 4 -WarningAction SilentlyContinue).ExitCode | Should -Be 0
    }

    It 'notices that a label has changed, until the entry of the old one is removed' {
        $odd = "$folder/odd-labels"
        $null = New-Item -ItemType Directory $odd
        foreach ($number in 1..2) { Copy-Item "$release/sub-000${number}_T1w.nii.gz" "$odd/P${number}_head.nii.gz" }
        $null = New-MriGallery "$odd.g"
        $audit = @{ Path = $odd, $odd; Gallery = "$odd.g"; Report = "$odd.reports"; Threshold = 0.9; Spacing = 4; WarningAction = 'SilentlyContinue' }
        (Invoke-MriAudit @audit -Participant ([regex] '^(P)')).ExitCode | Should -Be 0
        $second = Invoke-MriAudit @audit -Participant ([regex] '^(P\d)')
        "$($second.ExitCode) $($second.Problems.Count)" | Should -Be '3 2'
        "$($second.Problems[0])" | Should -BeLike "*was checked as 'P' (entry * of the gallery) and is 'P1' now*"
        (Invoke-MriAudit @audit -Participant ([regex] '^(P\d)')).Unresolved | Should -HaveCount 2
        Get-MriGalleryVolume "$odd.g" | Remove-MriGalleryVolume "$odd.g"
        $last = Invoke-MriAudit @audit -Participant ([regex] '^(P\d)')
        "$($last.ExitCode) $($last.Added)" | Should -Be '0 2'
    }

    It 'refuses what cannot be meant: <what>' -ForEach @(
        @{ what = 'a pattern as the label of all'; more = @{ Participant = 'P(\d)' }; problem = "*would be the label of every scan*" }
        @{ what = 'a threshold that no score reaches'; more = @{ Threshold = 60 }; problem = '*lie between -1 and 1*' }
    ) {
        $null = New-MriGallery "$folder/empty" -AllowExisting
        { Invoke-MriAudit $release "$folder/empty" "$folder/r" @more -WarningAction SilentlyContinue } | Should -Throw $problem
    }

    It 'ends a session with <code> when <what>, whatever went wrong' -ForEach @(
        @{ code = 1; what = 'there is no gallery'; path = 'release'; gallery = 'nowhere' }
        @{ code = 1; what = 'the folder is empty'; path = 'void'; gallery = 'empty' }
        @{ code = 1; what = 'the server is away'; path = 'release'; gallery = 'Host=127.0.0.1;Port=1;Timeout=2' }
        @{ code = 1; what = 'the report cannot be written'; path = 'one'; gallery = 'empty'; report = '/dev/null/x' }
    ) {
        $null = New-MriGallery "$folder/empty" -AllowExisting
        $null = New-Item -ItemType Directory -Force "$folder/void", "$folder/one"
        $null = New-TestFile "$folder/one" 'sub-1_T1w.nii' (1, 2, 3)
        $place = $gallery -like 'Host*' ? $gallery : "$folder/$gallery"
        $audit = "Invoke-MriAudit '$folder/$path' '$place' '$($report ?? "$folder/r")' -Spacing 4 -SetExitCode"
        $null = & $shell -NoProfile -Command "Import-Module '$manifest'; $audit; 'and on'" 2>&1
        $LASTEXITCODE | Should -Be $code
    }
}
