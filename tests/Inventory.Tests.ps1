#requires -Version 7.4
<#
.SYNOPSIS
    Import-MriVolume, Get-MriHeader and Invoke-MriAudit find the same scans with the same labels, in 82 layouts, in all of them at once, and in
    folders of failing inputs where these are there.
#>

BeforeDiscovery {
    $fixture = Join-Path $PSScriptRoot 'MriLink.Core.Tests/Fixtures/inventory'
    $layouts = (Get-Content -Raw (Join-Path $fixture 'layouts.json') | ConvertFrom-Json -AsHashtable).Keys | Sort-Object
    $cases = Join-Path (Split-Path -Parent $PSScriptRoot) '../shared/cases'
}

BeforeAll {
    . "$PSScriptRoot/Shared.ps1"
    $tree = Join-Path $TestDrive 'tree'
    [IO.Compression.ZipFile]::ExtractToDirectory((Join-Path $fixtures 'inventory/layouts.zip'), $tree)
    $null = New-Item -ItemType Directory -Path "$tree/linked"
    $null = New-Item -ItemType SymbolicLink -Path "$tree/linked/sub-A" -Target "$tree/freesurfer/bert"
    $null = New-Item -ItemType Directory -Path "$TestDrive/pool/carla"
    Copy-Item "$tree/bids-flat/sub-01_T1w.nii" "$TestDrive/pool/carla/T1.nii"
    $null = New-Item -ItemType SymbolicLink -Path "$tree/linked/carla" -Target "$TestDrive/pool/carla"
    $null = New-MriGallery "$TestDrive/empty.mrigallery"

    # Path and labels of every scan, one text each.
    function Format-Scan([string] $path, $identity) { "$path = $($identity.Participant)|$($identity.Session)|$($identity.Run)" }

    function Compare-Inventory([string] $folder) {
        $quiet = @{ WarningAction = 'SilentlyContinue'; ErrorAction = 'SilentlyContinue' }
        $imported = Import-MriVolume $folder -Recurse -WarningVariable warnings -ErrorVariable refused @quiet
        $headers = Get-MriHeader $folder -Recurse -WarningAction SilentlyContinue -ErrorVariable unreadable -ErrorAction SilentlyContinue
        $audited = Invoke-MriAudit $folder "$TestDrive/empty.mrigallery" "$TestDrive/reports" -WhatIf -WarningAction SilentlyContinue 6>$null

        # A label that several people share is a warning for an import and an error for an audit, which leaves these scans out.
        $shared = $warnings | ForEach-Object { if ($_.Message -match "share the label '(.+?)'") { $Matches[1] } }
        [pscustomobject] @{
            Imported = @($imported | ForEach-Object { Format-Scan $_.Path $_.Identity }) | Sort-Object
            Readable = @($headers | Where-Object { -not $_.Problem } | ForEach-Object { Format-Scan $_.Path $_.Identity }) | Sort-Object
            Refused = @($refused).Count
            Problems = @($headers | Where-Object Problem).Count + @($unreadable).Count
            Audited = @($audited | ForEach-Object { Format-Scan $_.Path $_.Identity }) | Sort-Object
            Found = @($headers | ForEach-Object { Format-Scan $_.Path $_.Identity }) +
                @($unreadable | ForEach-Object { "$($_.TargetObject)" }) | Sort-Object
            LeftOut = @($headers | Where-Object { $_.Path -notin $audited.Path } | ForEach-Object Participant) | Sort-Object -Unique
            Shared = @($shared) | Sort-Object -Unique
        }
    }
}

Describe 'One inventory' {
    It 'is the same to import, header and audit in layout <_>' -ForEach $layouts {
        $found = Compare-Inventory "$tree/$_"
        $found.Imported | Should -Be $found.Readable
        $found.Refused | Should -Be $found.Problems
        $found.Audited | Where-Object { $_ -notin $found.Found } | Should -BeNullOrEmpty
        $found.LeftOut | Should -Be $found.Shared
    }

    It 'is the same to all in the tree of all layouts' {
        $found = Compare-Inventory $tree
        $found.Imported.Count | Should -BeGreaterThan 100
        $found.Imported | Should -Be $found.Readable
        $found.Refused | Should -Be $found.Problems
        $found.Audited | Where-Object { $_ -notin $found.Found } | Should -BeNullOrEmpty
        $found.LeftOut | Should -Be $found.Shared
        $found.Imported -match 'linked/carla' | Should -HaveCount 1
    }

    It 'is the same to all in the folders of failing inputs' -Skip:(-not (Test-Path $cases)) {
        $found = Compare-Inventory (Resolve-Path "$PSScriptRoot/../../shared/cases").ProviderPath
        $found.Imported | Should -Be $found.Readable
        $found.Refused | Should -Be $found.Problems
        $found.Audited | Where-Object { $_ -notin $found.Found } | Should -BeNullOrEmpty
        $found.LeftOut | Should -Be $found.Shared
        $found.Imported -match '04_label_from_file_name.* = (bert|ernie)\|' | Should -HaveCount 2
    }
}

