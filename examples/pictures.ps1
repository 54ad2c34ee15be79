<#
.SYNOPSIS
    Makes the pictures of README: the demo's report as a screenshot, and a brain as the terminal shows it.
.DESCRIPTION
    mrilink -File examples/pictures.ps1. The screenshots are taken with Chromium, which must be installed.
.PARAMETER OutputPath
    The folder for report.html, report.png and terminal.png.
.PARAMETER Browser
    Chromium or a browser that takes its parameters.
.PARAMETER Spacing
    Spacing of the preprocessed brains in mm.
#>
param(
    [string] $OutputPath = 'docs/images',
    [string] $Browser = 'chromium',
    [double] $Spacing = 2
)

$ErrorActionPreference = 'Stop'
$folder = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath)
$null = [IO.Directory]::CreateDirectory($folder)
$scratch = [IO.Directory]::CreateTempSubdirectory('mrilink-pictures-').FullName

function Save-Page([string] $page, [string] $picture, [int] $width, [int] $height) {
    & $Browser --headless --no-sandbox --disable-gpu --hide-scrollbars "--user-data-dir=$scratch" "--window-size=$width,$height" "--screenshot=$picture" "file://$page" 2>$null
    if (-not [IO.File]::Exists($picture)) { throw "$Browser took no picture of $page." }
}

try {
    # Six people in A, six in B, four of them the same.
    $a = New-MriSimulatedCohort -ParticipantNumber (1..6) -Seed 2026 -SessionNumber 1 -LabelFormat 'A{0:00}' -Spacing 2 | Invoke-MriPreprocess -Spacing $Spacing
    $b = New-MriSimulatedCohort -ParticipantNumber (3..8) -Seed 2026 -SessionNumber 2 -LabelFormat 'B{0:00}' -Spacing 2 | Invoke-MriPreprocess -Spacing $Spacing
    $found = $b | Find-MriMatch -Gallery $a -Top 6
    $found | Export-MriReport "$folder/report.html" -Probe $b -Gallery $a -Title 'Release B against release A (simulated)' -Force
    Save-Page "$folder/report.html" "$folder/report.png" 900 1700

    # The terminal's half blocks, each as the two coloured squares that a terminal draws.
    $html = [Text.StringBuilder]::new('<body style="background:#111;margin:12px"><pre style="font:8px/8px monospace;letter-spacing:0;color:#ddd">')
    $null = $html.Append("PS&gt; `$brain | Show-MriVolume -MaskOutline`n`n")
    foreach ($line in ($b[0] | Show-MriVolume -MaskOutline -Width 160 -Format HalfBlock)) {
        $cells = [regex]::Replace($line, "`e\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m([^`e]*)", {
                param($m)
                $g = $m.Groups
                $wide = $g[7].Value.Length * 5
                "<span style=""display:inline-block;height:10px;width:$($wide)px;background:linear-gradient(rgb($($g[1]),$($g[2]),$($g[3])) 50%,rgb($($g[4]),$($g[5]),$($g[6])) 50%)""></span>"
            })
        $null = $html.Append($cells.Replace("`e[0m", '')).Append("`n")
    }
    [IO.File]::WriteAllText("$scratch/terminal.html", $html.Append('</pre></body>').ToString())
    Save-Page "$scratch/terminal.html" "$folder/terminal.png" 840 340
}
finally {
    [IO.Directory]::Delete($scratch, $true)
}
