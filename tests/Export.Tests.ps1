BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'Export-MriVolume' {
    BeforeEach {
        $folder = New-TestFolder
        $out = Join-Path $folder 'out'
    }

    It 'writes what Import-MriVolume reads back, as <_>' -ForEach 'Float32', 'Int16', 'UInt8' {
        $target = Join-Path $folder 'out.nii.gz'
        $file = Import-MriVolume (New-TestFile $folder 'in.nii') | Export-MriVolume $target -DataType $_ -PassThru
        $file | Should -BeOfType [IO.FileInfo]
        $file.FullName | Should -Be $target
        $back = Import-MriVolume $target
        $back.Orientation | Should -Be 'LAS'
        $back.ReadVoxels($none).Voxels | Should -Be (0..59)
    }

    It 'writes NRRD by the file''s ending' {
        $target = Join-Path $folder 'x.nrrd'
        Import-MriVolume (New-TestFile $folder 'in.nii') | Export-MriVolume $target
        (Get-MriHeader $target).Format | Should -Be 'NRRD'
        (Import-MriVolume $target).ReadVoxels($none).Voxels | Should -Be (0..59)
    }

    It 'names files in a folder as BIDS has it, and makes a missing folder only with -Force' {
        $paths = (New-TestFile $folder 'sub-1_ses-a_acq-x_T1w.nii'), (New-TestFile $folder 'odd name.nii')
        $refused = Get-Outcome { Import-MriVolume $paths | Export-MriVolume "$out/" -PassThru }
        $refused.Errors | Should -HaveCount 2
        $refused.Errors | ForEach-Object { $_.Exception.Message | Should -BeLike '*use -Force to make it*' }
        $out | Should -Not -Exist
        (Import-MriVolume $paths | Export-MriVolume "$out/" -PassThru -Force).Name |
            Should -Be 'sub-1_ses-a_acq-x_T1w.nii.gz', 'sub-oddname_T1w.nii.gz'
    }

    It 'names files by a script block' {
        Import-MriVolume (New-TestFile $folder 'sub-1_T1w.nii'), (New-TestFile $folder 'sub-2_T1w.nii') |
            Export-MriVolume { "$out/$($_.Participant).nii" } -Force
        (Get-ChildItem $out).Name | Should -Be '1.nii', '2.nii'
    }

    It 'names a preprocessed volume so, and brings its mask' {
        $brain = Import-MriVolume (New-BrainFile $folder 'in/sub-1_ses-a_desc-preproc_T1w.nii' 1)
        $files = $brain | Export-MriVolume "$out/" -Mask -PassThru -Force
        $files.Name | Should -Be 'sub-1_ses-a_desc-preproc_T1w.nii.gz', 'sub-1_ses-a_desc-preproc_mask.nii.gz'
        (Import-MriVolume $files[1].FullName).ReadVoxels($none).Voxels | Sort-Object -Unique | Should -Be 1
        { Import-MriVolume (New-TestFile $folder 'raw.nii') | Export-MriVolume "$out/" -Mask } | Should -Throw '*no brain mask*'
        (Get-ChildItem $out).Name | Should -Be 'sub-1_ses-a_desc-preproc_mask.nii.gz', 'sub-1_ses-a_desc-preproc_T1w.json',
            'sub-1_ses-a_desc-preproc_T1w.nii.gz'
    }

    It 'keeps an existing file without -Force and replaces it with it' {
        $source = New-TestFile $folder 'in.nii'
        $target = New-TestFile $folder 'there.nii' (1, 2, 3)
        { Import-MriVolume $source | Export-MriVolume $target } | Should -Throw '*exists; use -Force*'
        [IO.File]::ReadAllBytes($target) | Should -Be 1, 2, 3
        Import-MriVolume $source | Export-MriVolume $target -Force
        (Get-Item $target).Length | Should -Be (352 + 240)
    }

    It 'never writes two volumes to one file' {
        $target = Join-Path $folder 'out.nii'
        $paths = (New-TestFile $folder 'a.nii'), (New-TestFile $folder 'b.nii' (New-Nifti (2, 2, 2)))
        $outcome = Get-Outcome { Import-MriVolume $paths | Export-MriVolume $target -Force }
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike '*another volume*'
        (Import-MriVolume $target).ReadVoxels($none).Voxels | Should -HaveCount 60
    }

    It 'writes nothing with -WhatIf' {
        $source = New-TestFile $folder 'in.nii'
        $outcome = Get-Outcome { Import-MriVolume $source | Export-MriVolume "$out/" -Force -PassThru -WhatIf }
        $outcome.Output | Should -BeNullOrEmpty
        (Get-ChildItem $folder -Recurse).Name | Should -Be 'in.nii'
    }

    It 'gives one error for an unreadable volume and goes on' {
        $paths = (New-TestFile $folder 'nan.nii' (New-NaNNifti)), (New-TestFile $folder 'good.nii')
        $outcome = Get-Outcome { Import-MriVolume $paths | Export-MriVolume "$out/" -Force -PassThru }
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike '*nan.nii*'
        $outcome.Output | Should -HaveCount 1
        Get-ChildItem $out | Should -HaveCount 1
    }

    It 'gives an error for a path that cannot be written: <path>' -ForEach @(
        @{ path = 'out.mgz'; reason = 'ending in .nii, .nii.gz or .nrrd' }
        @{ path = 'Env:x.nii'; reason = 'not in the file system' }
        @{ path = 'nodrive:/x.nii'; reason = 'nodrive' }
        @{ path = { }; reason = 'no path' }
        @{ path = { throw 'odd' }; reason = 'odd' }
    ) {
        $source = New-TestFile $folder 'in.nii'
        $outcome = Get-Outcome { Import-MriVolume $source | Export-MriVolume $path }
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$reason*"
    }

    It 'never takes a volume''s own path for the target' {
        # Volumes have a property Path; were it bound, -Force would write over the scans themselves.
        foreach ($set in (Get-Command Export-MriVolume).Parameters['Path'].ParameterSets.Values) {
            $set.ValueFromPipelineByPropertyName -or $set.ValueFromPipeline | Should -BeFalse
        }
    }
}
