#requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests or packs MriLink: a thin wrapper over the dotnet commands of README.
.PARAMETER Task
    Build stages the module in out/MriLink and the shell in out/shell. Test runs the .NET tests and, where Pester 5 or
    later is installed, tests/*.Tests.ps1. Pack makes what Publish-PSResource takes: the folder
    out/package/MriLink/<version> (-Path) and out/package/MriLink.<version>.nupkg (-NupkgPath).
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

# What PSResourceGet writes into a package: the manifest's facts, and tags by which a gallery finds modules and cmdlets.
function New-Nuspec([hashtable] $manifest, [string] $path) {
    $data = $manifest.PrivateData.PSData
    $tags = @($data.Tags) + 'PSModule' + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" }) + 'PSIncludes_Cmdlet'
    $facts = [ordered]@{
        id = 'MriLink'
        version = $manifest.ModuleVersion
        authors = $manifest.Author
        owners = $manifest.CompanyName
        description = $manifest.Description
        copyright = $manifest.Copyright
        licenseUrl = $data.LicenseUri
        projectUrl = $data.ProjectUri
        releaseNotes = $data.ReleaseNotes
        requireLicenseAcceptance = 'false'
        tags = $tags -join ' '
    }
    $lines = $facts.GetEnumerator() | Where-Object Value | ForEach-Object { "    <$($_.Key)>$([Security.SecurityElement]::Escape($_.Value))</$($_.Key)>" }
    @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/10/nuspec.xsd">
  <metadata>
$($lines -join "`n")
  </metadata>
  <files>
    <file src="**" target="" />
  </files>
</package>
"@ | Set-Content -LiteralPath $path
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
            # Staged anew, so that nothing of an earlier build is packed.
            foreach ($old in "$root/out/MriLink", "$root/out/package") {
                if (Test-Path -LiteralPath $old) { Remove-Item -LiteralPath $old -Recurse -Force }
            }

            Invoke-DotNet build -c $Configuration
            $manifest = Import-PowerShellDataFile "$root/MriLink.psd1"
            $version = $manifest.ModuleVersion
            $folder = "$root/out/package/MriLink/$version"
            $null = New-Item -ItemType Directory -Path (Split-Path -Parent $folder) -Force
            Copy-Item -LiteralPath "$root/out/MriLink" -Destination $folder -Recurse
            $null = Test-ModuleManifest -Path "$folder/MriLink.psd1" -ErrorAction Stop
            $stray = Get-ChildItem -LiteralPath $folder -Recurse -File |
                Where-Object { $_.Extension -notin '.dll', '.so', '.dylib', '.psd1', '.ps1xml', '.xml', '.txt', '.md', '' }
            if ($stray) { throw "These files do not belong into the package: $($stray.Name -join ', ')." }

            New-Nuspec $manifest "$root/out/package/MriLink.nuspec"
            Invoke-DotNet pack "$root/src/MriLink/MriLink.csproj" --no-build -c $Configuration -o "$root/out/package" "-p:NuspecFile=$root/out/package/MriLink.nuspec" "-p:NuspecBasePath=$folder" "-p:NoPackageAnalysis=true"
            Remove-Item -LiteralPath "$root/out/package/MriLink.nuspec"
            $size = (Get-ChildItem -LiteralPath $folder -Recurse -File | Measure-Object -Property Length -Sum).Sum
            Write-Information ('The module takes {0:0.0} MB.' -f ($size / 1MB)) -InformationAction Continue
            Get-Item -LiteralPath $folder, "$root/out/package/MriLink.$version.nupkg"
        }
    }
}
finally {
    Pop-Location
}
