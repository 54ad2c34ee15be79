#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Measure-MriSimilarity, Find-MriMatch, Measure-MriLinkage, Get-MriLinkageThreshold and Test-MriLabel as people use them,
    in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Similarity.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop

    # Five people, two visits each, all on one grid and in one pose: scans that can be compared as they are.
    $data = Join-Path $TestDrive 'data'
    New-MriSimulatedCohort -ParticipantCount 5 -LabelFormat '{0:00}' -Rotation 0 -Translation 0 -Spacing 6 -Stripped |
        Export-MriVolume -Path "$data/" -Force
    $first = Import-MriVolume "$data/*_ses-1_*.nii.gz"
    $second = Import-MriVolume "$data/*_ses-2_*.nii.gz"
}

Describe 'Measure-MriSimilarity' {
    It 'gives a matrix with names, and every pair of it as a row' {
        $matrix = $second | Measure-MriSimilarity -Reference $first -AsMatrix
        "$matrix" | Should -Be "LocalNCC: $($first.Count) x $($second.Count)"
        [Math]::Abs($matrix[0, 1] - ($second[1] | Measure-MriSimilarity -Reference $first[0]).Score) | Should -BeLessThan 1e-5
        @($matrix.Pairs()).Count | Should -Be ($first.Count * $second.Count)
    }

    It 'maps where two brains agree, as a volume to export' {
        $file = Join-Path $TestDrive 'map.nii.gz'
        $second[0] | Measure-MriSimilarity -Reference $first[0] -Map -Metric LNCC | Export-MriVolume -LiteralPath $file
        (Import-MriVolume $file).Size | Should -Be $first[0].Size
    }

    It 'compares each scan with a reference' {
        $rows = $second | Measure-MriSimilarity -Reference $first[0]
        $rows | Should -HaveCount 5
        ($rows | Sort-Object Score -Descending)[0].Volume.Participant | Should -Be '01'
    }

    It 'takes several measures, or all' {
        ($second[0] | Measure-MriSimilarity $first[0] NCC, SSIM, MAE).Metric | Should -Be 'NCC', 'SSIM', 'MAE'
        ($second[0] | Measure-MriSimilarity $first[0] -Metric All -WarningAction SilentlyContinue).Count | Should -BeGreaterThan 15
    }

    It 'names the measures there are when asked for another' {
        { $second[0] | Measure-MriSimilarity $first[0] -Metric Guess } | Should -Throw -ExpectedMessage '*MS-SSIM*'
    }

    It 'groups and averages like any table' {
        $mean = $second | Measure-MriSimilarity -Reference $first -Metric NCC, MI |
            Group-Object Metric | ForEach-Object { ($_.Group | Measure-Object Score -Average).Average }
        $mean | Should -HaveCount 2
    }

    It 'makes a flat CSV file' {
        $file = Join-Path $TestDrive 'scores.csv'
        $second | Measure-MriSimilarity -Reference $first[0] | Export-Csv -Path $file
        $rows = Import-Csv -Path $file
        $rows | Should -HaveCount 5
        $rows[1].Volume | Should -Be '02 ses-2'
        $rows[1].VolumeParticipant | Should -Be '02'
        [double]$rows[0].Score | Should -BeGreaterThan 0.8
    }
}

Describe 'Find-MriMatch' {
    It 'finds everybody' {
        $found = $second | Find-MriMatch -Gallery $first
        $found | Should -HaveCount 5
        $found | Where-Object { $_.Probe.Participant -eq $_.Gallery.Participant } | Should -HaveCount 5
        $found | ForEach-Object Rank | Should -Be 1, 1, 1, 1, 1
    }

    It 'links from a threshold on' {
        $second | Find-MriMatch $first -Threshold 0.99999 | Where-Object IsMatch | Should -BeNullOrEmpty
        $second | Find-MriMatch $first -Threshold -1 | Where-Object IsMatch | Should -HaveCount 5
    }

    It 'lists the best few' {
        $second[0] | Find-MriMatch $first -Top 3 -Threshold 0.5 | ForEach-Object Rank | Should -Be 1, 2, 3
    }

    It 'makes a flat CSV file and JSON of names and numbers' {
        $found = $second | Find-MriMatch $first
        $rows = $found | ConvertTo-Csv | ConvertFrom-Csv
        $rows[2].Probe | Should -Be '03 ses-2'
        $rows[2].Gallery | Should -Be '03 ses-1'
        $rows[2].GalleryPath | Should -BeLike '*sub-03_ses-1*'

        $json = $found[2] | ConvertTo-Json -WarningVariable truncated
        $truncated | Should -BeNullOrEmpty
        $json.Length | Should -BeLessThan 3000
        $back = $json | ConvertFrom-Json
        $back.Probe.Participant | Should -Be '03'
        $back.Score | Should -Be $found[2].Score
    }

    It 'reports a gallery scan that cannot be read and searches the others' {
        $broken = Join-Path $TestDrive 'gone.nii.gz'
        Copy-Item -Path $first[0].Path -Destination $broken
        $gone = Import-MriVolume $broken
        Remove-Item -Path $broken
        $found = $second | Find-MriMatch -Gallery (@($first) + $gone) -ErrorAction SilentlyContinue -ErrorVariable problems
        $found | Should -HaveCount 5
        $problems | Should -HaveCount 1
        $problems[0].Exception.Message | Should -BeLike '*gone.nii.gz*'
    }

    It 'shows a table that fits a screen' {
        $text = $second | Find-MriMatch $first | Out-String -Width 100
        $text | Should -Match 'Probe\s+Gallery\s+Rank'
        $text | Should -Match '05 ses-2\s+05 ses-1\s+1'
    }
}

Describe 'Measure-MriLinkage' {
    It 'says how well a measure tells people apart' {
        $evaluation = $second | Measure-MriSimilarity -Reference $first -Metric NCC | Measure-MriLinkage -Replicate 100
        $evaluation | Should -HaveCount 1
        $evaluation.Auc.Value | Should -Be 1
    }
}

Describe 'Get-MriLinkageThreshold' {
    It 'gives the threshold that Find-MriMatch takes' {
        $threshold = $second | Measure-MriSimilarity -Reference $first | Get-MriLinkageThreshold -WarningAction SilentlyContinue
        $threshold | Should -HaveCount 1
        $second | Find-MriMatch $first -Threshold $threshold | Where-Object IsMatch | Should -HaveCount 5
    }
}

Describe 'Test-MriLabel' {
    BeforeAll {
        $eight = Join-Path $TestDrive 'eight'
        New-MriSimulatedCohort -ParticipantCount 8 -LabelFormat '{0:00}' -Rotation 0 -Translation 0 -Spacing 6 -Stripped |
            Export-MriVolume -Path "$eight/" -Force
    }

    It 'has nothing to say of right labels' {
        Import-MriVolume "$eight/*.nii.gz" | Test-MriLabel | Should -BeNullOrEmpty
    }

    It 'finds a scan that carries another person''s label' {
        $findings = Import-MriVolume "$eight/*.nii.gz" -Participant { if ($_.Name -like 'sub-03_ses-2*') { '04' } else { $_.Name.Substring(4, 2) } } | Test-MriLabel
        $findings | Where-Object Problem -EQ TwoLabelsOnePerson | Should -HaveCount 1
        $findings | Where-Object Problem -EQ OneLabelTwoPeople | Should -HaveCount 2
        $findings.FirstParticipant | Should -BeIn '03', '04'
    }
}
