<#
.SYNOPSIS
    Makes the pictures of README: the demo's report, and the terminal with matches and a brain.
.DESCRIPTION
    pwsh -File examples/pictures.ps1. Text and brains are what the cmdlets
    give; Chromium, which must be installed, lays them out and takes the screenshots.
.PARAMETER OutputPath
    The folder for report.png and terminal.png.
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

# From the checkout's build, or by name where the module is installed.
$built = Join-Path $PSScriptRoot '../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')
$folder = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath)
$null = [IO.Directory]::CreateDirectory($folder)
$scratch = [IO.Directory]::CreateTempSubdirectory('mrilink-pictures-').FullName

function Save-Page([string] $page, [string] $picture, [int] $width, [int] $height) {
    [IO.File]::Delete($picture)
    $options = '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', "--user-data-dir=$scratch/browser"
    & $Browser @options "--window-size=$width,$height" "--screenshot=$picture" ([uri]::new($page)).AbsoluteUri 2>$null
    if (-not [IO.File]::Exists($picture)) { throw "$Browser took no picture of $page." }
}

# What a second shell of the same kind prints for a command, as lines.
function Get-Printed([string] $command) {
    $module = [IO.Path]::Combine((Get-Module MriLink).ModuleBase, 'MriLink.psd1')
    & (Join-Path $PSHOME 'pwsh') -NoProfile -Command "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$module'; $command"
    if ($LASTEXITCODE) { throw "The shell ended with $LASTEXITCODE." }
}

# Half blocks as the two coloured rectangles that a terminal draws for each.
function ConvertTo-Html([string] $line) {
    $cells = [regex]::Replace($line, "`e\[38;2;(\d+);(\d+);(\d+);48;2;(\d+);(\d+);(\d+)m([^`e]*)", {
            param($m)
            $g = $m.Groups
            $upper, $lower = "rgb($($g[1]),$($g[2]),$($g[3]))", "rgb($($g[4]),$($g[5]),$($g[6]))"
            "<i style=""width:$($g[7].Value.Length)ch;background:linear-gradient($upper 50%,$lower 50%)""></i>"
        })
    $cells.Replace("`e[0m", '')
}

try {
    # Six people in A, six in B, four of them the same.
    $a = New-MriSimulatedCohort -ParticipantNumber (1..6) -Seed 2026 -SessionNumber 1 -LabelFormat 'A{0:00}' -Spacing 2 |
        Invoke-MriPreprocess -Spacing $Spacing
    $b = New-MriSimulatedCohort -ParticipantNumber (3..8) -Seed 2026 -SessionNumber 2 -LabelFormat 'B{0:00}' -Spacing 2 |
        Invoke-MriPreprocess -Spacing $Spacing
    $b | Find-MriMatch -Gallery $a -Top 6 |
        Export-MriReport "$scratch/report.html" -Probe $b -Gallery $a -Title 'Release B against release A (simulated)'
    Save-Page "$scratch/report.html" "$folder/report.png" 800 1240

    $a | Export-MriVolume "$scratch/A/" -Force
    $b | Export-MriVolume "$scratch/B/" -Force
    $style = 'body{margin:0;padding:14px;background:#111;color:#ddd}pre{margin:0;font:11px/13px monospace}' +
        'i{display:inline-block;height:13px;vertical-align:top}b{color:#8bd}'
    $html = [Text.StringBuilder]::new("<meta charset=""utf-8""><style>$style</style><pre>")
    $null = $html.Append("<b>PS&gt;</b> `$b | Find-MriMatch -Gallery `$a`n")
    foreach ($line in Get-Printed "Import-MriVolume '$scratch/B' -Recurse | Find-MriMatch -Gallery (Import-MriVolume '$scratch/A' -Recurse)") {
        $null = $html.Append([Net.WebUtility]::HtmlEncode($line)).Append("`n")
    }

    $null = $html.Append("<b>PS&gt;</b> `$b[0] | Show-MriVolume -MaskOutline`n`n")
    foreach ($line in $b[0] | Show-MriVolume -MaskOutline -Width 130 -Format HalfBlock) {
        $null = $html.Append((ConvertTo-Html $line)).Append("`n")
    }

    [IO.File]::WriteAllText("$scratch/terminal.html", $html.Append('</pre>').ToString())
    Save-Page "$scratch/terminal.html" "$folder/terminal.png" 800 472
}
finally {
    [IO.Directory]::Delete($scratch, $true)
}
