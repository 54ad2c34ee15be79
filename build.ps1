#requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests or packs MriLink: a thin wrapper over the dotnet commands of README.
.PARAMETER Task
    Build stages the module in out/MriLink and the shell in out/shell. Test runs the .NET tests and, where Pester 5 or
    later is installed, tests/*.Tests.ps1. Pack makes out/MriLink.<version>.zip of the staged module.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pack')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release'
)

$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args failed with exit code $LASTEXITCODE." }
}

Push-Location $root
try {
    switch ($Task) {
        'Build' {
            Invoke-DotNet build -c $Configuration
        }
        'Test' {
            Invoke-DotNet test -c $Configuration
            $pester = Get-Module Pester -ListAvailable | Where-Object Version -GE '5.0' | Select-Object -First 1
            if ($pester) {
                Import-Module $pester
                Invoke-Pester -Configuration @{ Run = @{ Path = "$root/tests"; Throw = $true }; Output = @{ Verbosity = 'Detailed' } }
            }
            else {
                Write-Warning 'Pester 5 or later is not installed: tests/*.Tests.ps1 were not run.'
            }
        }
        'Pack' {
            Invoke-DotNet build -c $Configuration
            $version = (Import-PowerShellDataFile "$root/MriLink.psd1").ModuleVersion
            $archive = "$root/out/MriLink.$version.zip"
            Compress-Archive -Path "$root/out/MriLink" -DestinationPath $archive -Force
            Get-Item $archive
        }
    }
}
finally {
    Pop-Location
}
