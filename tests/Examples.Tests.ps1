# The scripts of examples/, each run as it stands by pwsh -File.
BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $env:NO_COLOR = '1'
    $folder = New-TestFolder
    $quick = @{ Spacing = 6; Stripped = $true }
    New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 @quick | Export-MriVolume "$folder/first/" -Force -DataType Int16
    New-MriSimulatedCohort -ParticipantNumber 3 -SessionNumber 1 @quick | Export-MriVolume "$folder/second/" -Force -DataType Int16
    Copy-Item (Get-ChildItem "$folder/first")[0] "$folder/second/sub-9999_T1w.nii.gz"
    $all = New-Item -ItemType Directory "$folder/all"
    Copy-Item "$folder/first/*", "$folder/second/*" $all

    function Invoke-Example([string] $name) {
        $output = & $shell -NoProfile -NonInteractive -File "$root/examples/$name" @args 2>&1 | ForEach-Object { "$_" }
        [pscustomobject] @{ ExitCode = $LASTEXITCODE; Output = $output -join "`n" }
    }
}

AfterAll { $env:NO_COLOR = $null }

Describe 'examples/jobs' {
    BeforeAll {
        # Release A, release B whose labels differ and of whom two people are in A, and a dataset whose labels are those of either.
        $jobs = New-TestFolder
        $scan = @{ Spacing = 6; Stripped = $true }
        New-MriSimulatedCohort -ParticipantNumber (1..4) -SessionNumber 1 @scan | Export-MriVolume "$jobs/A/" -Force
        New-MriSimulatedCohort -ParticipantNumber (3..6) -SessionNumber 2 -LabelFormat 'B{0}' @scan | Export-MriVolume "$jobs/B/" -Force
        $null = New-Item -ItemType Directory "$jobs/both"
        Copy-Item "$jobs/A/*", "$jobs/B/*" "$jobs/both"
        $quick = @{ Preprocess = @{ Spacing = 6; SkipBiasCorrection = $true; CachePath = (New-TestFolder) } }
    }

    It 'are ten, each under 40 lines and with help' {
        $scripts = Get-ChildItem "$root/examples/jobs/*.ps1"
        $scripts | Should -HaveCount 10
        foreach ($script in $scripts) {
            (Get-Content $script).Count | Should -BeLessThan 40 -Because $script.Name
            (Get-Help $script.FullName).Synopsis.Length | Should -BeGreaterThan 30 -Because $script.Name
            Get-Content -Raw "$root/examples/jobs/README.md" | Should -Match $script.Name
        }
    }

    It 'check a release against a gallery, with the exit code for cron' {
        $night = @{ Gallery = "$jobs/night.mrigallery"; Report = "$jobs/night"; Audit = @{ Spacing = 6; Threshold = 0.75; Metric = 'LocalNCC' } }
        $first = & "$root/examples/jobs/nightly-audit.ps1" -Release "$jobs/A" @night
        "$LASTEXITCODE $($first.Added)" | Should -Be '0 4'
        $second = & "$root/examples/jobs/nightly-audit.ps1" -Release "$jobs/A", "$jobs/B" @night
        "$LASTEXITCODE $($second.Added) $($second.Links.Count)" | Should -Be '2 4 2'
        (Get-ChildItem "$jobs/night/*.html").Count | Should -Be 2
    }

    It 'find who is twice in a dataset' {
        & "$root/examples/jobs/duplicates.ps1" -Dataset "$jobs/both" -Output "$jobs/duplicates.csv" @quick | Should -BeLike '2 pairs*'
        (Import-Csv "$jobs/duplicates.csv").Count | Should -Be 2
        & "$root/examples/jobs/duplicates.ps1" -Dataset "$jobs/both" -Output "$jobs/duplicates.csv" -Threshold 0.99 @quick 3>$null |
            Should -BeLike '0 pairs*'
        Import-Csv "$jobs/duplicates.csv" | Should -BeNullOrEmpty
    }

    It 'find wrong labels' {
        $said = & "$root/examples/jobs/wrong-labels.ps1" -Dataset "$jobs/both" @quick
        $said | Should -HaveCount 2
        $said | ForEach-Object { $_ | Should -Match '^TwoLabelsOnePerson: (sim000(3|4) ses-1 and B\2 ses-2|B(3|4) ses-2 and sim000\3 ses-1)$' }
        & "$root/examples/jobs/wrong-labels.ps1" -Dataset "$jobs/A" -Label @{ Threshold = 0.75; Metric = 'LocalNCC' } @quick 3>$null |
            Should -Be 'No label is contradicted.'
    }

    It 'say why a scan failed' {
        $null = New-TestFile "$jobs/bad" 'sub-1_T1w.nii' (1, 2, 3)
        $noise = [byte[]]::new(48 * 59 * 53)
        [Random]::new(1).NextBytes($noise)
        $null = New-TestFile "$jobs/bad" 'sub-2_T1w.nii' (New-Nifti (48, 59, 53) $noise (4, 0, 0, -94, 0, 4, 0, -134, 0, 0, 4, -72))
        Copy-Item "$jobs/A/*" "$jobs/bad"
        $outcome = Get-Outcome { & "$root/examples/jobs/why-failed.ps1" -Path "$jobs/bad" -Sheet "$jobs/sheet.html" @quick }
        "$($outcome.Errors)" | Should -Match 'sub-1_T1w'
        $outcome.Output | Where-Object { $_ -match '^2: Fail, \w+' } | Should -HaveCount 1
        $outcome.Output[-1] | Should -BeLike '4 of 5 scans pass*'
        $page = Get-Content -Raw "$jobs/sheet.html"
        [regex]::Matches($page, '<figure class="(\w+)"').ForEach({ $_.Groups[1].Value }) | Should -Be 'Fail', 'Pass', 'Pass', 'Pass', 'Pass'
    }

    It 'compare two institutions by signatures' {
        $key = (New-MriKey "$jobs/key").FullName
        foreach ($side in 'A', 'B') {
            & "$root/examples/jobs/two-institutions.ps1" -Ours "$jobs/$side.mrisig" -Dataset "$jobs/$side" -KeyPath $key @quick |
                Should -BeLike '4 signatures*'
        }
        $match = @{ Threshold = 0.7; Metric = 'LocalNCC' }
        $found = & "$root/examples/jobs/two-institutions.ps1" -Ours "$jobs/B.mrisig" -Theirs "$jobs/A.mrisig" -Match $match
        $found | Where-Object IsMatch | ForEach-Object { "$($_.Probe)" } | Sort-Object | Should -Be 'B3 ses-2', 'B4 ses-2'
    }

    It 'find the mitigation that suffices, and do not claim one where none does' {
        $test = @{ Spacing = 6; SkipBiasCorrection = $true; Mitigation = 'Smooth'; Strength = 2, 16; Threshold = 0.75; Metric = 'LocalNCC'
            WarningAction = 'SilentlyContinue' }
        $said = & "$root/examples/jobs/which-mitigation.ps1" -Release "$jobs/B" -Gallery "$jobs/A" -Test $test
        $said[-1] | Should -BeLike 'Smooth 16 mm FWHM suffices: 0 of * linked, SSIM 0.*'
        $test.Strength = 1
        (& "$root/examples/jobs/which-mitigation.ps1" -Release "$jobs/B" -Gallery "$jobs/A" -Test $test)[-1] | Should -Be 'None of these suffices.'
    }

    It 'list identifying fields as CSV' {
        $said = & "$root/examples/jobs/identifying-fields.ps1" -Dataset "$jobs/A" -Output "$jobs/fields.csv"
        $rows = @(Import-Csv "$jobs/fields.csv")
        $said | Should -BeLike "$($rows.Count) fields in *"
        $rows.Count | Should -BeGreaterThan 0
        $rows[0].psobject.Properties.Name | Should -Be 'Path', 'Format', 'Field', 'Value'
    }

    It 'take volumes of another pipeline to a matrix that Python reads' -Skip:(-not (Get-Command python3 -ErrorAction Ignore)) {
        foreach ($person in 1..3) { foreach ($session in 1, 2) { $null = New-PersonFile "$jobs/own" $person $session } }
        & "$root/examples/jobs/matrix.ps1" -Dataset "$jobs/own" -Output "$jobs/m.csv" -Metric NCC | Should -BeLike '6 by 6 scores*'
        $read = 'import csv,sys; rows=list(csv.reader(open(sys.argv[1], encoding="utf-8"))); ' +
            'print(len(rows), rows[0][0], [float(x) for x in rows[1][1:]][1] > 0.9, [r[0] for r in rows[1:]] == rows[0][1:])'
        python3 -c $read "$jobs/m.csv" | Should -Be '7 Probe True True'
    }

    It 'resume after an interruption' {
        $resume = @{ Gallery = "$jobs/r.mrigallery"; Cache = "$jobs/cache"; Preprocess = @{ Spacing = 6; SkipBiasCorrection = $true } }
        & "$root/examples/jobs/resume.ps1" -Dataset "$jobs/A" @resume | Should -Be "4 brains added, 4 in $jobs/r.mrigallery."
        & "$root/examples/jobs/resume.ps1" -Dataset "$jobs/both" @resume | Should -Be "4 brains added, 8 in $jobs/r.mrigallery."
        & "$root/examples/jobs/resume.ps1" -Dataset "$jobs/both" @resume | Should -Be "0 brains added, 8 in $jobs/r.mrigallery."
    }

    It 'mail the report' {
        $out = (New-Item -ItemType Directory "$jobs/mail").FullName
        $said = & "$root/examples/jobs/mail-report.ps1" -Release "$jobs/B" -Gallery "$jobs/A" -To 'data@example.org' -PickupFolder $out @quick
        $said | Should -BeLike '2 of 4 scans are very probably*'
        $mail = Get-Content -Raw "$out/*.eml"
        foreach ($text in 'To: data@example.org', 'report.html', 'Subject: MriLink') { $mail.Contains($text) | Should -BeTrue -Because $text }

        # A gallery file says the same as the folder that it is of, and the folder for messages is made.
        $gallery = New-MriGallery "$jobs/mail.mrigallery"
        $preprocess = $quick.Preprocess
        Import-MriVolume "$jobs/A" -Recurse | Invoke-MriPreprocess @preprocess | Add-MriGalleryVolume $gallery
        $mail = @{ Release = "$jobs/B"; Gallery = "$jobs/mail.mrigallery"; To = 'data@example.org'; PickupFolder = "$jobs/post" }
        & "$root/examples/jobs/mail-report.ps1" @mail @quick | Should -Be $said
        Get-ChildItem "$jobs/post" | Should -HaveCount 1
    }
}

