BeforeAll {
    . "$PSScriptRoot/Shared.ps1"

    # One simulated head in a file, preprocessed once into a cache; what that leaves is looked at from all sides.
    $folder = New-TestFolder
    $cache = Join-Path $folder 'cache'
    $file = Join-Path $folder 'sub-Ottilie_ses-2_T1w.nii.gz'
    New-MriSimulatedCohort -ParticipantNumber 1 -SessionNumber 1 -Seed 4 -Spacing 4 | Export-MriVolume $file -DataType Int16
    $computed = Import-MriVolume $file | Invoke-MriPreprocess -Spacing 4 -CachePath $cache

    # Everything that must be the same, as one text; voxels bit for bit.
    function Get-Description($volume) {
        $voxels = $volume.ReadVoxels($none).Voxels
        $bytes = [byte[]]::new(4 * $voxels.Length)
        [Buffer]::BlockCopy($voxels, 0, $bytes, 0, $bytes.Length)
        $sha = [Security.Cryptography.SHA256]
        @(
            [Convert]::ToHexString($sha::HashData($bytes)), [Convert]::ToHexString($sha::HashData([byte[]] $volume.BrainMask.ToVolume().Voxels))
            $volume.Geometry, ($volume.TemplateToScan.ToRows() -join ' '), $volume.Template, $volume.Quality,
            ($volume.QualityRecord.psobject.Properties.Value -join ' ')
            $volume.Provenance, ($volume.Provenance.Parameters.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" })
            $volume.Stage, $volume.Participant, $volume.Session
        ) -join "`n"
    }
}

Describe 'Provenance' {
    It 'says what went in and how, and names nobody' {
        $provenance = $computed.Provenance
        $provenance.Tool | Should -Be 'MriLink'
        $provenance.Version | Should -BeLike '0.*'
        $provenance.InputHash | Should -Be "sha256:$((Get-FileHash $file -Algorithm SHA256).Hash.ToLowerInvariant())"
        $provenance.Parameters['Spacing'] | Should -Be 4
        $provenance.Parameters['Harmonization'] | Should -Be 'ZScore'
        $provenance.Parameters['Input.NonFinite'] | Should -Be 'Error'
        "$provenance" | Should -Not -Match 'Ottilie'
    }

    It 'goes with an exported volume, which is imported as the preprocessed one it was' {
        $out = "$folder/derived/"
        $exported = $computed | Export-MriVolume $out -Force -Mask -PassThru | Where-Object Name -NotLike *mask*
        $expected = Get-Description $computed
        $again = Import-MriVolume $exported
        Get-Description $again | Should -Be $expected
        Get-Description (Import-MriVolume $out -Recurse | Where-Object Stage -EQ Preprocessed) | Should -Be $expected
        $again.psobject.TypeNames[0] | Should -BeLike '*PreprocessedVolume'

        $text = Get-Content -Raw $exported.FullName.Replace('.nii.gz', '.json')
        $json = $text | ConvertFrom-Json
        $json.SkullStripped | Should -BeTrue
        $json.GeneratedBy[0].Name | Should -Be 'MriLink'
        $json.psobject.Properties.Name | Should -Not -Contain 'Sources'
        $text | Should -Not -Match 'Ottilie'
    }

    It 'names the source when asked, and is left out when asked' {
        $computed | Export-MriVolume "$folder/with.nii" -IncludeSource
        $computed | Export-MriVolume "$folder/without.nii" -SkipSidecar
        (Get-Content -Raw "$folder/with.json" | ConvertFrom-Json).Sources | Should -Be $file
        "$folder/without.json" | Should -Not -Exist
    }

    It 'is not inherited by a raw volume in a preprocessed one''s place' {
        $place = "$folder/v.nii"
        $computed | Export-MriVolume $place
        Remove-Item $place
        $raw = Import-MriVolume $file
        { $raw | Export-MriVolume $place } | Should -Throw -ErrorId 'SidecarOfAnother,*'
        $place | Should -Not -Exist
        $raw | Export-MriVolume $place -Force
        (Import-MriVolume $place).Stage | Should -Be 'Raw'
        "$folder/v.json" | Should -Not -Exist
    }

    It 'neither replaces someone else''s sidecar nor takes it for its own' {
        $path = New-TestFile $folder 'other/sub-1_T1w.nii'
        $sidecar = [IO.Path]::ChangeExtension($path, '.json')
        Set-Content $sidecar '{ "Manufacturer": "Siemens" }'
        (Import-MriVolume $path).Stage | Should -Be 'Raw'
        Remove-Item $path
        { $computed | Export-MriVolume $path } | Should -Throw '*use -Force to replace it*'
        Get-Content $sidecar | Should -Match 'Siemens'
        $path | Should -Not -Exist
    }

    It 'that does not fit is told, and the volume is raw: <problem>' -ForEach @(
        @{ text = '{ "MriLink": { "Size": [1, 2, 3] } }'; problem = 'describes another volume' }
        @{ text = '{ "MriLink": '; problem = 'no JSON' }
    ) {
        $path = New-TestFile $folder 'odd/sub-2_T1w.nii'
        Set-Content ([IO.Path]::ChangeExtension($path, '.json')) $text
        $outcome = Get-Outcome { (Import-MriVolume $path).Stage }
        $outcome.Output | Should -Be 'Raw'
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Warnings | Should -HaveCount 1
        $outcome.Warnings[0].Message | Should -BeLike "*$problem*"
    }
}

Describe 'The cache' {
    It 'gives the computed result bit for bit, and says that it did' {
        $again = Import-MriVolume $file | Invoke-MriPreprocess -Spacing 4 -CachePath $cache
        Get-Description $again | Should -Be (Get-Description $computed)
        "$($again.Timings)" | Should -BeLike 'cache *'
    }

    It 'tells of a damaged entry and makes it again' {
        $entry = Get-ChildItem $cache
        $entry | Should -HaveCount 1
        $damaged = New-TestFile $folder "damaged/$($entry.Name)" (1, 2, 3)
        $outcome = Get-Outcome { Get-Description (Import-MriVolume $file | Invoke-MriPreprocess -Spacing 4 -CachePath "$folder/damaged") }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Warnings | Should -HaveCount 1
        $outcome.Warnings[0].Message | Should -BeLike '*made again*'
        $outcome.Output | Should -Be (Get-Description $computed)
        (Get-FileHash $damaged).Hash | Should -Be (Get-FileHash $entry).Hash
    }

    It 'is an error at once where it cannot be' {
        { Import-MriVolume $file | Invoke-MriPreprocess -CachePath $file } | Should -Throw '*cannot be used*'
    }
}

Describe 'A preprocessed volume' {
    It 'is passed on where it was made as is asked for, and refused where not' {
        $again = $computed | Invoke-MriPreprocess -Spacing 4
        [object]::ReferenceEquals($again, $computed) | Should -BeTrue
        foreach ($other in { $computed | Invoke-MriPreprocess -Spacing 3 }, { $computed | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection }) {
            $outcome = Get-Outcome $other
            $outcome.Output | Should -BeNullOrEmpty
            $outcome.Errors.FullyQualifiedErrorId | Should -BeLike 'PreprocessedAlready*'
        }
    }

    It 'goes into a gallery by an audit as it is' {
        $release = "$folder/preprocessed/"
        $computed | Export-MriVolume "$release/sub-Ada_T1w.nii.gz" -Force
        $null = New-MriGallery "$folder/audited"
        $result = Invoke-MriAudit $release "$folder/audited" "$folder/reports" -Spacing 4 -Threshold 0.9 -Metric NCC
        "$($result.Added) $($result.ExitCode)" | Should -Be '1 0'
        (Get-MriGalleryVolume "$folder/audited").Provenance | Should -Be $computed.Provenance
    }

    It 'is refused with the voxels of another' {
        $out = "$folder/belong"
        $computed | Export-MriVolume "$out/one.nii.gz" -Force
        (Import-MriVolume "$out/one.nii.gz").Stage | Should -Be 'Preprocessed'
        $bytes = [IO.File]::ReadAllBytes("$out/one.nii.gz")
        $computed | Export-MriVolume "$out/two.nii.gz" -DataType UInt8
        Copy-Item "$out/two.nii.gz" "$out/one.nii.gz"
        { Import-MriVolume "$out/one.nii.gz" } | Should -Throw '*its voxels are others*'
        [IO.File]::WriteAllBytes("$out/one.nii.gz", $bytes)
        (Import-MriVolume "$out/one.nii.gz").Stage | Should -Be 'Preprocessed'
    }

    It 'never shares its mask file' {
        $out = "$folder/masks"
        foreach ($name in 'sub-01_raw', 'sub-01_defaced', 'sub-02_T1w') { $computed | Export-MriVolume "$out/$name.nii.gz" -Mask -Force }
        (Get-ChildItem $out -Filter *mask*).Name | Should -Be 'sub-01_defaced_mask.nii.gz', 'sub-01_raw_mask.nii.gz', 'sub-02_mask.nii.gz'
        { $computed | Export-MriVolume "$out/sub-02.nii.gz" -Mask } | Should -Throw '*would be that of*'
        foreach ($name in 'sub-01_raw', 'sub-01_defaced', 'sub-02_T1w') {
            Get-Description (Import-MriVolume "$out/$name.nii.gz" -Participant Ottilie -Session 2) | Should -Be (Get-Description $computed)
        }
    }
}
