#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Import-MriVolume and Export-MriVolume as people use them, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/ImportExport.Tests.ps1
#>

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
    $fixtures = Join-Path $root 'tests/MriLink.Core.Tests/Fixtures/nifti'
}

Describe 'Import-MriVolume' {
    BeforeEach {
        $data = New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))
        foreach ($participant in 10, 2, 1) {
            $folder = New-Item -ItemType Directory -Path (Join-Path $data "sub-$participant/anat")
            Copy-Item -Path (Join-Path $fixtures 'containers/one.nii.gz') -Destination (Join-Path $folder "sub-${participant}_T1w.nii.gz")
        }

        Set-Content -Path (Join-Path $data 'README.md') -Value 'About this dataset.'
    }

    It 'imports a dataset in reading order' {
        (Import-MriVolume -Path $data -Recurse).Participant | Should -Be '1', '2', '10'
    }

    It 'takes files from Get-ChildItem' {
        $volumes = Get-ChildItem -Path $data -Filter *.nii.gz -Recurse | Import-MriVolume
        $volumes | Should -HaveCount 3
        $volumes.Path | Should -BeIn (Get-ChildItem -Path $data -Filter *.nii.gz -Recurse).FullName
    }

    It 'takes files from Get-Item with brackets in their names' {
        $odd = Join-Path $data 'scan [1].nii.gz'
        Copy-Item -Path (Join-Path $fixtures 'containers/one.nii.gz') -Destination $odd
        (Get-Item -LiteralPath $odd | Import-MriVolume).Participant | Should -Be 'scan [1]'
    }

    It 'works with relative paths after Set-Location' {
        Push-Location -Path $data
        try {
            (Import-MriVolume ./sub-2/anat/*.nii.gz).Participant | Should -Be '2'
        }
        finally {
            Pop-Location
        }
    }

    It 'reports a bad file and goes on' {
        Set-Content -Path (Join-Path $data 'broken.nii') -Value 'not a volume'
        $volumes = Get-ChildItem -Path $data -Include *.nii, *.nii.gz -Recurse |
            Import-MriVolume -ErrorAction SilentlyContinue -ErrorVariable problems
        $volumes | Should -HaveCount 3
        $problems | Should -HaveCount 1
        $problems[0].Exception.Message | Should -BeLike '*broken.nii*'
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidData'
    }

    It 'stops at a bad file when told to' {
        { Import-MriVolume -Path (Join-Path $data 'missing.nii') -ErrorAction Stop } | Should -Throw -ExpectedMessage '*missing.nii*'
    }

    It 'says that a folder needs -Recurse' {
        { Import-MriVolume -Path $data -ErrorAction Stop } | Should -Throw -ExpectedMessage '*use -Recurse*'
    }

    It 'labels participants by a script block' {
        $volumes = Get-ChildItem -Path $data -Filter *.nii.gz -Recurse | Import-MriVolume -Participant { $_.Directory.Parent.Name }
        $volumes.Participant | Sort-Object | Should -Be 'sub-1', 'sub-10', 'sub-2'
    }
}

Describe 'Export-MriVolume' {
    BeforeEach {
        $out = Join-Path $TestDrive ([guid]::NewGuid())
        $source = Join-Path $fixtures 'containers/one.nii.gz'
    }

    It 'writes what Import-MriVolume reads back' {
        New-Item -ItemType Directory -Path $out
        $file = Import-MriVolume -Path $source | Export-MriVolume -Path $out -DataType Int16 -PassThru
        $file | Should -BeOfType [System.IO.FileInfo]
        $none = [System.Threading.CancellationToken]::None
        (Import-MriVolume -Path $file.FullName).ReadVoxels($none).Voxels | Should -Be (Import-MriVolume -Path $source).ReadVoxels($none).Voxels
    }

    It 'names files by a script block' {
        Import-MriVolume -Path $source | Export-MriVolume -Path { Join-Path $out "$($_.Participant)-copy.nii" } -Force
        Join-Path $out 'one-copy.nii' | Should -Exist
    }

    It 'writes nothing with -WhatIf' {
        Import-MriVolume -Path $source | Export-MriVolume -Path "$out/" -Force -WhatIf
        $out | Should -Not -Exist
    }

    It 'keeps an existing file unless -Force is given' {
        New-Item -ItemType Directory -Path $out
        $target = Join-Path $out 'there.nii'
        Set-Content -Path $target -Value 'precious'
        { Import-MriVolume -Path $source | Export-MriVolume -Path $target -ErrorAction Stop } | Should -Throw -ExpectedMessage '*-Force*'
        Get-Content -Path $target | Should -Be 'precious'
        Import-MriVolume -Path $source | Export-MriVolume -Path $target -Force
        (Import-MriVolume -Path $target).Size.ToString() | Should -Be '3x4x5'
    }
}
