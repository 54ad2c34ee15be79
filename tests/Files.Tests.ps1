# What cmdlets put out goes to files and other processes as plain values, and comes back from there.
BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # Eight people with two scans each, and the paths that scans of a folder have.
    $folder = New-TestFolder
    foreach ($person in 1..8) { foreach ($scan in 1, 2) { $null = New-PersonFile $folder $person $scan } }
    $a = Import-MriVolume "$folder/sub-*_ses-1_T1w.nii"
    $b = Import-MriVolume "$folder/sub-*_ses-2_T1w.nii"
    $all = @($b | Find-MriMatch -Gallery $a -Top 8)
    $scores = @($b | Measure-MriSimilarity $a)

    # What a table at 80 columns heads its columns with, in one line, and what its view says; nothing for what is shown as a list.
    function Get-TableHead($output) {
        $lines = ($output | Out-String -Width 80) -split '\r?\n'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $rule = [Array]::FindIndex($lines, [Predicate[string]] { $args[0] -match '^ *-+( +-+)+ *$' })
        if ($rule -lt 0) { return }
        $lines[$rule - 2].Trim() | Should -BeNullOrEmpty
        $view = foreach ($name in $output.psobject.TypeNames) {
            $format.SelectNodes('//View[TableControl]') | Where-Object { $_.SelectNodes('.//TypeName').InnerText -contains $name }
        }
        [pscustomobject]@{
            Shown = $lines[$rule - 1].Trim() -split ' +'
            Meant = $view ? @(@($view)[0].SelectNodes('.//TableColumnHeader/Label') | ForEach-Object InnerText) :
                $output.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames
            Rows = $lines[($rule + 1)..($lines.Count - 1)]
        }
    }

    $format = [xml] (Get-Content -Raw "$root/out/MriLink/MriLink.Format.ps1xml")

    # Each way there and back.
    $ways = @{
        Csv = { $args[0] | Export-Csv "$TestDrive/x.csv"; Import-Csv "$TestDrive/x.csv" }
        Clixml = { $args[0] | Export-Clixml "$TestDrive/x.xml"; Import-Clixml "$TestDrive/x.xml" }
        Json = { $args[0] | ConvertTo-Json | ConvertFrom-Json }
        Job = { Start-Job { $input } -InputObject $args[0] | Receive-Job -Wait -AutoRemoveJob }
    }
}

