<#
.SYNOPSIS
    Audits two simulated databases: which people of B are in A too?
.DESCRIPTION
    Database A holds participants 1 to 8; database B holds 4 to 11 under other labels, so five people are in both. B comes
    from another scanner, with another protocol and resolution. Both hold raw heads. Nothing is written anywhere, unless
    -OutputPath names a folder for the preprocessed brains.
.PARAMETER Seed
    Another seed, other people.
.PARAMETER OutputPath
    A folder to keep the preprocessed brains in.
.PARAMETER Engine
    Who preprocesses: BuiltIn, or SimpleITK where it is (see Get-MriEngine).
#>
param(
    [int] $Seed = 2026,
    [string] $OutputPath,
    [ValidateSet('BuiltIn', 'SimpleITK')]
    [string] $Engine = 'BuiltIn'
)

$ErrorActionPreference = 'Stop'

# From the checkout's build, or by name where the module is installed.
$built = Join-Path $PSScriptRoot '../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

'Simulating database A (8 people) and database B (8 people, other scanner, protocol and resolution) ...'
$a = New-MriSimulatedCohort -ParticipantNumber (1..8) -Seed $Seed -SessionNumber 1 -LabelFormat 'A{0:00}'
$b = New-MriSimulatedCohort -ParticipantNumber (4..11) -Seed $Seed -SessionNumber 2 -Scenario AcrossDatabases -LabelFormat 'B{0:00}'

'Preprocessing: bias field, brain, alignment, intensities ...'
$galleryA = $a | Invoke-MriPreprocess -Engine $Engine
$probesB = $b | Invoke-MriPreprocess -Engine $Engine

if ($OutputPath) {
    @($galleryA) + @($probesB) | Export-MriVolume -Path ($OutputPath.TrimEnd('/', '\') + [IO.Path]::DirectorySeparatorChar) -Force
}

'Matching every scan of B against A ...'
$matches = @($probesB | Find-MriMatch -Gallery $galleryA)
$matches

# The simulation knows the truth: labels carry the participant's number.
$linked = @($matches | Where-Object IsMatch)
$right = @($linked | Where-Object { $_.Probe.Participant.Substring(1) -eq $_.Gallery.Participant.Substring(1) })
$linkedA = @($linked | ForEach-Object { $_.Gallery.Participant })
''
"$($linked.Count) links, $($right.Count) of them right (5 people are in both databases)."
"Without a link in B: $(@($matches | Where-Object { -not $_.IsMatch } | ForEach-Object { $_.Probe.Participant }) -join ', ')"
"Without a link in A: $(@($galleryA | Where-Object { $_.Participant -notin $linkedA } | ForEach-Object { $_.Participant }) -join ', ')"
if ($linked.Count -ne 5 -or $right.Count -ne 5) { exit 1 }
