BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    $small = Get-SmallHead
    $head = Import-MriVolume (New-TestFile $folder 'head.nii' (New-Nifti $small.Size $small.Head (Get-HeadPose))) -Participant head

    # Six people with two scans each, under labels that would be markup, a formula or a table's edge if they were not escaped.
    foreach ($person in 1..6) { foreach ($scan in 1, 2) { $null = New-PersonFile "$folder/people" $person $scan } }
    $gallery = Import-MriVolume "$folder/people/sub-*_ses-1_T1w.nii" -Participant { '=A<script>|' + $_.Name.Substring(4, 2) }
    $probes = Import-MriVolume "$folder/people/sub-*_ses-2_T1w.nii" -Participant { '=B<script>|' + $_.Name.Substring(4, 2) }
    $found = $probes | Find-MriMatch -Gallery $gallery -Top 6 -Threshold 0.5
}

Describe 'Export-MriReport' {
    It 'writes a page that says it in words, shows it and needs nothing else' {
        $path = "$folder/report.html"
        $found | Export-MriReport $path -Probe $probes -Gallery $gallery -Threshold 0.5 -Title 'A & B <now>'
        $page = Get-Content -Raw $path
        foreach ($text in '6 of 6 scans are very probably of people in the gallery.', '<h1>A &amp; B &lt;now&gt;</h1>', '=B&lt;script&gt;|01 ses-2') {
            $page.Contains($text) | Should -BeTrue -Because $text
        }
        foreach ($text in '<script', 'src="http', '<link') { $page.Contains($text) | Should -BeFalse -Because $text }

        # Four pictures and a plot of each link, and three plots of all; all well-formed.
        [regex]::Matches($page, 'data:image/png;base64,') | Should -HaveCount 24
        $plots = [regex]::Matches($page, '(?s)<svg.*?</svg>')
        $plots | Should -HaveCount 9
        [regex]::Matches($page, ' id="[^"]+"').Value | Group-Object | Where-Object Count -GT 1 | Should -BeNullOrEmpty
        $plots | ForEach-Object { ([xml] $_.Value).DocumentElement.LocalName | Should -Be 'svg' }
    }

    It 'writes every pair as JSON and CSV, and the links as Markdown' {
        foreach ($ending in 'json', 'csv', 'md') { $found | Export-MriReport "$folder/report.$ending" }
        $json = Get-Content -Raw "$folder/report.json" | ConvertFrom-Json
        $json.links | Should -Be 6
        $json.pairs | Should -HaveCount 36
        $lines = Get-Content "$folder/report.csv"
        $lines | Should -HaveCount 37
        $lines[1] | Should -BeLike "'=B<script>|01,2,,'=A<script>|01,1,,1,LocalNCC,0.9*"
        Import-Csv "$folder/report.csv" | Should -HaveCount 36
        $markdown = Get-Content "$folder/report.md"
        $markdown -match '^\|' | Should -HaveCount 8
        ($markdown -join "`n").Contains('\<script\>\|01') | Should -BeTrue
    }

    It 'says of either side what was not examined, and why, in every form' {
        $failed = Import-MriVolume (New-BrainFile $folder 'failed/sub-99_desc-preproc_T1w.nii' 1)
        $sidecar = [IO.Path]::ChangeExtension($failed.Path, '.json')
        $json = Get-Content -Raw $sidecar | ConvertFrom-Json -AsHashtable
        $json.MriLink.Quality.TemplateOverlap = 0.1
        $json | ConvertTo-Json -Depth 5 | Set-Content $sidecar
        $brains = @(1..4 | ForEach-Object { Import-MriVolume (New-BrainFile $folder "b/sub-0${_}_ses-2_desc-preproc_T1w.nii" $_) }) +
            (Import-MriVolume $failed.Path)
        $held = 1..5 | ForEach-Object { Import-MriVolume (New-BrainFile $folder "h/sub-0${_}_ses-1_desc-preproc_T1w.nii" (50 + $_) $_ 0.8) }
        $other = Import-MriVolume (New-TestFile $folder 'h/othergrid.nii')
        $links = (Get-Outcome { $brains | Find-MriMatch (@($held) + $other) -Threshold 0.5 }).Output | Where-Object IsMatch | Select-Object -First 2
        $links | Should -HaveCount 2
        $late = Import-MriVolume (New-BrainFile $folder 'b/sub-77_desc-preproc_T1w.nii' 77)
        foreach ($ending in 'html', 'json', 'csv', 'md') {
            $links | Export-MriReport "$folder/examined.$ending" -Probe (@($brains) + $late) -Gallery $held
        }

        # Two links of four probes; one failed and one came too late. Of the gallery one lies on another grid.
        $json = Get-Content -Raw "$folder/examined.json" | ConvertFrom-Json
        $json.probes, $json.probesGiven, $json.galleryScans, $json.galleryGiven | Should -Be 4, 6, 5, 6
        $why = $json.notExamined | ForEach-Object { "$($_.side) $($_.scan.participant): $($_.reason)" } | Sort-Object
        $why | Should -HaveCount 3
        $why[0] | Should -BeLike 'Gallery othergrid:*does not lie on the grid of*'
        $why[1] | Should -Be 'Probe 77: was not given to the search'
        $why[2] | Should -BeLike 'Probe 99: failed quality control: overlap*'
        $json.parameters | Should -Be '-Threshold LocalNCC >= 0.5'.Replace('LocalNCC >= ', '')
        $json.compared | Should -BeOfType [datetime]
        $json.versions | Should -Match '^\d+\.\d+'
        foreach ($ending in 'html', 'md') {
            $text = Get-Content -Raw "$folder/examined.$ending"
            foreach ($words in 'not examined', '2 of 6 scans to be looked for and 1 of 6 of the gallery', 'failed quality control: overlap',
                'was not given to the search', ' UTC by MriLink', '-Threshold 0', 'Threshold: LocalNCC') {
                ($text -replace '\\').Contains($words, 'OrdinalIgnoreCase') | Should -BeTrue -Because "$ending says '$words'"
            }
        }

        $rows = Import-Csv "$folder/examined.csv"
        $rows | Should -HaveCount 2
        foreach ($row in $rows) {
            "$($row.ProbesCompared) $($row.ProbesGiven) $($row.GalleryCompared) $($row.GalleryGiven) $($row.Undecided)" | Should -Be '4 6 5 6 0'
        }
        [datetime]::Parse($rows[0].Compared) | Should -BeGreaterThan ([datetime]::Now.AddHours(-1))
    }

    It 'writes a report that says so where nothing is handed to it, and leaves no last run''s rows: <_>' -ForEach 'html', 'json', 'csv', 'md' {
        $path = "$folder/none.$_"
        $found | Export-MriReport $path
        $found | Where-Object Score -GT 2 | Export-MriReport $path -Force -Probe $probes
        $text = Get-Content -Raw $path
        $text | Should -Not -Match 'script'
        if ($_ -eq 'csv') { Import-Csv $path | Should -BeNullOrEmpty; $text | Should -Match '^ProbeParticipant,' }
        else { $text | Should -Match 'No pair of scans was handed to this report.*6 scans were to be looked for' }
    }

    It 'does not know what a search left out whose matches come from a file' {
        $found | Export-Csv "$folder/found.csv"
        Import-Csv "$folder/found.csv" | Export-MriReport "$folder/again.html"
        Get-Content -Raw "$folder/again.html" | Should -Match 'do not tell what was left out'
    }

    It 'draws the trade-off of errors with an evaluation' {
        $truth = @{ Path = "$folder/people/*.nii" }
        $evaluation = Import-MriVolume @truth | Measure-MriSimilarity -Reference (Import-MriVolume "$folder/people/*_ses-1_*.nii") |
            Measure-MriLinkage -Replicate 100
        $found | Export-MriReport "$folder/evaluated.html" -Evaluation $evaluation
        Get-Content -Raw "$folder/evaluated.html" | Should -Match 'Against the truth'
    }

    It 'keeps an existing report, writes nothing with -WhatIf, and goes by the ending' {
        $there = New-TestFile $folder 'there.html' (1, 2, 3)
        { $found | Export-MriReport $there } | Should -Throw '*-Force*'
        { $found | Export-MriReport "$folder/x.pdf" } | Should -Throw '*-Format*'
        $found | Export-MriReport "$folder/new.html" -WhatIf
        [IO.File]::ReadAllBytes($there) | Should -Be 1, 2, 3
        "$folder/new.html" | Should -Not -Exist
    }
}

