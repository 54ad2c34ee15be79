BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'Tab' {
    It 'offers <expected> for "<line>"' -ForEach @(
        @{ line = 'Invoke-MriPreprocess -Registration '; expected = 'Affine', 'None', 'Similarity' }
        @{ line = 'Invoke-MriPreprocess -Harmonisation n'; expected = 'None', 'Nyul' }
        @{ line = 'Export-MriReport x -Format '; expected = 'Auto', 'Csv', 'Html', 'Json', 'Markdown' }
        @{ line = 'Export-MriVolume x -DataType i'; expected = 'Int16' }
        @{ line = 'Show-MriVolume -Format s'; expected = 'Sixel' }
        @{ line = "New-MriSimulatedCohort -Scenario 'Sc"; expected = 'Scanner' }
        @{ line = 'Invoke-MriPreprocess -Template c'; expected = 'Colin27' }
        @{ line = 'Test-MriMitigation -Mitigation Smooth, d'; expected = 'Deface' }
        @{ line = 'Find-MriMatch -Metric N'; expected = 'NCC', 'NGF', 'NMI', 'NRMSE' }
        @{ line = 'Measure-MriSimilarity -Metric M'; expected = 'MAE', 'MI', 'MSE', 'MS-SSIM' }
        @{ line = 'Measure-MriSimilarity -Metric A'; expected = 'All' }
        @{ line = 'New-MriSimulatedCohort -Orientation LP'; expected = 'LPI', 'LPS' }
        @{ line = 'Get-MriEngine '; expected = 'BuiltIn', 'SimpleITK' }
    ) {
        # Where no files are, which may be offered too.
        Push-Location (New-TestFolder)
        try {
            (Get-Completion $line).CompletionText | Sort-Object | Should -Be ($expected | Sort-Object)
        }
        finally {
            Pop-Location
        }
    }

    It 'explains every choice of every parameter, and choices are taken in any case' {
        $found = 0
        foreach ($cmdlet in Get-Command -Module MriLink -CommandType Cmdlet) {
            foreach ($parameter in $cmdlet.Parameters.Values) {
                $choice = $parameter.Attributes | Where-Object { $_.GetType().Name -eq 'ChoiceAttribute' }
                if (-not $choice) { continue }
                $found++
                $offers = Get-Completion "$($cmdlet.Name) -$($parameter.Name) "
                $offers | Should -Not -BeNullOrEmpty
                foreach ($offer in $offers) {
                    $offer.ToolTip | Should -BeLike "$($offer.CompletionText): *"
                    $choice.Transform($null, $offer.CompletionText.ToUpperInvariant()) | Should -BeExactly $offer.CompletionText
                }
            }
        }

        $found | Should -BeGreaterThan 10
        (Get-Completion 'Measure-MriSimilarity -Metric M').ToolTip | Should -BeLike '*more alike*'
    }

    It 'offers every orientation, and all measures only where all are taken' {
        $all = Get-Completion 'New-MriSimulatedScan -Orientation '
        $all | Should -HaveCount 48
        ($all | Where-Object CompletionText -EQ 'PSR').ToolTip | Should -Be 'PSR: voxel axes run back, up, right'
        (New-MriSimulatedCohort 1 -SessionCount 1 -Orientation $all[47].CompletionText).Orientation | Should -Be $all[47].CompletionText
        (Get-Completion 'Find-MriMatch -Metric A').CompletionText | Should -Not -Contain 'All'
    }

    It 'has told what there is, and what it means, when a value is none of it' {
        { New-MriSimulatedCohort 1 | Invoke-MriPreprocess -Registration Elastic } |
            Should -Throw "*'Elastic' is none of Affine (12 parameters), Similarity (7 parameters)*"
    }

    It 'still offers files for a template' {
        Push-Location (New-TestFolder)
        try {
            Set-Content 'my-head.nii' ''
            (Get-Completion 'Invoke-MriPreprocess -Template my').ListItemText | Should -Be 'my-head.nii'
        }
        finally {
            Pop-Location
        }
    }

    It 'offers participants and entries of the gallery that the line names, and nothing where there is none' {
        $folder = New-TestFolder
        $names = 'a/sub-x1_desc-preproc_T1w.nii', 'a/sub-x2_desc-preproc_T1w.nii', 'a/odd [1].nii'
        for ($i = 0; $i -lt 3; $i++) { $null = New-BrainFile $folder $names[$i] (1 + $i) }
        $place = "$folder/g.mrigallery"
        Import-MriVolume "$folder/a" -Recurse | Add-MriGalleryVolume (New-MriGallery $place)
        (Get-Completion "Get-MriGalleryVolume '$place' -Participant x").CompletionText | Should -Be 'x1', 'x2'
        (Get-Completion "Get-MriGalleryVolume '$place' -Participant 'od").CompletionText | Should -Be "'odd ``[1``]'"
        (Get-MriGalleryVolume $place -Participant 'odd `[1`]').Participant | Should -Be 'odd [1]'
        (Get-Completion "Remove-MriGalleryVolume -Gallery '$place' -Id ").CompletionText | Should -Be '1', '2', '3'
        Get-Completion "Get-MriGalleryVolume '$folder/none' -Id " | Where-Object ResultType -EQ ParameterValue | Should -BeNullOrEmpty
    }
}
