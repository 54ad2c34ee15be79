BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    $files = (New-PersonFile $folder 1 1), (New-PersonFile $folder 1 2), (New-PersonFile $folder 2 1)
    $scan, $same, $other = Import-MriVolume $files
}

Describe 'Measure-MriSimilarity' {
    It 'gives a row for each pair and measure, in the order of the input' {
        $rows = $same, $other | Measure-MriSimilarity $scan -Metric ncc, MAE
        $rows | ForEach-Object { "$($_.Reference) | $($_.Volume) | $($_.Metric)" } |
            Should -Be '01 ses-1 | 01 ses-2 | NCC', '01 ses-1 | 01 ses-2 | MAE', '01 ses-1 | 02 ses-1 | NCC', '01 ses-1 | 02 ses-1 | MAE'
        $rows | ForEach-Object { $_.psobject.TypeNames | Should -Contain 'MriLink.Core.Similarity.ScanSimilarity' }

        # See New-PersonFile: 0.934 for one person; 0 for two, give or take three times 1/sqrt(4096).
        [Math]::Abs($rows[0].Score - 0.934) | Should -BeLessThan 0.01
        [Math]::Abs($rows[2].Score) | Should -BeLessThan 0.05
        $rows[1].Score | Should -BeLessThan $rows[3].Score
        $rows[0..1].HigherIsBetter | Should -Be $true, $false
    }

    It 'takes one reference or several, from parameter or pipeline' {
        $all = $scan, $same, $other
        $all | Measure-MriSimilarity -Reference $all | Should -HaveCount 9
        Measure-MriSimilarity -Reference $all -InputObject $all | Should -HaveCount 9
    }

    It 'has a row for all measures, and a scan is most like itself' {
        $outcome = Get-Outcome { $scan, $other | Measure-MriSimilarity $scan -Metric All }
        $outcome.Errors | Should -BeNullOrEmpty
        $groups = $outcome.Output | Group-Object Metric
        'MAE', 'MSE', 'RMSE', 'NRMSE', 'PSNR', 'NCC', 'LocalNCC', 'Cosine', 'Spearman', 'LNCC', 'MI', 'NMI', 'CR', 'UQI', 'SSIM', 'MS-SSIM', 'GMSD' |
            Should -BeIn $groups.Name
        foreach ($group in $groups | Where-Object Name -NE MS-SSIM) {
            $itself, $another = $group.Group.Score
            ($group.Group[0].HigherIsBetter ? $itself - $another : $another - $itself) | Should -BeGreaterThan 0 -Because $group.Name
        }

        # Sixteen voxels are too few for five scales: NaN, which no filter takes for unlike, and a warning that says why.
        [double]::IsNaN(($groups | Where-Object Name -EQ MS-SSIM).Group[0].Score) | Should -BeTrue
        $outcome.Output | Where-Object Metric -EQ MS-SSIM | Where-Object Score -LT 0.5 | Should -BeNullOrEmpty
        "$($outcome.Warnings)" | Should -Match 'MS-SSIM'
    }

    It 'gives one error for a volume that cannot be compared, and goes on' {
        $bad = @(
            New-TestFile $folder 'nan.nii' (New-NaNNifti)
            New-TestFile $folder 'othergrid.nii'
            New-ZeroFile $folder 'zeros.nii.gz' 16
        )
        $outcome = Get-Outcome { Import-MriVolume (@($bad) + $files[2]) | Measure-MriSimilarity $scan }
        $outcome.Output | ForEach-Object { "$($_.Volume)" } | Should -Be '02 ses-1'
        $outcome.Errors.TargetObject | Should -Be $bad
        $outcome.Errors | ForEach-Object {
            $_.Exception.Message.Contains((Split-Path -LeafBase $_.TargetObject).Replace('.nii', '')) | Should -BeTrue
        }
    }

    It 'ends without a usable reference' {
        $nan = New-TestFile $folder 'nan.nii' (New-NaNNifti)
        $outcome = Get-Outcome { $scan | Measure-MriSimilarity (Import-MriVolume $nan) }
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors[-1].Exception.Message | Should -Match 'reference'
    }

    It 'gives a matrix with names and an indexer for each measure, and every pair of it as a row' {
        $matrices = $scan, $other, $same | Measure-MriSimilarity ($scan, $other) -Metric NCC, MAE -AsMatrix
        "$($matrices[0])" | Should -Be 'NCC: 3 x 2'
        "$($matrices[1].Measure)" | Should -Be 'MAE'
        $matrices[0].Probes[2].Name | Should -Be '01 ses-2'
        $matrices[0].Gallery[1].Name | Should -Be '02 ses-1'
        [Math]::Abs($matrices[0][2, 0] - ($same | Measure-MriSimilarity $scan -Metric NCC).Score) | Should -BeLessThan 1e-5
        @($matrices[0].Pairs()) | Should -HaveCount 6

        # Rows and columns, pairs and matches call the same scan the same.
        $pair = @($matrices[0].Pairs())[5]
        "$($pair.Volume) | $($pair.Reference)" | Should -Be '01 ses-2 | 02 ses-1'
        $match = $same | Find-MriMatch $scan, $other -Top 2 -Metric NCC -Threshold 0.5
        "$($match[0].Probe) | $($match[0].Gallery)" | Should -Be "$($matrices[0].Probes[2]) | $($matrices[0].Gallery[0])"
    }

    It 'makes a labelled matrix as CSV, with a heading for each scan, whatever the culture' {
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            $again = Import-MriVolume (Copy-Item $files[0] "$folder/copy.nii" -PassThru) -Participant '01' -Session '1'
            $matrix = $same, $other | Measure-MriSimilarity ($scan, $other, $again) -Metric NCC -AsMatrix
            $matrix.Rows() | Export-Csv "$folder/matrix.csv"
        }
        finally {
            [cultureinfo]::CurrentCulture = $culture
        }

        $table = Import-Csv "$folder/matrix.csv"
        $table[0].psobject.Properties.Name | Should -Be 'Probe', '01 ses-1', '02 ses-1', '01 ses-1 #2'
        $table.Probe | Should -Be '01 ses-2', '02 ses-1'
        [double] $table[0].'01 ses-1' | Should -Be $matrix[0, 0]
        $table[1].'02 ses-1' | Should -Match '^(1|0\.99999\d+)$'
    }

    It 'warns where a matrix would go into a CSV file as one row without scores, and nowhere else' {
        $warned = @(
            { $same | Measure-MriSimilarity $scan -AsMatrix | Export-Csv "$folder/size.csv" }
            { $same | Measure-MriSimilarity ($scan, $other) -AsMatrix | ConvertTo-Csv }
        )
        $silent = @(
            { ($same | Measure-MriSimilarity $scan -AsMatrix).Rows() | Export-Csv "$folder/matrix.csv" }
            { $same | Measure-MriSimilarity $scan | Export-Csv "$folder/pairs.csv" }
            { $same | Measure-MriSimilarity $scan -AsMatrix | ForEach-Object { $_.Rows() } | ConvertTo-Csv }
            { $null = $same | Measure-MriSimilarity $scan -AsMatrix; $same | ConvertTo-Csv }
            { $same | Measure-MriSimilarity $scan -AsMatrix | Measure-MriLinkage -ErrorAction SilentlyContinue }
        )
        foreach ($script in $warned) { (Get-Outcome $script).Warnings | Should -BeLike '*no score*.Rows() | Export-Csv*' -Because $script }
        foreach ($script in $silent) {
            (Get-Outcome $script).Warnings | Where-Object Message -Like '*.Rows()*' | Should -BeNullOrEmpty -Because $script
        }
    }

    It 'evaluates a matrix and its pairs alike, whatever side is larger' {
        $matrix = $same, $other | Measure-MriSimilarity ($scan, $other) -Metric NCC -AsMatrix
        $pairs = $same, $other | Measure-MriSimilarity ($scan, $other) -Metric NCC
        foreach ($name in 'MatedProbes', 'NonMatedProbes', 'GenuinePairs', 'ImpostorPairs') {
            ($matrix | Measure-MriLinkage -Replicate 100).$name | Should -Be ($pairs | Measure-MriLinkage -Replicate 100).$name -Because $name
        }
    }

    It 'maps where two brains agree, as volumes to export' {
        $maps = $same | Measure-MriSimilarity $scan -Map -Metric LNCC, SSIM
        $maps | Should -HaveCount 2
        $target = Join-Path $folder 'map.nii.gz'
        $maps[0] | Export-MriVolume $target
        (Import-MriVolume $target).Size | Should -Be $scan.Size
        { $same | Measure-MriSimilarity $scan -Map -Metric NCC } | Should -Throw '*SSIM*'
    }

    It 'refuses an unknown measure with a list of those there are' {
        $problem = { $scan | Measure-MriSimilarity $scan -Metric Guess } | Should -Throw '*Guess*MS-SSIM*' -PassThru
        $problem.Exception | Should -BeOfType [System.Management.Automation.ParameterBindingException]
    }

    It 'groups and averages like any table, and makes a flat CSV file' {
        $rows = $same, $other | Measure-MriSimilarity $scan -Metric NCC, MI
        $rows | Group-Object Metric | ForEach-Object { ($_.Group | Measure-Object Score -Average).Average } | Should -HaveCount 2
        $file = Join-Path $folder 'scores.csv'
        $rows | Export-Csv $file
        $read = Import-Csv $file
        $read | Should -HaveCount 4
        $read[0].Volume, $read[0].VolumeParticipant | Should -Be '01 ses-2', '01'
        [double] $read[0].Score | Should -BeGreaterThan 0.8
    }
}
