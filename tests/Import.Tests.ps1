BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'Import-MriVolume' {
    BeforeEach { $folder = New-TestFolder }

    It 'gives a volume with what the header says' {
        $path = New-TestFile $folder 'sub-12_ses-1_run-2_T1w.nii.gz'
        $volume = Import-MriVolume $path
        $volume.psobject.TypeNames | Should -Contain 'MriLink.Core.Volumes.MriVolume'
        $volume.Participant, $volume.Session, $volume.Run | Should -Be '12', '1', '2'
        $volume.Path | Should -Be $path
        "$($volume.Size) $($volume.Orientation) $($volume.Spacing)" | Should -Be '3x4x5 LAS (2, 2, 2)'
    }

    It 'takes strings, file objects and anything with a full name from the pipeline' {
        $odd = New-TestFile $folder 'a [1].nii'
        $plain = New-TestFile $folder 'b.nii'
        ($plain | Import-MriVolume).Participant | Should -Be 'b'
        ([IO.FileInfo] $odd | Import-MriVolume).Participant | Should -Be 'a [1]'
        (Get-Item -LiteralPath $odd | Import-MriVolume).Participant | Should -Be 'a [1]'
        ([pscustomobject] @{ FullName = $odd; Path = 'elsewhere' } | Import-MriVolume).Participant | Should -Be 'a [1]'
        ([pscustomobject] @{ PSPath = "Microsoft.PowerShell.Core\FileSystem::$odd" } | Import-MriVolume).Participant | Should -Be 'a [1]'
        (Import-MriVolume -LiteralPath $odd, $plain).Participant | Should -Be 'a [1]', 'b'
        (Get-ChildItem $folder -Filter *.nii | Import-MriVolume).Path | Should -Be $odd, $plain
    }

    It 'starts relative paths at the shell''s location' {
        $null = New-TestFile $folder 'below/x.nii'
        Push-Location $folder
        try {
            (Import-MriVolume below/x.nii).Participant | Should -Be 'x'
            (Import-MriVolume -LiteralPath below/x.nii).Participant | Should -Be 'x'
            (Import-MriVolume ./below/*.nii).Participant | Should -Be 'x'
        }
        finally {
            Pop-Location
        }
    }

    It 'takes volumes by a wildcard in reading order and passes over the rest' {
        foreach ($name in 'sub-10_T1w.nii', 'sub-2_T1w.nii.gz', 'sub-1_T1w.nii', 'folder/deep.nii') { $null = New-TestFile $folder $name }
        Set-Content "$folder/README.md" 'About this dataset.'
        (Import-MriVolume "$folder/*").Participant | Should -Be '1', '2', '10'
        Import-MriVolume "$folder/nothing*.nii" | Should -BeNullOrEmpty
    }

    It 'takes every volume below with -Recurse, and a pair once' {
        foreach ($name in 'sub-2/ses-1/anat/T1.nii', 'sub-10/anat/sub-10_T1w.nii.gz', 'sub-1/x.nii', 'sub-1/._x.nii', '.hidden/y.nii') {
            $null = New-TestFile $folder $name
        }
        Set-Content "$folder/sub-1/notes.txt" 'Nothing to see.'
        $null = New-TestFile $folder 'pair/sub-3.hdr' (New-Nifti -change { param($b) $b[345] = [byte] [char] 'i'; [array]::Clear($b, 108, 4) })
        $null = New-TestFile $folder 'pair/sub-3.img' ([byte[]]::new(60))
        (Import-MriVolume $folder -Recurse).Participant | Should -Be '3', '1', '2', '10'
        { Import-MriVolume $folder } | Should -Throw '*use -Recurse*'
    }

    It 'gives one error that names it for every bad item, and goes on: <way>' -ForEach @(
        @{ way = 'paths'; script = { Import-MriVolume $paths } }
        @{ way = 'pipeline'; script = { $paths | Import-MriVolume } }
        @{ way = 'literal paths'; script = { Import-MriVolume -LiteralPath $paths } }
    ) {
        $good = New-TestFile $folder 'first.nii'
        $whole = New-Nifti
        $zipped = ConvertTo-Gzip $whole
        $bad = [ordered] @{
            (Join-Path $folder 'missing.nii') = 'does not exist'
            (New-TestFile $folder 'short.nii' $whole[0..($whole.Length - 2)]) = 'truncated'
            (New-TestFile $folder 'short.nii.gz' $zipped[0..($zipped.Length - 10)]) = 'truncated'
            (New-TestFile $folder 'magic.nii' (New-Nifti -change { param($b) $b[345] = [byte] [char] 'x' })) = 'lacks the letters'
            (New-TestFile $folder 'four.nii' (New-Nifti -change { param($b) $b[40] = 4; $b[48] = 2 })) = 'truncated'
            (New-TestFile $folder 'two.nii' (New-Nifti -change { param($b) $b[40] = 2 })) = '2D'
            (New-TestFile $folder 'none.nii' (New-Nifti -change { param($b) $b[44] = 0 })) = '3x0x5'
            (New-TestFile $folder 'huge.nii' (New-Nifti -change {
                        param($b) foreach ($at in 42, 44, 46) { [BitConverter]::GetBytes([int16] 10000).CopyTo($b, $at) }
                    })) = 'too large'
            (New-TestFile $folder 'empty.nii' @()) = 'empty'
            (New-TestFile $folder 'text.txt' ([Text.Encoding]::ASCII.GetBytes('hello'))) = 'not a volume'
            (Split-Path -Parent (New-TestFile $folder 'folder/inner.nii')) = '-Recurse'
        }
        $paths = @($good) + $bad.Keys + (New-TestFile $folder 'last.nii')
        $outcome = Get-Outcome $script
        $outcome.Output.Participant | Should -Be 'first', 'last'
        $outcome.Errors.TargetObject | Should -Be $bad.Keys
        foreach ($problem in $outcome.Errors) {
            $problem.Exception.Message.Contains($problem.TargetObject) | Should -BeTrue
            $problem.Exception.Message | Should -BeLike "*$($bad[$problem.TargetObject])*"
            $problem.FullyQualifiedErrorId | Should -BeLike '*,MriLink.Commands.ImportMriVolumeCommand'
        }

        { & $script } | Should -Throw
    }

    It 'finds damage inside a file with -Validate, and without when voxels are read' {
        # Longer than what is looked at to recognise a file; the checksum is wrong, the length after it right.
        $zipped = ConvertTo-Gzip (New-Nifti (20, 20, 20))
        $zipped[-6] = $zipped[-6] -bxor 1
        $damaged = New-TestFile $folder 'checksum.nii.gz' $zipped
        $nan = New-TestFile $folder 'nan.nii' (New-NaNNifti)
        Import-MriVolume $damaged, $nan | Should -HaveCount 2
        $outcome = Get-Outcome { Import-MriVolume $damaged, $nan -Validate }
        $outcome.Errors | Should -HaveCount 2
        $outcome.Errors[0].Exception.Message | Should -BeLike "*checksum.nii.gz' is damaged*"
        $outcome.Errors[1].Exception.Message | Should -BeLike "*nan.nii' has 1 of 60 voxels*"
        Import-MriVolume $nan -Validate -NonFinite Zero | Should -HaveCount 1
        { (Import-MriVolume $nan).ReadVoxels($none) } | Should -Throw '*1 of 60*'
    }

    It 'turns the axes with -Reorient and leaves every voxel where it was' {
        $path = New-TestFile $folder 'left.nii'
        (Import-MriVolume $path).ReadVoxels($none).Voxels[0..2] | Should -Be 0, 1, 2
        $turned = Import-MriVolume $path -Reorient
        $turned.Orientation | Should -Be 'RAS'
        $turned.ReadVoxels($none).Voxels[0..2] | Should -Be 2, 1, 0
    }

    It 'takes a volume for one by its content, whatever it is called' {
        $null = New-TestFile $folder 'sub-1/P7.backup'
        (Import-MriVolume $folder -Recurse).Participant | Should -Be 'P7'
        (Import-MriVolume "$folder/sub-1/*").Participant | Should -Be 'P7'
    }

    It 'labels participants by a script block, a pattern or the label itself' {
        $path = New-TestFile $folder 'siteB/P007_v2_scan.nii'
        (Import-MriVolume $path -Participant { $_.Name.Substring(0, 4) }).Participant | Should -Be 'P007'
        (Import-MriVolume $path -Participant { "$($_.Directory.Name)-$($_.Name.Split('_')[0])" }).Participant | Should -Be 'siteB-P007'
        (Import-MriVolume $path -Participant ([regex] 'P(\d+)')).Participant | Should -Be '007'
        (Import-MriVolume $path -Participant ([regex] 'site(.)/')).Participant | Should -Be 'B'
        $named = Import-MriVolume $path -Participant ([regex] '(?<Participant>P\d+)_v(?<Session>\d)')
        $named.Participant, $named.Session | Should -Be 'P007', '2'
        $all = Import-MriVolume $path -Participant ([regex] 'P\d+') -Session ([regex] 'v(\d)') -Run 5
        $all.Participant, $all.Session, $all.Run | Should -Be 'P007', '2', '5'
        (Import-MriVolume $path -Participant 1).Participant | Should -Be '1'
        (Import-MriVolume $path -Participant A.1).Participant | Should -Be 'A.1'
    }

    It 'warns of scans that share a label for no reason, and says what to do' {
        foreach ($name in 'siteA/001/T1.nii', 'siteA/002/T1.nii', 'siteB/001/T1.nii') { $null = New-TestFile $folder $name }
        (Get-Outcome { Import-MriVolume $folder -Recurse }).Warnings | Should -BeLike '*share the label ''001''*-Participant*'
        (Get-Outcome { Import-MriVolume $folder -Recurse -Participant ([regex] 'T1') }).Warnings | Should -BeLike '*share the label ''T1''*'
        (Get-Outcome { Import-MriVolume $folder -Recurse -Participant bert }).Warnings | Should -BeNullOrEmpty
        (Get-Outcome { Import-MriVolume $folder -Recurse -Participant '^(T1)' }).Warnings | Should -BeLike '*[[]regex]*'
    }

    It 'reports a row of a list that names nothing, and a list without paths' {
        (Get-Outcome { [pscustomobject] @{ Path = "$folder/gone.nii" } | Import-MriVolume }).Errors | Should -HaveCount 1
        (Get-Outcome { [pscustomobject] @{ Path = "$folder/gone [1].nii"; Participant = '1' } | Import-MriVolume }).Errors | Should -HaveCount 1
        (Get-Outcome { [pscustomobject] @{ File = "$folder/x.nii"; Participant = '1' } | Import-MriVolume }).Errors | Should -HaveCount 1
        { Import-MriVolume -Recurse } | Should -Throw '*Path*'
    }

    It 'gives one error for a file without a label: <rule>' -ForEach @(
        @{ rule = [regex] 'X(\d+)'; reason = 'does not match' }
        @{ rule = { }; reason = '0 labels' }
        @{ rule = { '' }; reason = 'empty' }
        @{ rule = { throw 'odd name' }; reason = 'odd name' }
        @{ rule = [regex] '^(([a-z])+.)+[A-Z]([a-z])+$'; reason = 'too ambiguous' }
    ) {
        $path = New-TestFile $folder 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!.nii'
        $outcome = Get-Outcome { Import-MriVolume $path -Participant $rule }
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$reason*"
        $outcome.Errors[0].Exception.Message.Contains($path) | Should -BeTrue
    }

    It 'warns of a geometry that had to be assumed' {
        $path = New-TestFile $folder 'nowhere.nii' (New-Nifti -change { param($b) $b[254] = 0 })
        $outcome = Get-Outcome { Import-MriVolume $path }
        $outcome.Output | Should -HaveCount 1
        $outcome.Warnings | ForEach-Object { $_.Message.Contains($path) | Should -BeTrue }
        "$($outcome.Warnings)" | Should -BeLike '*left and right may be swapped*'
    }

    It 'refuses a path outside the file system' {
        { Import-MriVolume Env:PATH } | Should -Throw '*not in the file system*'
    }

    It 'chooses among several volumes with -Volume, and warns without' {
        $voxels = [byte[]]::new(60 + 60)
        for ($i = 0; $i -lt 120; $i++) { $voxels[$i] = $i -lt 60 ? $i : 7 }
        $path = New-TestFile $folder 'four.nii' (New-Nifti (3, 4, 10) $voxels -change { param($b) $b[40] = 4; $b[46] = 5; $b[48] = 2 })
        $first = Get-Outcome { (Import-MriVolume $path).ReadVoxels($none).Voxels[1] }
        $first.Output | Should -Be 1
        $first.Warnings | Should -HaveCount 1
        $first.Warnings[0].Message | Should -BeLike '*holds 2*'
        $second = Get-Outcome { (Import-MriVolume $path -Volume 1).ReadVoxels($none).Voxels[1] }
        $second.Output | Should -Be 7
        $second.Warnings | Should -BeNullOrEmpty
        { Import-MriVolume $path -Volume 2 } | Should -Throw '*no volume 2*'
    }

    It 'ends at links that lead in a circle, tells of broken ones, and so does <_>' -ForEach 'Import-MriVolume', 'Get-MriHeader' {
        $good = New-TestFile $folder 'sub-1/a.nii'
        $null = [IO.Directory]::CreateSymbolicLink("$folder/sub-1/again", $folder)
        $null = [IO.File]::CreateSymbolicLink("$folder/sub-1/gone.nii", "$folder/nowhere")
        $cmdlet = $_
        $outcome = Get-Outcome { & $cmdlet $folder -Recurse }
        $outcome.Output.Path | Should -Be $good
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike "*nowhere', which does not exist*"
    }
}

Describe 'Import-MriVolume of other formats' {
    BeforeAll {
        $dicom = New-TestFolder
        [IO.Compression.ZipFile]::ExtractToDirectory("$fixtures/formats/dicom.zip", $dicom)
    }

    It 'imports <_>' -ForEach 'mgh/types/f4.mgh', 'nrrd/detached.nhdr', 'metaimage/types/f4-packed.mha', 'analyze/scaled.img' {
        $name = $_
        $outcome = Get-Outcome { (Import-MriVolume "$fixtures/formats/$name").Size.ToString() }
        $outcome.Output | Should -Be '3x4x5'
        $outcome.Warnings.Count | Should -Be ($name -like 'analyze*' ? 1 : 0)
    }

    It 'imports a folder of slices as one volume, and below it as many as there are' {
        $volume = Import-MriVolume "$dicom/types/explicit-i2"
        "$($volume.Participant) $($volume.Size)" | Should -Be 'explicit-i2 3x4x5'
        $all = Import-MriVolume "$dicom/orientations" -Recurse
        $all | Should -HaveCount 28
        $all.Participant | Sort-Object -Unique | Should -HaveCount 28
    }

    It 'gives one error for each bad series' {
        $outcome = Get-Outcome { Import-MriVolume "$dicom/bad/gap", "$dicom/bad/mixed", "$dicom/times" }
        $outcome.Errors | Should -HaveCount 2
        $outcome.Output.Participant | Should -Be 'times'
        $outcome.Warnings | Should -HaveCount 1
        $outcome.Warnings[0].Message | Should -BeLike '*the first is taken*'
    }
}
