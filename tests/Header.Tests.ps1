BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $dicom = New-TestFolder
    [IO.Compression.ZipFile]::ExtractToDirectory("$fixtures/formats/dicom.zip", $dicom)
}

Describe 'Get-MriHeader' {
    BeforeEach { $folder = New-TestFolder }

    It 'gives an object with what the header says' {
        $path = New-TestFile $folder 'a.nii.gz'
        $header = Get-MriHeader $path
        $header.psobject.TypeNames | Should -Contain 'MriLink.Core.Formats.MriHeader'
        "$($header.Format) $($header.Size) $($header.DataType) $($header.Orientation)" | Should -Be 'NIfTI-1 3x4x5 UInt8 LAS'
        $header.Path | Should -Be $path
        $header.Problem | Should -BeNullOrEmpty
        $header['bitpix'] | Should -Be 8
    }

    It 'finds no problem in files that other programs wrote' {
        Get-MriHeader "$fixtures/nifti" -Recurse | Where-Object Problem | Should -BeNullOrEmpty
    }

    It 'groups a folder by format' {
        (Get-MriHeader "$fixtures/formats/nrrd" -Recurse | Group-Object Format).Name | Should -Be 'NRRD'
    }

    It 'lists what may identify a person field by field, harmless to a terminal and a spreadsheet' {
        $null = New-TestFile $folder 'sub-1/a.nii' (New-Nifti -change { param($b) [Text.Encoding]::ASCII.GetBytes("Jane`e[2J").CopyTo($b, 148) })
        $null = New-TestFile $folder 'sub-2/b.nii'
        $null = New-TestFile $folder 'sub-3/c.nii' (New-Nifti -change { param($b) [Text.Encoding]::ASCII.GetBytes('=cmd()').CopyTo($b, 148) })
        $fields = Get-MriHeader $folder -Recurse -Identifying
        $fields | Should -HaveCount 2
        $fields.Field | Should -Be 'descrip', 'descrip'
        $fields.Value | Should -Be "Jane$([char] 0xFFFD)[2J", "'=cmd()"
        $fields[0].Path | Should -BeLike '*a.nii'
    }

    It 'makes a table of them that a spreadsheet reads' {
        $rows = Get-MriHeader "$dicom/types/explicit-i2" -Identifying
        $rows.Field | Should -Contain 'PatientName'
        ($rows | ConvertTo-Csv | ConvertFrom-Csv | Where-Object Field -EQ PatientID).Value | Should -Be (@('P-0815') * 5)
    }

    It 'gives one error for a bad file and goes on' {
        $bad = New-TestFile $folder 'bad.nii' ([Text.Encoding]::ASCII.GetBytes('hello'))
        $good = New-TestFile $folder 'good.nii'
        $colour = New-TestFile $folder 'colour.nii' (New-Nifti -change { param($b) $b[70] = 128 })
        $outcome = Get-Outcome { Get-MriHeader $bad, $good, $colour }
        $outcome.Output.Path | Should -Be $good, $colour
        $outcome.Output[1].Problem | Should -BeLike '*RGB*'
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'HeaderUnreadable,*'
        $outcome.Errors[0].Exception.Message.Contains($bad) | Should -BeTrue
    }

    It 'gives one header for the two files of a pair' {
        $null = New-TestFile $folder 'x.hdr' (New-Nifti -change { param($b) $b[345] = [byte] [char] 'i'; [array]::Clear($b, 108, 4) })
        $null = New-TestFile $folder 'x.img' ([byte[]]::new(60))
        Get-MriHeader "$folder/*" | Should -HaveCount 1
    }

    It 'gives one header for a series, and one for each slice that is named' {
        $header = Get-MriHeader "$dicom/types/explicit-i2"
        "$($header.Participant) $($header.Size) $($header.Files.Count)" | Should -Be 'explicit-i2 3x4x5 5'
        Get-MriHeader "$dicom/types/explicit-i2/*" | Should -HaveCount 5
    }

    It 'takes files from Get-ChildItem' {
        Get-ChildItem "$fixtures/formats/mgh/types" | Get-MriHeader | Should -HaveCount 4
    }
}
