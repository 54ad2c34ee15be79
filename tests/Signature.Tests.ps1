BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    foreach ($person in 1..5) { $null = New-BrainFile $folder "a/sub-${person}_desc-preproc_T1w.nii" $person }
    $null = New-BrainFile $folder 'b/sub-x_desc-preproc_T1w.nii' 100 3 0.8
    $ours = Import-MriVolume "$folder/a" -Recurse
    $theirs = Import-MriVolume "$folder/b" -Recurse
    $key = (New-MriKey "$folder/key").FullName
    $other = (New-MriKey "$folder/other").FullName
}

Describe 'ConvertTo-MriSignature' {
    It 'lets two institutions find the person they share' {
        $ours | ConvertTo-MriSignature -KeyPath $key -OutFile "$folder/a.mrisig"
        $theirs | ConvertTo-MriSignature -KeyPath $key -OutFile "$folder/b.mrisig"
        $match = Find-MriMatch -Gallery "$folder/a.mrisig" -Probe "$folder/b.mrisig" -Threshold 0.5
        "$($match.ProbeParticipant) $($match.GalleryParticipant) $($match.IsMatch)" | Should -Be 'x 3 True'
        $signature = $theirs | ConvertTo-MriSignature -KeyPath $key
        "$($signature.Stage) $($signature.GetValues().Count)" | Should -Be 'Signature 3072'
        ($signature | Find-MriMatch "$folder/a.mrisig" -Threshold 0.5).GalleryParticipant | Should -Be '3'
    }

    It 'makes none of a scan whose preprocessing failed, and says why' {
        $noise = [byte[]]::new(48 * 59 * 53)
        [Random]::new(1).NextBytes($noise)
        $file = New-TestFile $folder 'noise_T1w.nii' (New-Nifti (48, 59, 53) $noise (4, 0, 0, -94, 0, 4, 0, -134, 0, 0, 4, -72))
        $failed = Import-MriVolume $file | Invoke-MriPreprocess -Spacing 6 -WarningAction SilentlyContinue
        $failed.Quality | Should -Be 'Fail'
        $outcome = Get-Outcome { @($failed) + $ours[0] | ConvertTo-MriSignature -KeyPath (New-MriKey "$folder/failed").FullName }
        $outcome.Output | Should -HaveCount 1
        "$($outcome.Errors)" | Should -BeLike '*noise_T1w.nii*could not be preprocessed*'
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
        @{ problem = 'was made for NCC'
            script = { $ours[0] | ConvertTo-MriSignature -KeyPath $key -Metric NCC | Find-MriMatch $signature -Threshold 0.5 } }
        @{ problem = 'New-MriKey'; script = { $ours[0] | ConvertTo-MriSignature -KeyPath "$folder/none" } }
    ) {
        $signature = $theirs | ConvertTo-MriSignature -KeyPath $key
        $outcome = Get-Outcome $script
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$problem*"
    }
}

Describe 'A signature' {
    It 'is no volume: <what> refuses it by name' -ForEach @(
        @{ what = 'Invoke-MriPreprocess'; work = { $signature | Invoke-MriPreprocess } }
        @{ what = 'Export-MriVolume'; work = { $signature | Export-MriVolume "$folder/signature.nii" } }
        @{ what = 'Export-MriImage'; work = { $signature | Export-MriImage "$folder/signature.png" } }
        @{ what = 'Show-MriVolume'; work = { $signature | Show-MriVolume } }
        @{ what = 'Add-MriGalleryVolume'
            work = { $null = New-MriGallery "$folder/of-signatures.mrigallery"; $signature |
            Add-MriGalleryVolume "$folder/of-signatures.mrigallery" } }
        @{ what = 'ConvertTo-MriSignature'; work = { $signature | ConvertTo-MriSignature -KeyPath $key } }
        @{ what = 'Test-MriMitigation'; work = { $signature | Test-MriMitigation $ours } }
    ) {
        $signature = $theirs | ConvertTo-MriSignature -KeyPath $key
        $outcome = Get-Outcome $work
        $outcome.Output | Should -BeNullOrEmpty
        "$($outcome.Errors)" | Should -BeLike "*'x' is a signature: it has no voxels*"
        Get-ChildItem $folder -Filter 'signature.*' | Should -BeNullOrEmpty
    }
}

Describe 'Get-MriSignature' {
    It 'says whose signatures a file holds, which is not replaced unasked' {
        $file = "$folder/listed.mrisig"
        $ours | ConvertTo-MriSignature -KeyPath $key -OutFile $file
        (Get-MriSignature $file).Participant | Should -Be (1..5)
        { $ours[0] | ConvertTo-MriSignature -KeyPath $key -OutFile $file } | Should -Throw '*use -Force*'
        Get-MriSignature $file | Should -HaveCount 5
        $ours[0] | ConvertTo-MriSignature -KeyPath $key -OutFile $file -Force
        Get-MriSignature $file | Should -HaveCount 1
    }

    It 'tells that it wrote none, and leaves what is there' {
        $file = "$folder/none.mrisig"
        $ours | ConvertTo-MriSignature -KeyPath $key -OutFile $file
        { $ours | Where-Object Participant -EQ 'nobody' | ConvertTo-MriSignature -KeyPath $key -OutFile $file -Force } |
            Should -Throw '*No signature was made*'
        Get-MriSignature $file | Should -HaveCount 5
    }

    It 'refuses a file that is damaged' {
        $file = "$folder/damaged.mrisig"
        $ours | ConvertTo-MriSignature -KeyPath $key -OutFile $file
        $bytes = [IO.File]::ReadAllBytes($file)
        $bytes[$bytes.Length / 2] = $bytes[$bytes.Length / 2] -bxor 1
        [IO.File]::WriteAllBytes($file, $bytes)
        { Get-MriSignature $file } | Should -Throw '*checksum*'
        { $theirs | ConvertTo-MriSignature -KeyPath $key | Find-MriMatch $file -Threshold 0.5 } | Should -Throw '*checksum*'
    }
}

Describe 'New-MriKey' {
    It 'makes a key for its owner alone, and never over another' {
        $made = New-MriKey "$folder/new.key"
        $made.Length | Should -Be 32
        if (-not $IsWindows) { [int] $made.UnixFileMode | Should -Be 0x180 }
        { New-MriKey "$folder/new.key" } | Should -Throw '*use -Force*'
    }

    It 'is asked for in the place of what can be guessed: <kind>' -ForEach @(
        @{ kind = 'text'; bytes = [Text.Encoding]::ASCII.GetBytes('correct horse battery staple, correct horse') }
        @{ kind = 'a pattern'; bytes = [byte[]] (0..31) }
        @{ kind = 'too few bytes'; bytes = [byte[]] (5, 200, 31, 77) }
    ) {
        $file = New-TestFile $folder 'weak' $bytes
        { $theirs | ConvertTo-MriSignature -KeyPath $file } | Should -Throw '*no good key*New-MriKey*'
    }
}
