<#
.SYNOPSIS
    What would help database B? Tries mitigations on the databases of audit.ps1.
.DESCRIPTION
    Five of the eight people of B are in A too, and today all of them link. Each mitigation is applied to the raw heads of B,
    weakly and strongly, and B is matched against A again: rows say who still links and what became of the images. Takes some
    minutes; nothing is written. docs/mitigation.md reads the table.
.PARAMETER Seed
    Another seed, other people.
.PARAMETER Mitigation
    What to try; everything unless named.
.PARAMETER AdaptedAttacker
    Adds rows for an attacker who treats A in the same way.
#>
param(
    [int] $Seed = 2026,
    [string[]] $Mitigation,
    [switch] $AdaptedAttacker
)

$ErrorActionPreference = 'Stop'

# From the checkout's build, or by name where the module is installed.
$built = Join-Path $PSScriptRoot '../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')
$choice = @{}
if ($Mitigation) { $choice.Mitigation = $Mitigation }

$a = New-MriSimulatedCohort -ParticipantNumber (1..8) -Seed $Seed -SessionNumber 1 -LabelFormat 'A{0:00}'
$b = New-MriSimulatedCohort -ParticipantNumber (4..11) -Seed $Seed -SessionNumber 2 -Scenario AcrossDatabases -LabelFormat 'B{0:00}'

# The simulation knows the truth: labels carry the participant's number.
$b | Test-MriMitigation -Gallery $a -Participant { $_.Participant.Substring(1) } -AdaptedAttacker:$AdaptedAttacker @choice
