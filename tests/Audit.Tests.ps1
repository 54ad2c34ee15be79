BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Two heads at 4 mm under three labels: the third file is the second person's scan under another name. Of the rest one is no scan and one damaged.
    $folder = New-TestFolder
    $release = "$folder/release"
    New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 -Seed 5 -Spacing 4 |
        Export-MriVolume { "$release/sub-$($_.Participant.Substring(4))_T1w.nii.gz" } -Force -DataType Int16
    Copy-Item "$release/sub-0002_T1w.nii.gz" "$release/sub-9999_T1w.nii.gz"
    $null = New-TestFile $release 'sub-7_mask.nii'
    $null = New-TestFile $release 'sub-8_T1w.nii' (1, 2, 3)
}

Describe 'Invoke-MriAudit' {
    It 'finds the leak once, and minds what cannot be checked' {
        $gallery = New-MriGallery "$folder/g"
        $audit = @{ Path = $release; Gallery = "$folder/g"; Report = "$folder/reports"; Threshold = 0.9; Spacing = 4; WarningAction = 'SilentlyContinue' }
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
        foreach ($text in '1 pair of scans of different labels is judged to be one person. Not everything could be checked: 1 problem.', 'What was not examined', '4 scans were listed', '3 added', 'sub-8_T1w.nii',
            'mask', '3 entries that were new were compared with 3 of the 3 entries', 'Threshold 0.9', 'Metric LocalNCC', 'Spacing 4', ' UTC', 'MriLink 0.') { $page.Contains($text) | Should -BeTrue -Because $text }
        $page | Should -Not -Match '<script|src="http'
    }

    It 'fails where something is not there: <problem>' -ForEach @(
        @{ problem = 'does not exist'; script = { Invoke-MriAudit "$folder/none" "$folder/empty" "$folder/reports" } }
        @{ problem = 'New-MriGallery makes one'; script = { Invoke-MriAudit $release "$folder/nowhere" "$folder/reports" } }
    ) {
        if (-not (Test-Path "$folder/empty")) { $null = New-MriGallery "$folder/empty" }
        $script | Should -Throw "*$problem*"
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
        $null = & $shell -NoProfile -Command "Import-Module '$manifest'; Invoke-MriAudit '$folder/$path' '$place' '$($report ?? "$folder/r")' -Spacing 4 -SetExitCode; 'and on'" 2>&1
        $LASTEXITCODE | Should -Be $code
    }
}
