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
        foreach ($text in '6 of 6 scans are very probably of people in the gallery.', '<h1>A &amp; B &lt;now&gt;</h1>', '=B&lt;script&gt;|01 ses-2') { $page.Contains($text) | Should -BeTrue -Because $text }
        foreach ($text in '<script', 'src="http', '<link') { $page.Contains($text) | Should -BeFalse -Because $text }

        # Three pictures of each link, and two plots that are well-formed.
        [regex]::Matches($page, 'data:image/png;base64,') | Should -HaveCount 18
        $plots = [regex]::Matches($page, '(?s)<svg.*?</svg>')
        $plots | Should -HaveCount 2
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

    It 'draws the trade-off of errors with an evaluation' {
        $truth = @{ Path = "$folder/people/*.nii" }
        $evaluation = Import-MriVolume @truth | Measure-MriSimilarity -Reference (Import-MriVolume "$folder/people/*_ses-1_*.nii") | Measure-MriLinkage -Replicate 100
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

    It 'keeps an existing picture, writes nothing with -WhatIf, and refuses another ending' {
        $there = New-TestFile $folder 'there.png' (1, 2, 3)
        { $head | Export-MriImage $there } | Should -Throw '*-Force*'
        { $head | Export-MriImage "$folder/out.jpg" } | Should -Throw '*.png*'
        $head | Export-MriImage "$folder/new.png" -WhatIf
        [IO.File]::ReadAllBytes($there) | Should -Be 1, 2, 3
        "$folder/new.png" | Should -Not -Exist
    }
}
