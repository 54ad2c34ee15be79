BeforeDiscovery {
    $stage = Join-Path (Split-Path -Parent $PSScriptRoot) 'out/MriLink'
    Import-Module "$stage/MriLink.psd1"
    $cmdlets = (Get-Command -Module MriLink -CommandType Cmdlet).Name
    $topics = (Get-ChildItem "$stage/en-US/*.help.txt").Name -replace '\.help\.txt$'
}

BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'Help' {
    BeforeAll {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters +
            [System.Management.Automation.Cmdlet]::OptionalCommonParameters -notmatch '^(WhatIf|Confirm)$'
        $words = [System.Management.Automation.Language.Parser]
    }

    It 'of <_> describes it and every parameter, and has two examples that use it' -ForEach $cmdlets {
        $name = $_
        $help = Get-Help $name -Full
        $help.psobject.TypeNames[0] | Should -BeLike 'MamlCommandHelpInfo*'
        $help.Synopsis.Length | Should -BeGreaterThan 10
        "$($help.Description.Text)".Length | Should -BeGreaterThan 20
        $help.Parameters.Parameter.Name | Sort-Object |
            Should -Be ((Get-Command $name).Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object)
        foreach ($parameter in $help.Parameters.Parameter) {
            "$($parameter.Description.Text)".Length | Should -BeGreaterThan 9 -Because "-$($parameter.Name) is to be described"
        }
        $help.Examples.Example.Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.Examples.Example) {
            "$($example.Remarks.Text)" | Should -Not -BeNullOrEmpty
            $problems = $null
            $script = $words::ParseInput($example.Code, [ref] $null, [ref] $problems)
            $problems | Should -BeNullOrEmpty
            $calls = $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)
            $calls | ForEach-Object GetCommandName | Should -Contain $name
            foreach ($call in $calls | Where-Object { $_.GetCommandName() -like '*-Mri*' }) {
                $called = Get-Command $call.GetCommandName()
                $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] } |
                    ForEach-Object { $called.ResolveParameter($_.ParameterName) | Should -Not -BeNullOrEmpty }
            }
        }

        $help | Out-String | Should -Match '--- Example 2: '
    }

    It 'describes no cmdlet that is not there' {
        $described = ([xml] (Get-Content -Raw "$root/out/MriLink/en-US/MriLink.dll-Help.xml")).helpItems.command.details.name
        $described | Should -Be ((Get-Command -Module MriLink -CommandType Cmdlet).Name | Sort-Object)
    }

    It 'shows -WhatIf and -Confirm where they are, in the syntax too' {
        foreach ($cmdlet in Get-Command -Module MriLink -CommandType Cmdlet) {
            $syntax = (Get-Help $cmdlet.Name).Syntax | Out-String -Width 500
            foreach ($name in 'WhatIf', 'Confirm') {
                $syntax -match "\[-$name\]" | Should -Be $cmdlet.Parameters.ContainsKey($name) -Because "$($cmdlet.Name) -$name"
            }
        }
    }

    It 'leads on: every cmdlet links to a next step' {
        foreach ($cmdlet in Get-Command -Module MriLink -CommandType Cmdlet) {
            $links = (Get-Help $cmdlet.Name).RelatedLinks.NavigationLink.LinkText
            $next = $links | Where-Object { $_ -like '*-Mri*' }
            $next | Should -Not -BeNullOrEmpty -Because $cmdlet.Name
            $next | Should -Not -Contain $cmdlet.Name
            foreach ($name in $next) { Get-Command $name -Module MriLink | Should -Not -BeNullOrEmpty }
            $links | Should -Contain 'about_MriLink'
        }
    }

    It 'begins with five questions, and a pipeline for each that runs' {
        $text = Get-Content -Raw "$root/out/MriLink/en-US/about_MriLink.help.txt"
        $long = ($text -split 'LONG DESCRIPTION')[1]
        $questions = [regex]::Matches($long, '(?m)^    (?<q>[A-Z][^\n]*\?)\r?\n\r?\n(?<code>(        [^\n]*\n)+)')
        $questions | ForEach-Object { $_.Groups['q'].Value } |
            Should -Be 'Is anybody of release B in A?', 'Is anybody twice in my dataset?', 'Are my labels right?', 'What would make it safe?',
            'What do I run every night?'
        $long.IndexOf('Is anybody') | Should -BeLessThan 200
        Push-Location (New-TestFolder)
        try {
            $scan = @{ Spacing = 6; Stripped = $true }
            New-MriSimulatedCohort -ParticipantNumber (1..4) -SessionNumber 1 @scan | Export-MriVolume ./releases/A/ -Force
            New-MriSimulatedCohort -ParticipantNumber (3..6) -SessionNumber 2 -LabelFormat 'B{0}' @scan | Export-MriVolume ./releases/B/ -Force
            foreach ($question in $questions) {
                $outcome = Get-Outcome {
                    $PSDefaultParameterValues = @{
                        'Invoke-MriPreprocess:Spacing' = 6; 'Invoke-MriPreprocess:SkipBiasCorrection' = $true; 'Invoke-MriAudit:Spacing' = 6
                        'Test-MriMitigation:Spacing' = 6; 'Test-MriMitigation:SkipBiasCorrection' = $true
                        'Test-MriMitigation:Mitigation' = 'Quantize'
                    }
                    . ([scriptblock]::Create($question.Groups['code'].Value))
                }
                $outcome.Errors | Should -BeNullOrEmpty -Because $question.Groups['q'].Value
                $outcome.Output | Should -Not -BeNullOrEmpty -Because $question.Groups['q'].Value
            }
        }
        finally {
            Pop-Location
        }
    }

    It 'describes a parameter with choices as any other' {
        $text = Get-Help Invoke-MriPreprocess -Parameter Registration | Out-String -Width 200
        $text | Should -Match '-Registration <String>'
        $text | Should -Match 'Similarity \(7 parameters\)'
        $text | Should -Match 'Required\?\s+false'
    }

    It 'has the topic <_>, which fits a terminal and names no cmdlet that is not there' -ForEach $topics {
        Get-Help $_ | Out-String | Should -Match 'LONG DESCRIPTION'
        $lines = Get-Content "$root/out/MriLink/en-US/$_.help.txt"
        $lines[0..3] | Should -Be 'TOPIC', "    $_", '', 'SHORT DESCRIPTION'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 120
        [regex]::Matches($lines -join ' ', '\b[A-Z][a-z]+-Mri\w+') | ForEach-Object { Get-Command $_.Value | Should -Not -BeNullOrEmpty }
    }

    It 'has three topics at least' {
        (Get-ChildItem "$root/out/MriLink/en-US/*.help.txt").Count | Should -BeGreaterOrEqual 3
    }
}