Describe 'Every output' {
    It 'is plain in a cell of CSV and in JSON: no name of a type, no number for a word' {
        $brains = foreach ($n in 1..3) { Import-MriVolume (New-BrainFile $folder "brains/$n.nii" $n) }
        $gallery = New-MriGallery "$TestDrive/g.mrigallery"
        $brains | Add-MriGalleryVolume $gallery
        $key = New-MriKey "$TestDrive/x.key"
        $outputs = @(
            $a[0], $brains[0], $all[0], $scores[0], $gallery
            Get-MriGalleryVolume $gallery | Select-Object -First 1
            Test-MriGallery $gallery
            Get-MriHeader $a[0].Path
            Get-MriHeader "$fixtures/formats/metaimage" -Recurse -Identifying -ErrorAction SilentlyContinue | Select-Object -First 1
            Get-MriEngine
            $scores | Get-MriLinkageThreshold -WarningAction SilentlyContinue
            $scores | Measure-MriLinkage -Replicate 100
            $b | Measure-MriSimilarity $a -AsMatrix
            $a + (Import-MriVolume "$folder/sub-01_ses-2_T1w.nii" -Participant 02) + $b[1..7] | Test-MriLabel
            New-MriSimulatedCohort 1 -SessionCount 1
            $brains[0] | ConvertTo-MriSignature -KeyPath $key
            $quick = @{ Spacing = 8; SkipBiasCorrection = $true }
            New-MriSimulatedCohort 2 -SessionCount 1 -Spacing 8 -Stripped |
                Test-MriMitigation (New-MriSimulatedCohort 2 -SessionNumber 2 -Spacing 8 -Stripped) @quick -Mitigation Quantize -Threshold 0.5
            Invoke-MriAudit "$folder/brains" $gallery "$TestDrive/reports" -Threshold 0.99 -WarningAction SilentlyContinue
        )
        $types = (Get-Command -Module MriLink -CommandType Cmdlet).OutputType.Type | Where-Object FullName -Like 'MriLink.*' | Select-Object -Unique
        $types | Where-Object { $_ -notin $outputs.ForEach('GetType') } | Should -BeNullOrEmpty
        foreach ($output in $outputs) {
            $cells = ($output | ConvertTo-Csv | ConvertFrom-Csv).psobject.Properties
            foreach ($cell in $cells) {
                $cell.Value | Should -Not -Match '^System\.|^MriLink\.|\[\]|``' -Because "$($output.GetType()).$($cell.Name)"
            }
            $output | ConvertTo-Json -WarningAction SilentlyContinue | Should -Not -Match '"(System|MriLink\.Core)\.'
            $output.GetType().GetProperties() | Where-Object { ([Nullable]::GetUnderlyingType($_.PropertyType) ?? $_.PropertyType).IsEnum } |
                Should -BeNullOrEmpty
        }

        # At 80 columns every heading is there, in one line.
        $tables = 0
        foreach ($output in $outputs | Sort-Object { $_.GetType().FullName } -Unique) {
            $head = Get-TableHead $output
            if (-not $head) { continue }
            $tables++
            $head.Shown | Should -Be $head.Meant -Because $output.GetType()
        }

        $tables | Should -BeGreaterThan 10
        ($brains[0] | ConvertTo-Csv | ConvertFrom-Csv).Quality | Should -Be 'Pass'
        ($brains[0] | ConvertTo-Json -WarningAction SilentlyContinue | ConvertFrom-Json).Quality | Should -Be 'Pass'
        ($brains[0] | ConvertTo-Json -WarningAction SilentlyContinue | ConvertFrom-Json).QualityRecord.Verdict | Should -BeExactly 'Pass'
    }

    It 'keeps all its columns at 80 where names are long, and the names their beginning and end' {
        $long = { param($n) "ADNI941S0${n}CompanionOfNorthSite" }
        $first = foreach ($n in 1..8) { Import-MriVolume "$folder/sub-0${n}_ses-1_T1w.nii" -Participant (& $long $n) }
        $second = foreach ($n in 1..8) { Import-MriVolume "$folder/sub-0${n}_ses-2_T1w.nii" -Participant "again$(& $long $n)" }
        $brains = foreach ($n in 1..3) { Import-MriVolume (New-BrainFile $folder "long/$n.nii" $n) -Participant (& $long $n) }
        $gallery = New-MriGallery "$TestDrive/$('long' * 20).mrigallery"
        $brains | Add-MriGalleryVolume $gallery
        $outputs = @(
            $first[0], $brains[0], $gallery
            Get-MriGalleryVolume $gallery | Select-Object -First 1
            $second | Measure-MriSimilarity $first | Select-Object -First 1
            $second | Find-MriMatch $first | Select-Object -First 1
            $first + $second | Test-MriLabel | Select-Object -First 1
            $brains[0] | ConvertTo-MriSignature -KeyPath (New-MriKey "$TestDrive/long.key")
            New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 8 -LabelFormat 'ADNI941S{0:00}CompanionOfNorthSite'
        )
        $outputs | Should -HaveCount 9
        foreach ($output in $outputs) {
            $head = Get-TableHead $output
            $head.Shown | Should -Be $head.Meant -Because $output.GetType()
            "$($head.Rows)" | Should -Match $([char] 0x2026)
            "$($head.Rows)" | Should -Match '\bADNI941|\bagainAD|mrigallery\b'
        }
    }
}

Describe 'What comes back by <_>' -ForEach 'Csv', 'Clixml', 'Json', 'Job' {
    BeforeAll { $back = $ways[$_] }

    It 'are scores and matches that evaluate as before' {
        foreach ($pairs in $scores, $all) {
            $before = $pairs | Measure-MriLinkage -Replicate 100
            $after = & $back $pairs | Measure-MriLinkage -Replicate 100
            "$after, $($after.DPrime), $($after.GenuinePairs), $($after.ImpostorPairs)" |
                Should -Be "$before, $($before.DPrime), $($before.GenuinePairs), $($before.ImpostorPairs)"
        }
    }

    It 'is a threshold that decides, with its probabilities' {
        $threshold = $scores | Get-MriLinkageThreshold -WarningAction SilentlyContinue
        $fromRows = & $back $scores | Get-MriLinkageThreshold -WarningAction SilentlyContinue
        $fromRows.Threshold | Should -Be $threshold.Threshold
        $before = $b | Find-MriMatch $a -Threshold $threshold -Top 8
        $after = $b | Find-MriMatch $a -Threshold (& $back $threshold) -Top 8
        foreach ($name in 'IsMatch', 'Probability', 'DecidingRule') { $after.$name | Should -Be $before.$name }
        ($after.Probability | Measure-Object -Maximum).Maximum | Should -BeGreaterThan 0.5
        { $b | Find-MriMatch $a -Metric MI -Threshold (& $back $threshold) } | Should -Throw '*one of LocalNCC*'
    }

    It 'goes into a report' {
        & $back $all | Export-MriReport "$TestDrive/$_.json" -Force
        (Get-Content -Raw "$TestDrive/$_.json" | ConvertFrom-Json).links | Should -Be 8
    }
}

