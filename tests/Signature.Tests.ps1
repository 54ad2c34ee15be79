BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    foreach ($person in 1..5) { $null = New-BrainFile $folder "a/sub-${person}_desc-preproc_T1w.nii" $person }
    $null = New-BrainFile $folder 'b/sub-x_desc-preproc_T1w.nii' 100 3 0.8
    $ours = Import-MriVolume "$folder/a" -Recurse
    $theirs = Import-MriVolume "$folder/b" -Recurse
    $key = New-TestFile $folder 'key' ([byte[]] (0..31))
    $other = New-TestFile $folder 'other' ([byte[]] (3..34))
}

Describe 'ConvertTo-MriSignature' {
    It 'lets two institutions find the person they share' {
        $ours | ConvertTo-MriSignature -KeyPath $key -OutFile "$folder/a.mrisig"
        $theirs | ConvertTo-MriSignature -KeyPath $key -OutFile "$folder/b.mrisig"
        $match = Find-MriMatch -Gallery "$folder/a.mrisig" -Probe "$folder/b.mrisig" -Threshold 0.5
        "$($match.ProbeParticipant) $($match.GalleryParticipant) $($match.IsMatch)" | Should -Be 'x 3 True'
        $signature = $theirs | ConvertTo-MriSignature -KeyPath $key
        "$($signature.Stage) $($signature.Values.Count)" | Should -Be 'Signature 3072'
        ($signature | Find-MriMatch "$folder/a.mrisig" -Threshold 0.5).GalleryParticipant | Should -Be '3'
    }

    It 'keeps the measure they were made for, whatever the default is' {
        $ours | ConvertTo-MriSignature -KeyPath $key -Metric NCC -OutFile "$folder/ncc.mrisig"
        $match = $theirs | ConvertTo-MriSignature -KeyPath $key -Metric NCC | Find-MriMatch "$folder/ncc.mrisig" -Threshold 0.5
        "$($match.GalleryParticipant) $($match.Metric)" | Should -Be '3 NCC'
        $signatures = $ours | ConvertTo-MriSignature -KeyPath $key
        ($signatures[0] | Measure-MriSimilarity $signatures).Metric | Sort-Object -Unique | Should -Be 'LocalNCC'
    }

    It 'tells what cannot be compared: <problem>' -ForEach @(
        @{ problem = 'another key'; script = { $ours[0] | ConvertTo-MriSignature -KeyPath $other | Find-MriMatch $signature -Threshold 0.5 } }
        @{ problem = 'the others are signatures'; script = { $ours[0] | Find-MriMatch $signature -Threshold 0.5 } }
        @{ problem = 'was made for LocalNCC'; script = { $signature | Find-MriMatch $signature -Metric SSIM -Threshold 0.5 } }
        @{ problem = 'was made for NCC'; script = { $ours[0] | ConvertTo-MriSignature -KeyPath $key -Metric NCC | Find-MriMatch $signature -Threshold 0.5 } }
        @{ problem = 'To make one'; script = { $ours[0] | ConvertTo-MriSignature -KeyPath "$folder/none" } }
    ) {
        $signature = $theirs | ConvertTo-MriSignature -KeyPath $key
        $outcome = Get-Outcome $script
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$problem*"
    }
}
