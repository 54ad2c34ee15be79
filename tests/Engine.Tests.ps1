# What needs the real SimpleITK is skipped unless $env:MRILINK_SIMPLEITK names its folder; the other tests use a stand-in for it.
BeforeDiscovery { $withoutSimpleItk = -not $env:MRILINK_SIMPLEITK }

BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $folder = New-TestFolder
    $variable = $env:MRILINK_SIMPLEITK
    $env:MRILINK_SIMPLEITK = ''

    # Steps that cost time and that these tests are not about are left out; a head that is laid on the grid whole then fails as a brain.
    $quick = @{ Spacing = 8; Registration = 'None'; BrainExtraction = 'Never'; Harmonization = 'None'; WarningAction = 'SilentlyContinue' }
    $small = Get-SmallHead
    $head = New-TestFile $folder 'sub-01_T1w.nii' (New-Nifti $small.Size $small.Head (Get-HeadPose))
    $standIn = New-StandIn "$folder/simpleitk" '2.4.1'
}

AfterAll { $env:MRILINK_SIMPLEITK = $variable }

Describe 'Get-MriEngine' {
    It 'says what there is, what it does, and what is missing' {
        $engines = Get-MriEngine
        $engines.Name | Should -Be 'BuiltIn', 'SimpleITK'
        $engines.Available | Should -Be $true, $false
        $engines[0].Capabilities | Should -Contain 'Harmonization'
        $engines[1].Capabilities | Should -Be 'Reading', 'BiasCorrection', 'Registration', 'Resampling'
        $engines[1].Problem | Should -BeLike '*is not installed for MriLink*'
        $engines[1].Problem.Contains((Join-Path (Split-Path $manifest) 'engines/simpleitk')) | Should -BeTrue
        $engines | Out-String -Width 300 | Should -Match '(?s)Name\s+: BuiltIn.*Available\s+: True.*Problem\s+: '
    }

    It 'says what is wrong with a folder' {
        $engine = Get-MriEngine SimpleITK -SimpleItkPath (New-TestFolder)
        $engine.Available | Should -BeFalse
        $engine.Problem | Should -Match 'holds no SimpleITKCSharpManaged.dll'
    }

    It 'finds it by the variable, and first at the path that is given' {
        $env:MRILINK_SIMPLEITK = New-StandIn "$folder/one" '2.3.1'
        try {
            (Get-MriEngine SimpleITK).Version | Should -Be '2.3.1 (ITK test double)'
            (Get-MriEngine SimpleITK -SimpleItkPath (New-StandIn "$folder/other" '2.5.0')).Version | Should -Be '2.5.0 (ITK test double)'
        }
        finally {
            $env:MRILINK_SIMPLEITK = ''
        }
    }
}

Describe 'An engine that is not there' {
    It 'is one error that ends <cmdlet> and says what to do' -ForEach @(
        @{ cmdlet = 'Import-MriVolume'; script = { Import-MriVolume none.nii -Engine SimpleITK } }
        @{ cmdlet = 'Invoke-MriPreprocess'; script = { Import-MriVolume $head | Invoke-MriPreprocess -Engine SimpleITK } }
        @{ cmdlet = 'Invoke-MriAudit'; script = { Invoke-MriAudit -Path none -Gallery none.mrigallery -Report none -Engine SimpleITK } }
    ) {
        $outcome = Get-Outcome $script
        $outcome.Output | Should -BeNullOrEmpty
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'EngineUnavailable,*'
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'NotInstalled'
        $outcome.Errors[0].Exception.Message | Should -BeLike '*Get the C# binding of SimpleITK 2.1 to 2.5*'
    }

    It 'cannot be given by a path alone' {
        { Import-MriVolume $head | Invoke-MriPreprocess -SimpleItkPath $folder } | Should -Throw '*-SimpleItkPath goes with -Engine SimpleITK*'
    }
}

Describe 'The stand-in for SimpleITK' {
    It 'has a scan go through it, and provenance says so' {
        # The stand-in finds a bias field of 2 everywhere, and resamples as ITK does.
        $scan = Import-MriVolume $head
        $ours = $scan | Invoke-MriPreprocess @quick -SkipBiasCorrection
        $theirs = $scan | Invoke-MriPreprocess @quick -Engine SimpleITK -SimpleItkPath $standIn
        $theirs.Provenance.Engine, $ours.Provenance.Engine | Should -Be 'SimpleITK 2.4.1 (ITK test double)', 'BuiltIn'

        # Not 1: at the rim of the grid, where the head's neck is, the field ends.
        ($theirs | Measure-MriSimilarity $ours -Metric NCC).Score | Should -BeGreaterThan 0.98
        $a = $ours.ReadVoxels().Voxels
        $b = $theirs.ReadVoxels().Voxels
        $i = [array]::IndexOf($a, [Linq.Enumerable]::Max($a))
        [Math]::Abs($a[$i] / $b[$i] - 2) | Should -BeLessThan 1e-3
    }

    It 'reads files that only it reads, and gives bad ones an error each' {
        $good = Join-Path $folder 'sub-7_ses-1.fake'
        $bad = Join-Path $folder 'sub-8.fake'
        Set-Content $good $standInScan
        Set-Content $bad 'broken header'
        $outcome = Get-Outcome { Import-MriVolume -LiteralPath $bad, $good -Engine SimpleITK -SimpleItkPath $standIn }
        $outcome.Output | ForEach-Object { "$($_.Participant) $($_.Session) $($_.Orientation)" } | Should -Be '7 1 LPS'
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'VolumeUnreadable,*'
        $outcome.Errors[0].Exception.Message.StartsWith("'$bad' cannot be read by SimpleITK: ") | Should -BeTrue
    }

    It 'gives an error that names it for a scan that it fails at, and the others go on' {
        $broken = Join-Path $folder 'broken.fake'
        Set-Content $broken "$standInScan`nbroken voxels"
        $scans = @(Import-MriVolume $broken -Engine SimpleITK -SimpleItkPath $standIn) + (Import-MriVolume $head)
        $outcome = Get-Outcome { $scans | Invoke-MriPreprocess @quick -Engine SimpleITK -SimpleItkPath $standIn }
        $outcome.Output | Should -HaveCount 1
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].Exception.Message.Contains("'$broken' cannot be read by SimpleITK: The voxels") | Should -BeTrue
    }
}

Describe 'SimpleITK' -Skip:$withoutSimpleItk {
    It 'reads and preprocesses a head as the built-in engine does' {
        $path = "$templates/colin27-head.nii.gz"
        $ours = Import-MriVolume $path | Invoke-MriPreprocess
        $theirs = Import-MriVolume $path -Engine SimpleITK -SimpleItkPath $variable | Invoke-MriPreprocess -Engine SimpleITK -SimpleItkPath $variable
        $theirs.Provenance.Engine | Should -BeLike 'SimpleITK 2.*'
        ($theirs | Measure-MriSimilarity $ours -Metric NCC).Score | Should -BeGreaterThan 0.98
    }
}