Describe 'examples/audit.ps1' {
    It 'finds the five people who are in both databases, and nobody else' {
        $run = Invoke-Example audit.ps1
        $run.ExitCode | Should -Be 0
        $run.Output | Should -Match '5 links, 5 of them right \(5 people are in both databases\)\.'
        $run.Output | Should -Match 'Without a link in B: B09, B10, B11\s+Without a link in A: A01, A02, A03'
    }
}

Describe 'examples/schedule/audit-releases.ps1' {
    It 'wants a gallery that is there, unless it is to make one' {
        $run = Invoke-Example schedule/audit-releases.ps1 -Release "$folder/first" -Gallery "$folder/typo" -Report "$folder/reports"
        $run.ExitCode | Should -Be 1
        $run.Output | Should -Match 'New-MriGallery'
    }

    It 'takes several folders, says what it found without escape codes, and ends with the audit''s exit code' {
        $arguments = '-Release', "$folder/first", "$folder/second", '-Gallery', "$folder/g", '-Report', "$folder/reports"
        $run = Invoke-Example schedule/audit-releases.ps1 @arguments -Create
        $run.ExitCode | Should -Be 2 -Because $run.Output
        $run.Output | Should -Not -Match "`e"
        Get-MriGalleryVolume "$folder/g" | Should -HaveCount 4
        (Invoke-Example schedule/audit-releases.ps1 @arguments).ExitCode | Should -Be 0
    }
}

Describe 'examples/slurm' {
    It 'shares the work and makes one gallery of it' {
        $null = New-Item -ItemType Directory "$folder/parts"
        foreach ($share in 1, 2) {
            $part = "$folder/parts/part-$share.mrigallery"
            $run = Invoke-Example slurm/preprocess.ps1 -Release $all -Shard "$share/2" -Gallery $part -CachePath "$folder/cache"
            $run.ExitCode | Should -Be 0 -Because $run.Output
            $run.Output | Should -Match "Share $share/2: 2 volumes"
        }

        $merge = Invoke-Example slurm/merge.ps1 -Gallery "$folder/merged.mrigallery" -Parts "$folder/parts"
        $merge.ExitCode | Should -Be 0 -Because $merge.Output
        Get-MriGalleryVolume "$folder/merged.mrigallery" | Should -HaveCount 4
        (Test-MriGallery "$folder/merged.mrigallery").IsIntact | Should -BeTrue
    }
}