Describe 'Files of scores' {
    It 'come back whatever the culture that wrote and reads them' {
        $expected = "$($scores | Measure-MriLinkage -Replicate 100)"
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            $scores | Export-Csv "$TestDrive/de.csv" -Delimiter ';'
            Get-Content "$TestDrive/de.csv" -TotalCount 2 | Select-Object -Last 1 | Should -Match '"0,\d+"'
            "$(Import-Csv "$TestDrive/de.csv" -Delimiter ';' | Measure-MriLinkage -Replicate 100)" | Should -Be $expected
            $all | Export-MriReport "$TestDrive/report.csv" -Force
            "$(Import-Csv "$TestDrive/report.csv" | Measure-MriLinkage -Replicate 100)" | Should -Be $expected
            $scores | Get-MriLinkageThreshold -WarningAction SilentlyContinue | Export-Csv "$TestDrive/threshold.csv"
            $b | Find-MriMatch $a -Threshold (Import-Csv "$TestDrive/threshold.csv") | Where-Object IsMatch | Should -HaveCount 8
        }
        finally {
            [cultureinfo]::CurrentCulture = $culture
        }

        # 0,7834 read where the comma parts thousands would be 7834.
        $outcome = Get-Outcome { Import-Csv "$TestDrive/de.csv" -Delimiter ';' | Measure-MriLinkage }
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors | Should -HaveCount 64
        $outcome.Errors[0].Exception.Message | Should -BeLike '*no number*'
    }

    It 'tell what cannot be told of them' {
        $anonymous = $all | Select-Object Metric, Score, Probe, Gallery, @{ n = 'ProbeParticipant'; e = { 'x' } },
            @{ n = 'GalleryParticipant'; e = { 'x' } }
        $outcome = Get-Outcome { $anonymous | Measure-MriLinkage }
        $outcome.Warnings.Message | ForEach-Object { $_ -replace '^(\d+) rows name (\S+ \S+) .*', '$1 $2' } | Should -Be '64 the same', '63 a pair'
        { [pscustomobject] @{ Score = 1 } | Measure-MriLinkage } | Should -Throw '*neither a match*'
        { [pscustomobject] @{ Threshold = 'x' } | ForEach-Object { $b | Find-MriMatch $a -Threshold $_ } } | Should -Throw '*no number*'
    }
}

Describe 'What is not known' {
    It 'is below no limit: <name> -lt <limit>' -ForEach @{ name = 'PValue'; limit = 1e-3 }, @{ name = 'Probability'; limit = 0.5 },
        @{ name = 'Margin'; limit = 0.1 } {
        $undecided = $b[0] | Find-MriMatch $a[0] -WarningAction SilentlyContinue
        $undecided.IsMatch | Should -BeNullOrEmpty
        $undecided | Where-Object $name -LT $limit | Should -BeNullOrEmpty
        $undecided | Where-Object $name -GE $limit | Should -BeNullOrEmpty
        ($undecided | ConvertTo-Csv | ConvertFrom-Csv) | Where-Object $name -LT $limit | Should -BeNullOrEmpty

        $undecided | Export-MriReport "$TestDrive/u.csv" -Force
        Import-Csv "$TestDrive/u.csv" | Where-Object $name -LT $limit | Should -BeNullOrEmpty
        $undecided | Export-MriReport "$TestDrive/u.json" -Force
        (Get-Content -Raw "$TestDrive/u.json" | ConvertFrom-Json).pairs[0].$name | Should -BeNullOrEmpty
        foreach ($ending in 'html', 'md') {
            $undecided | Export-MriReport "$TestDrive/u.$ending" -Force
            Get-Content -Raw "$TestDrive/u.$ending" | Should -Not -Match '\bNaN\b'
        }
    }
}