# Every example runs as it is printed, on the files that it names. What the steps compute is tested elsewhere, so here they leave out what takes long.
Describe 'Examples' {
    BeforeAll {
        $files = New-TestFolder
        $cache = New-TestFolder
        $small = Get-SmallHead
        $pose = Get-HeadPose

        # Three people with two scans each and six with one, so that there are pairs enough to judge by, and a few elsewhere.
        $scans = @(1, 5, 6, 7, 8, 9 | ForEach-Object { "dataset/sub-0$_/anat/sub-0${_}_T1w.nii.gz" }) +
            @(2, 3, 4 | ForEach-Object { "dataset/sub-0$_/anat/sub-0${_}_run-1_T1w.nii.gz"; "dataset/sub-0$_/anat/sub-0${_}_run-2_T1w.nii.gz" }) +
            'releases/A/sub-01_T1w.nii.gz', 'releases/A/sub-02_T1w.nii.gz', 'releases/B/sub-02_T1w.nii.gz', 'releases/B/sub-03_T1w.nii.gz',
            'people/withdrawn.nii.gz', 'people/site2-1.nii.gz', 'people/pilot-1.nii.gz', 'cohort/sub-02_T1w.nii.gz', 'new/sub-01_T1w.nii.gz',
            'scans/P0012_t1.nii.gz'
        for ($s = 0; $s -lt $scans.Count; $s++) {
            # The stripped head with a texture of the person's own, and a little noise of the scan's.
            $person = $scans[$s] -match 'sub-0(\d)' ? [int] $Matches[1] : 10 + $s
            $texture = [Random]::new($person)
            $noise = [Random]::new(1000 * $person + $s)
            $voxels = [byte[]]::new($small.Stripped.Length)
            foreach ($i in $small.Inside) {
                $voxels[$i] = [Math]::Max(1, [Math]::Floor($small.Stripped[$i] * (0.6 + 0.3 * $texture.NextDouble() + 0.1 * $noise.NextDouble())))
            }
            $null = New-TestFile $files $scans[$s] (ConvertTo-Gzip (New-Nifti $small.Size $voxels $pose))
        }

        $brain = ConvertTo-Gzip (New-Nifti $small.Size $small.Brain $pose)
        foreach ($n in 1..9) { $null = New-TestFile $files "masks/0$n.nii.gz" $brain }
        Set-Content "$files/scan.mnc" $standInScan
        Set-Content "$files/list.csv" 'Path,Participant,Session', 'scans/P0012_t1.nii.gz,P0012,1'
        $null = New-MriKey "$files/shared.key"
        $variable = $env:MRILINK_SIMPLEITK
        $env:MRILINK_SIMPLEITK = New-StandIn "$(New-TestFolder)/simpleitk" '2.4.1'
    }

    AfterAll { $env:MRILINK_SIMPLEITK = $variable }

    It 'of <_> run' -ForEach $cmdlets {
        $name = $_
        $examples = (Get-Help $name -Full).Examples.Example.Code
        $place = New-TestFolder
        Copy-Item "$files/*" $place -Recurse
        Push-Location $place
        try {
            $outcome = Get-Outcome {
                $PSDefaultParameterValues = @{
                    'Invoke-MriPreprocess:Spacing' = 4; 'Invoke-MriPreprocess:SkipBiasCorrection' = $true
                    'Invoke-MriPreprocess:Registration' = 'None'
                    'Invoke-MriPreprocess:CachePath' = $cache; 'New-MriSimulatedCohort:Stripped' = $true
                    'Test-MriMitigation:Spacing' = 4; 'Test-MriMitigation:SkipBiasCorrection' = $true; 'Test-MriMitigation:Mitigation' = 'Quantize'
                    'Invoke-MriAudit:Spacing' = 4; 'New-MriSimulatedScan:Spacing' = 8; 'Measure-MriLinkage:Replicate' = 20
                }
                if ($name -ne 'New-MriGallery' -and "$examples" -match 'brains\.mrigallery') {
                    $null = New-MriGallery ./brains.mrigallery
                    Import-MriVolume ./people -Recurse | Invoke-MriPreprocess | Add-MriGalleryVolume ./brains.mrigallery
                }
                if ($name -eq 'Merge-MriGallery') {
                    foreach ($part in './part1.mrigallery', './part2.mrigallery') {
                        $null = New-MriGallery $part
                        Import-MriVolume ./cohort -Recurse | Invoke-MriPreprocess | Add-MriGalleryVolume $part
                    }
                }
                if ($name -in 'ConvertTo-MriSignature', 'Get-MriSignature') {
                    Import-MriVolume ./people -Recurse | Invoke-MriPreprocess | ConvertTo-MriSignature -KeyPath ./shared.key -OutFile ./theirs.mrisig
                }
                foreach ($example in $examples) { . ([scriptblock]::Create($example)) }
            }
            $outcome.Errors | Should -BeNullOrEmpty
        }
        finally {
            Pop-Location
        }
    }
}
