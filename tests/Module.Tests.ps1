#Requires -Version 7.4
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

<#
.SYNOPSIS
    The module as a whole at a prompt: help, completion, views, and what pipes on, in a full PowerShell.
.DESCRIPTION
    Build first, then: Invoke-Pester tests/Module.Tests.ps1. Nothing here computes for long.
#>

BeforeDiscovery {
    Import-Module -Name (Join-Path (Split-Path -Parent $PSScriptRoot) 'out/MriLink/MriLink.psd1') -Force -ErrorAction Stop
    $cmdlets = Get-Command -Module MriLink -CommandType Cmdlet | ForEach-Object Name
}

BeforeAll {
    $manifest = Join-Path (Split-Path -Parent $PSScriptRoot) 'out/MriLink/MriLink.psd1'
    Import-Module -Name $manifest -Force -ErrorAction Stop
}

Describe 'Help' {
    It 'of <_> has a synopsis, every parameter and two examples' -ForEach $cmdlets {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Examples.Example.Count | Should -BeGreaterOrEqual 2
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        $own = (Get-Command $_).Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
        $help.Parameters.Parameter.Name | Sort-Object | Should -Be $own
        $help | Out-String | Should -Match '--- Example 2: '
    }

    It 'describes a parameter with choices as any other' {
        $text = Get-Help Invoke-MriPreprocess -Parameter Registration | Out-String -Width 200
        $text | Should -Match '-Registration <String>'
        $text | Should -Match 'Similarity \(7 parameters\)'
        $text | Should -Match 'Required\?\s+false'
    }

    It 'has the topic <_>' -ForEach 'about_MriLink', 'about_MriLink_Method', 'about_MriLink_Statistics' {
        Get-Help $_ | Out-String | Should -Match 'LONG DESCRIPTION'
    }
}

Describe 'The module' {
    It 'has a manifest that a gallery takes' {
        $data = Test-ModuleManifest $manifest
        $data.Description | Should -Not -BeNullOrEmpty
        $data.Tags.Count | Should -BeGreaterThan 3
        $data.LicenseUri | Should -Not -BeNullOrEmpty
        $data.ReleaseNotes | Should -Not -BeNullOrEmpty
    }

    It 'exports approved verbs, singular nouns and nothing but cmdlets' {
        $module = Get-Module MriLink
        $module.ExportedCommands.Count | Should -Be $module.ExportedCmdlets.Count
        $module.ExportedCmdlets.Values.Verb | Sort-Object -Unique | Should -BeIn (Get-Verb).Verb
    }

    It 'imports again after it was removed' {
        $count = & (Join-Path $PSHOME 'pwsh') -NoProfile -Command "
            Import-Module '$manifest'; Remove-Module MriLink; Import-Module '$manifest'
            (New-MriSimulatedCohort 3 -SessionCount 1).Count"
        $count | Should -Be 3
    }
}

Describe 'Completion' {
    It 'offers <expected> for "<line>"' -ForEach @(
        @{ line = 'Find-MriMatch -Metric SS'; expected = 'SSIM' }
        @{ line = 'Invoke-MriPreprocess -Registration S'; expected = 'Similarity' }
        @{ line = 'Export-MriReport x -Format js'; expected = 'Json' }
        @{ line = 'Invoke-MriPreprocess -Template col'; expected = 'Colin27' }
    ) {
        (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Be $expected
    }

    It 'still offers files for a template' {
        Push-Location -Path $TestDrive
        try {
            Set-Content -Path 'my-head.nii' -Value ''
            $line = 'Invoke-MriPreprocess -Template my'
            (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches.ListItemText | Should -Be 'my-head.nii'
        }
        finally {
            Pop-Location
        }
    }
}

Describe 'Views' {
    BeforeAll {
        $scans = New-MriSimulatedCohort 2 -SessionCount 1
    }

    It 'show a table, a list, and all there is' {
        $scans | Out-String -Width 200 | Should -Match 'Participant\s+Session\s+Scenario'
        $scans[0] | Format-List | Out-String | Should -Match 'TrueParticipant\s*:'
        $scans[0] | Format-List * | Out-String | Should -Match 'Conditions\s*:'
    }

    It 'stay readable beside other things' {
        $text = @(Get-Item $PSHOME) + $scans | Out-String -Width 200
        $text | Should -Match 'Name\s*:\s*sim'
        $text | Should -Not -Match 'Seed\s*:'
    }

    It 'let a table choose its columns, and sort, group and select by them' {
        $scans | Select-Object Participant, TrueParticipant | ConvertTo-Csv | Select-Object -First 1 | Should -Be '"Participant","TrueParticipant"'
        ($scans | Sort-Object Participant -Descending)[0].Participant | Should -Be $scans[1].Participant
        $scans | Group-Object Scenario | ForEach-Object Count | Should -Be 2
    }
}

Describe 'Streams' {
    It 'hands objects over to parallel runspaces and back' {
        $names = New-MriSimulatedCohort 3 -SessionCount 1 | ForEach-Object -Parallel {
            Import-Module -Name $using:manifest
            "$($_.Participant) $(($_ | New-MriSimulatedScan -Seed 2).TrueParticipant -eq $_.TrueParticipant)"
        }
        $names | Should -HaveCount 3
        $names | Should -Match ' True$'
    }

    It 'says what it does with -Verbose and nothing without' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'notes')
        Set-Content -Path (Join-Path $folder 'notes.txt') -Value 'x'
        Import-MriVolume $folder -Recurse -Verbose 4>&1 | Should -BeLike "*not named like a volume*"
        Import-MriVolume $folder -Recurse 4>&1 | Should -BeNullOrEmpty
    }

    It 'takes -ErrorAction and -ErrorVariable' {
        Import-MriVolume (Join-Path $TestDrive 'none.nii') -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems | Should -HaveCount 1
        { Import-MriVolume (Join-Path $TestDrive 'none.nii') -ErrorAction Stop } | Should -Throw
    }

    It 'changes nothing with -WhatIf' {
        $place = Join-Path $TestDrive 'x.mrigallery'
        New-MriGallery $place -WhatIf
        $place | Should -Not -Exist
    }
}