Describe 'Export-MriReport -Quality' {
    BeforeAll {
        $bad = New-BrainFile $folder 'q/sub-2_desc-preproc_T1w.nii' 2
        $sidecar = [IO.Path]::ChangeExtension($bad, '.json')
        (Get-Content -Raw $sidecar) -replace '"TemplateOverlap": 0.95', '"TemplateOverlap": 0.1' | Set-Content $sidecar
        $review = New-BrainFile $folder 'q/sub-3_desc-preproc_T1w.nii' 3
        $sidecar = [IO.Path]::ChangeExtension($review, '.json')
        (Get-Content -Raw $sidecar) -replace '"BrainMillilitres": 1300', '"BrainMillilitres": 800' | Set-Content $sidecar
        $brains = @((New-BrainFile $folder 'q/sub-1_desc-preproc_T1w.nii' 1), $bad, $review | ForEach-Object { Import-MriVolume $_ })
    }

    It 'is a sheet of slices with the masks'' edges, the worst first, and names what is not on it' {
        $brains | Export-MriReport "$folder/quality.html" -Quality -Probe (@($brains) + $head) -Title 'Release <B>'
        $page = Get-Content -Raw "$folder/quality.html"
        [regex]::Matches($page, '<figure class="(\w+)"').ForEach({ $_.Groups[1].Value }) | Should -Be 'Fail', 'Review', 'Pass'
        $pictures = [regex]::Matches($page, '(?s)base64,([^"]+)').ForEach({ , [Convert]::FromBase64String($_.Groups[1].Value) })
        $pictures.ForEach({ [Text.Encoding]::ASCII.GetString($_, 1, 3) }) | Should -Be 'PNG', 'PNG', 'PNG'
        foreach ($text in '<h1>Release &lt;B&gt;</h1>',
            '3 scans, by verdict: 1 Fail, 1 Review, 1 Pass. Not on this sheet, and so not known to be preprocessed: 1 more.', 'Not on this sheet',
            'overlap with the template', 'brain volume') {
            $page.Contains($text) | Should -BeTrue -Because $text
        }
    }

    It 'tells what it cannot show, and that nothing came' {
        $outcome = Get-Outcome { $head, $brains[0] | Export-MriReport "$folder/raw.html" -Quality }
        $outcome.Errors.Exception.Message | Should -BeLike '*is not preprocessed*'
        Get-Content -Raw "$folder/raw.html" | Should -Match '1 scans, by verdict: 0 Fail'
        $brains | Where-Object Quality -EQ 'None' | Export-MriReport "$folder/raw.html" -Quality -Force
        Get-Content -Raw "$folder/raw.html" | Should -Match 'nothing is known of any'
        { $brains | Export-MriReport "$folder/x.csv" -Quality } | Should -Throw '*Export-Csv*'
    }
}

