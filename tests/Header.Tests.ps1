#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Get-MriHeader as people use it, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Header.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
    $fixtures = Join-Path $root 'tests/MriLink.Core.Tests/Fixtures'
    [System.IO.Compression.ZipFile]::ExtractToDirectory((Join-Path $fixtures 'formats/dicom.zip'), (Join-Path $TestDrive 'dicom'))
}

Describe 'Get-MriHeader' {
    It 'finds the files of a release that cannot be imported' {
        Get-MriHeader -Path (Join-Path $fixtures 'nifti') -Recurse | Where-Object Problem | Should -BeNullOrEmpty
    }

    It 'groups a folder by format' {
        (Get-MriHeader -Path (Join-Path $fixtures 'formats/nrrd') -Recurse | Group-Object Format).Name | Should -Be 'NRRD'
    }

    It 'lists what may identify a person as rows of a table' {
        $rows = Get-MriHeader -Path (Join-Path $TestDrive 'dicom/types/explicit-i2') -Identifying
        $rows.Field | Should -Contain 'PatientName'
        ($rows | ConvertTo-Csv | ConvertFrom-Csv | Where-Object Field -EQ PatientID).Value | Should -Be (@('P-0815') * 5)
    }

    It 'takes files from Get-ChildItem' {
        Get-ChildItem -Path (Join-Path $fixtures 'formats/mgh/types') | Get-MriHeader | Should -HaveCount 4
    }
}

Describe 'Import-MriVolume of other formats' {
    It 'imports <_>' -ForEach 'mgh/types/f4.mgh', 'nrrd/detached.nhdr', 'metaimage/types/f4-packed.mha', 'analyze/scaled.img' {
        (Import-MriVolume -Path (Join-Path $fixtures "formats/$_") -WarningAction SilentlyContinue).Size.ToString() | Should -Be '3x4x5'
    }

    It 'imports a folder of slices' {
        (Import-MriVolume -Path (Join-Path $TestDrive 'dicom/orientations/00')).Participant | Should -Be '00'
    }

    It 'exports NRRD and reads it back' {
        $out = Join-Path $TestDrive 'x.nrrd'
        Import-MriVolume -Path (Join-Path $fixtures 'nifti/containers/one.nii.gz') | Export-MriVolume -Path $out
        (Get-MriHeader -Path $out).Format | Should -Be 'NRRD'
    }
}
