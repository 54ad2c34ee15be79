#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    Engines as people use them, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Engine.Tests.ps1
    What needs SimpleITK is skipped unless $env:MRILINK_SIMPLEITK names its folder.
#>

BeforeDiscovery {
    $withoutSimpleItk = -not $env:MRILINK_SIMPLEITK
}

BeforeAll {
    $root = Split-Path -Parent $PSScriptRoot
    Import-Module -Name (Join-Path $root 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
    $head = Join-Path $TestDrive 'sub-01_ses-1_T1w.nii.gz'
    Copy-Item -Path (Join-Path $root 'src/MriLink.Core/Templates/colin27-head.nii.gz') -Destination $head
}

Describe 'Get-MriEngine' {
    It 'lists the engine that is always there' {
        $engine = Get-MriEngine BuiltIn
        $engine.Available | Should -BeTrue
        $engine.Capabilities | Should -Contain 'BiasCorrection'
    }

    It 'says what is wrong with a folder' {
        $engine = Get-MriEngine SimpleITK -SimpleItkPath $TestDrive
        $engine.Available | Should -BeFalse
        $engine.Problem | Should -Match 'holds no SimpleITKCSharpManaged.dll'
        $engine | Out-String -Width 300 | Should -Match 'Problem'
    }

    It 'completes names' {
        (TabExpansion2 'Get-MriEngine ').CompletionMatches.CompletionText | Should -Contain 'SimpleITK'
    }
}

Describe 'an engine that is not there' {
    It 'is one error that ends the pipeline' {
        { Import-MriVolume $head | Invoke-MriPreprocess -Engine SimpleITK -SimpleItkPath (Join-Path $TestDrive none) -ErrorAction Stop } |
            Should -Throw '*does not exist*' -ErrorId 'EngineUnavailable,*'
    }
}

Describe 'SimpleITK' -Skip:$withoutSimpleItk {
    It 'reads and preprocesses a head as the built-in engine does' {
        $ours = Import-MriVolume $head | Invoke-MriPreprocess
        $theirs = Import-MriVolume $head -Engine SimpleITK | Invoke-MriPreprocess -Engine SimpleITK
        $theirs.Provenance.Engine | Should -BeLike 'SimpleITK 2.*'
        ($theirs | Measure-MriSimilarity $ours -Metric NCC).Score | Should -BeGreaterThan 0.98
    }
}