Describe 'Lists of files' {
    It 'binds <_>, Participant, Session and Run' -ForEach 'Path', 'FullName', 'LiteralPath' {
        $list = "$TestDrive/$_.csv"
        [pscustomobject] @{ $_ = "$tree/flat/c [1].nii"; Participant = 'A.1'; Session = 'base'; Run = '' },
        [pscustomobject] @{ $_ = "$tree/flat/a.nii"; Participant = '1'; Session = ''; Run = '2' } | Export-Csv $list
        (Import-Csv $list | Import-MriVolume).Name | Should -Be 'A.1 ses-base', '1 run-2'
    }

    It 'takes a label, a script block and a pattern for what they are' {
        $file = "$tree/ixi/IXI002-Guys-0828-T1.nii.gz"
        (Import-MriVolume $file -Participant 1).Participant | Should -Be '1'
        (Import-MriVolume $file -Participant 'A.1').Participant | Should -Be 'A.1'
        (Import-MriVolume $file -Participant ([regex] '^IXI(\d+)')).Participant | Should -Be '002'
        (Import-MriVolume $file -Participant { $_.Name.Substring(0, 6) }).Participant | Should -Be 'IXI002'
    }
}

Describe 'What is taken' {
    It 'takes T1-weighted volumes of a BIDS tree, others by -Suffix, and says what it passed over' {
        Import-MriVolume "$tree/bids" -Recurse | Should -HaveCount 2
        Import-MriVolume "$tree/bids" -Recurse -Suffix T2w, FLAIR | Should -HaveCount 2
        Import-MriVolume "$tree/bids" -Recurse -Suffix * | Should -HaveCount 6
        Import-MriVolume "$tree/bids/sub-02/anat/sub-02_dseg.nii.gz" | Should -HaveCount 1
        $lines = Import-MriVolume "$tree/bids" -Recurse -Verbose 4>&1 |
            Where-Object { $_ -is [Management.Automation.VerboseRecord] -and $_.Message -match 'passed over' }
        $lines | Should -HaveCount 1
        $lines[0].Message | Should -BeLike '*mask*'
    }

    It 'looks at every file for what may identify a person' {
        $paths = (Get-MriHeader "$tree/dicom-two-series" -Recurse -Identifying).Path | Select-Object -Unique
        $paths | Should -HaveCount 16
    }
}

Describe 'What an audit must not miss' {
    It 'reports what keeps it from checking <name>, and does not end with 0' -ForEach @(
        @{ name = 'a folder without scans'; layout = 'junk'; text = '*no *' }
        @{ name = 'people who share a label'; layout = 'sites-share-numbers'; text = '*share the label*-Participant*' }
        @{ name = 'scans that are all called alike'; layout = 'bids-alone-in-folders'; text = '*share the label*-Participant*' }
    ) {
        $gallery = New-MriGallery "$TestDrive/$layout.mrigallery"
        $result = Invoke-MriAudit "$tree/$layout" $gallery "$TestDrive/reports-$layout" -WarningAction SilentlyContinue
        $result.ExitCode | Should -Not -Be 0
        "$($result.Problems)" | Should -BeLike $text
        (Get-Content -Raw $result.ReportPath) | Should -BeLike '*PassedOver*'
    }

    It 'does not take a rule that gives everybody one label' {
        $gallery = New-MriGallery "$TestDrive/rule.mrigallery"
        $result = Invoke-MriAudit "$tree/freesurfer" $gallery "$TestDrive/reports-rule" -Participant ([regex] 'T1') -WarningAction SilentlyContinue
        $result.ExitCode | Should -Not -Be 0
        "$($result.Problems)" | Should -BeLike "*share the label 'T1'*"
        $gallery.Count | Should -Be 0
    }
}
