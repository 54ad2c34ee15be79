BeforeDiscovery {
    $docs = Join-Path (Split-Path -Parent $PSScriptRoot) 'docs'
    $guides = (Get-ChildItem "$docs/*.md" | Where-Object { (Get-Content -Raw $_) -match '```powershell' }).Name
}

BeforeAll { . "$PSScriptRoot/Shared.ps1" }

Describe 'README' {
    It 'has a session that does what it prints' {
        $blocks = @(Get-CodeBlock "$root/README.md")
        $blocks.Count | Should -BeGreaterOrEqual 3
        $printed = @(Invoke-CodeBlock $blocks $TestDrive)
        $printed | Should -HaveCount $blocks.Count
        for ($i = 0; $i -lt $blocks.Count; $i++) { Assert-SameText $blocks[$i].Printed $printed[$i] }
        Get-Content "$TestDrive/audit.html" -TotalCount 1 | Should -BeLike '<!DOCTYPE html>*'
    }

    It 'names every cmdlet, and no other' {
        # "Add-, Get-, Remove-MriGalleryVolume" are three.
        $text = Get-Content -Raw "$root/README.md"
        $text = $text -replace '`(\w+)-`, `(\w+)-`, `(\w+)-(Mri\w+)`', '$1-$4 $2-$4 $3-$4'
        $named = [regex]::Matches($text, '\b[A-Z][a-z]+(To)?-Mri\w+').Value | Sort-Object -Unique
        $named | Should -Be ((Get-Command -Module MriLink -CommandType Cmdlet).Name | Sort-Object)
    }
}

# Every command of a guide runs as it is printed, on the releases of README's session. What the steps compute is tested elsewhere, so here they
# leave out what takes long.
Describe 'Guides' {
    BeforeAll {
        $cache = New-TestFolder
        $releases = New-TestFolder
        $stripped = @{ Spacing = 4; Stripped = $true }
        New-MriSimulatedCohort -ParticipantNumber (1..5) -SessionNumber 1 -LabelFormat 'A{0:00}' @stripped |
            Export-MriVolume "$releases/releases/A/" -Force
        New-MriSimulatedCohort -ParticipantNumber (4..8) -SessionNumber 2 -LabelFormat 'B{0:00}' @stripped |
            Export-MriVolume "$releases/releases/B/" -Force
        New-MriSimulatedCohort -ParticipantNumber (11..14) -SessionNumber 1, 2 @stripped | Export-MriVolume "$releases/cohort/" -Force
        $variable = $env:MRILINK_SIMPLEITK
        $env:MRILINK_SIMPLEITK = New-StandIn "$(New-TestFolder)/simpleitk" '2.4.1'
        $defaults = @{
            'Invoke-MriPreprocess:Spacing' = 4; 'Invoke-MriPreprocess:SkipBiasCorrection' = $true; 'Invoke-MriPreprocess:CachePath' = $cache
            'Invoke-MriAudit:Spacing' = 4
            'Test-MriMitigation:Spacing' = 4; 'Test-MriMitigation:SkipBiasCorrection' = $true; 'Test-MriMitigation:Mitigation' = 'Quantize'
        }
        $brains = & {
            $PSDefaultParameterValues = $defaults
            foreach ($side in 'A', 'B') { , @(Import-MriVolume "$releases/releases/$side" -Recurse | Invoke-MriPreprocess) }
        }
    }

    AfterAll { $env:MRILINK_SIMPLEITK = $variable }

    It '<_> has commands that run' -ForEach $guides {
        $blocks = Get-CodeBlock "$root/docs/$_"
        $place = New-TestFolder
        Copy-Item "$releases/*" $place -Recurse
        Push-Location $place
        try {
            $outcome = Get-Outcome {
                $PSDefaultParameterValues = $defaults
                $a, $b = $brains
                foreach ($block in $blocks) { . ([scriptblock]::Create($block.Code)) }
            }
            $outcome.Errors | Should -BeNullOrEmpty
        }
        finally {
            Pop-Location
        }
    }

    It 'are linked to from README, and link to files that are there' {
        $readme = Get-Content -Raw "$root/README.md"
        foreach ($guide in Get-ChildItem "$root/docs/*.md") { $readme.Contains("docs/$($guide.Name)") | Should -BeTrue -Because $guide.Name }
        foreach ($page in Get-ChildItem $root -Recurse -Include *.md | Where-Object FullName -NotMatch '[\\/](bin|obj|out|Help)[\\/]') {
            foreach ($link in [regex]::Matches((Get-Content -Raw $page), '\]\((?!https?:)([^)#]+)(#[^)]*)?\)')) {
                Join-Path $page.DirectoryName $link.Groups[1].Value | Should -Exist -Because "$($page.Name) links to it"
            }
        }
    }
}