Describe 'Show-MriVolume' {
    It 'draws half blocks no wider than asked for' {
        $lines = $head | Show-MriVolume -Width 90 -Format HalfBlock
        $lines.Count | Should -BeIn (10..45)
        $lines | ForEach-Object { [regex]::Matches($_, '\u2580').Count | Should -BeIn (40..90) }

        # Air at the corner is black, and brains are bright.
        $lines[0].StartsWith("`e[38;2;0;0;0;48;2;0;0;0m$([char] 0x2580)") | Should -BeTrue
        "$lines" | Should -Match '38;2;(1[3-9]\d|2\d\d);'
    }

    It 'draws one sixel sequence with the picture''s size' {
        $text = $head | Show-MriVolume -Width 40 -Format sixel
        $text | Should -Match "^`eP0;1q`"1;1;[0-9]+;[0-9]+#0;2;0;0;0"
        $text.EndsWith("`e\") | Should -BeTrue
    }

    It 'gives one error for a damaged volume and shows the next' {
        $nan = Import-MriVolume (New-TestFile $folder 'nan.nii' (New-NaNNifti))
        $outcome = Get-Outcome { $nan, $head | Show-MriVolume -Width 40 }
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike '*nan.nii*'
        $outcome.Output | Should -Not -BeNullOrEmpty
    }

    It 'draws a volume and itself as a checkerboard that is the volume, or side by side' {
        $alone = $head | Show-MriVolume -Width 60
        ($head | Show-MriVolume -Width 60 -Reference $head -Comparison Checkerboard) -join '' | Should -Be ($alone -join '')
        ($head | Show-MriVolume -Width 60 -Reference $head).Count | Should -BeGreaterThan (1.9 * $alone.Count)
    }

    It 'has no outline of a mask for a raw scan' {
        { $head | Show-MriVolume -MaskOutline } | Should -Throw '*no brain mask*'
    }
}

Describe 'Export-MriImage' {
    It 'writes the three slices as a PNG, under a name that a script block gives' {
        $head | Export-MriImage -Path { "$folder/$($_.Participant).png" } -PixelSize 4
        $bytes = [IO.File]::ReadAllBytes("$folder/head.png")
        [Text.Encoding]::ASCII.GetString($bytes, 1, 3) | Should -Be 'PNG'

        # 46 x 55 x 46 voxels of 4 mm: 55 + 46 + 46 pixels and two gaps of 2 across, 55 down; big-endian in the file.
        $bytes[16..23] | Should -Be 0, 0, 0, 151, 0, 0, 0, 55
    }

    It 'never draws two volumes of one name into one file, with -Force neither' {
        $same = Import-MriVolume "$folder/people/sub-01_ses-1_T1w.nii", "$folder/people/sub-02_ses-1_T1w.nii" -Participant same
        $outcome = Get-Outcome { $same | Export-MriImage -Path { "$folder/$($_.Participant).png" } -Force -PassThru }
        $outcome.Output | Should -HaveCount 1
        $outcome.Errors.Exception.Message | Should -BeLike '*another volume of this pipeline*'
        $same[0] | Export-MriImage "$folder/first.png"
        [IO.File]::ReadAllBytes("$folder/same.png") | Should -Be ([IO.File]::ReadAllBytes("$folder/first.png"))
    }

    It 'keeps an existing picture, writes nothing with -WhatIf, and refuses another ending' {
        $there = New-TestFile $folder 'there.png' (1, 2, 3)
        { $head | Export-MriImage $there } | Should -Throw '*-Force*'
        { $head | Export-MriImage "$folder/out.jpg" } | Should -Throw '*.png*'
        $head | Export-MriImage "$folder/new.png" -WhatIf
        [IO.File]::ReadAllBytes($there) | Should -Be 1, 2, 3
        "$folder/new.png" | Should -Not -Exist
    }
}
