#requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, shows or packs MriLink.
.DESCRIPTION
    With the .NET SDK alone: dotnet tool restore && dotnet pwsh build.ps1 -Task Test. With pwsh installed: ./build.ps1 -Task Test.
    A task that fails says why and ends with an exit code other than 0.
.PARAMETER Task
    Build stages the module in out/MriLink. Test builds everything, runs the .NET tests and the Pester tests in tests/*.Tests.ps1, and
    closes with one line of counts over both. Demo builds the module and runs examples/audit.ps1. Pack makes what Publish-PSResource
    takes: the folder out/package/MriLink/<version> (-Path) and out/package/MriLink.<version>.nupkg (-NupkgPath).
.PARAMETER Configuration
    Release, which is compiled ahead of time, or Debug.
.PARAMETER PesterVersion
    The version of Pester that runs the tests. It is restored to out/tools and installed nowhere.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Demo', 'Pack')]
    [string] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [version] $PesterVersion = '6.2.0'
)

$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot

# The module is used in a shell of its own: an assembly that a session has loaded stays loaded, and the session would go on with an older build.
$shell = Join-Path $PSHOME 'pwsh'

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args failed with exit code $LASTEXITCODE." }
}

function Build-Module {
    Invoke-DotNet build "$root/src/MriLink" -c $Configuration -v minimal
}

# Both kinds of tests run whatever comes of the other; what they say goes by as it comes, and is read for the counts.
function Invoke-Test {
    Invoke-DotNet build -c $Configuration -v minimal
    Invoke-DotNet package download "Pester@$PesterVersion" --output "$root/out/tools" --verbosity quiet

    $counts = [ordered]@{ passed = 0; failed = 0; skipped = 0 }
    $wrong = @()
    $names = @{ succeeded = 'passed'; failed = 'failed'; skipped = 'skipped' }
    dotnet test -c $Configuration --no-build | ForEach-Object {
        $_
        if ($_ -match '^\s*(succeeded|failed|skipped):\s*(\d+)') { $counts[$names[$Matches[1]]] += [int] $Matches[2] }
    }
    if ($LASTEXITCODE -ne 0) { $wrong += "The .NET tests ended with exit code $LASTEXITCODE." }
    if ($counts.passed -eq 0) { $wrong += 'No .NET test passed.' }

    $result = "$root/out/pester.json"
    Remove-Item -LiteralPath $result -ErrorAction Ignore
    $manifest = "$root/out/tools/pester/$PesterVersion/tools/Pester.psd1"
    & $shell -NoProfile -File "$root/tests/Invoke-PesterTest.ps1" -PesterPath $manifest -ResultPath $result
    if ($LASTEXITCODE -ne 0) { $wrong += "The Pester tests ended with exit code $LASTEXITCODE." }
    $pester = (Test-Path -LiteralPath $result) ? (Get-Content -Raw -LiteralPath $result | ConvertFrom-Json) : @{ passed = 0 }
    foreach ($key in @($counts.Keys)) { $counts[$key] += $pester.$key }
    if ($pester.passed -eq 0) { $wrong += 'No Pester test passed.' }

    $wrong | ForEach-Object { [Console]::Error.WriteLine($_) }
    "$($counts.passed) passed, $($counts.failed) failed, $($counts.skipped) skipped"
    if ($wrong) { exit 1 }
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
    $lines = $facts.GetEnumerator() | Where-Object Value | ForEach-Object {
        "    <$($_.Key)>$([Security.SecurityElement]::Escape($_.Value))</$($_.Key)>"
    }
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

function New-Package {
    Build-Module
    $package = "$root/out/package"
    if (Test-Path -LiteralPath $package) { Remove-Item -LiteralPath $package -Recurse -Force }
    $manifest = Import-PowerShellDataFile "$root/MriLink.psd1"
    $version = $manifest.ModuleVersion
    $folder = "$package/MriLink/$version"
    $null = New-Item -ItemType Directory -Path (Split-Path -Parent $folder) -Force
    Copy-Item -LiteralPath "$root/out/MriLink" -Destination $folder -Recurse
    $null = Test-ModuleManifest -Path "$folder/MriLink.psd1" -ErrorAction Stop
    $stray = Get-ChildItem -LiteralPath $folder -Recurse -File |
        Where-Object { $_.Extension -notin '.dll', '.so', '.dylib', '.psd1', '.ps1xml', '.xml', '.txt', '.md', '' }
    if ($stray) { throw "These files do not belong into the package: $($stray.Name -join ', ')." }

    New-Nuspec $manifest "$package/MriLink.nuspec"
    $properties = "-p:NuspecFile=$package/MriLink.nuspec", "-p:NuspecBasePath=$folder", '-p:NoPackageAnalysis=true'
    Invoke-DotNet pack "$root/src/MriLink/MriLink.csproj" --no-build -c $Configuration -o $package @properties
    Remove-Item -LiteralPath "$package/MriLink.nuspec"
    $size = (Get-ChildItem -LiteralPath $folder -Recurse -File | Measure-Object -Property Length -Sum).Sum
    Write-Information ('The module takes {0:0.0} MB.' -f ($size / 1MB)) -InformationAction Continue
    Get-Item -LiteralPath $folder, "$package/MriLink.$version.nupkg"
}

# What the tests print is read, so it is wanted in one language; nothing reports to anybody.
$env:DOTNET_CLI_UI_LANGUAGE = 'en'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = $env:TESTINGPLATFORM_TELEMETRY_OPTOUT = $env:POWERSHELL_TELEMETRY_OPTOUT = $env:DOTNET_NOLOGO = '1'
Push-Location $root
try {
    switch ($Task) {
        'Build' { Build-Module }
        'Test' { Invoke-Test }
        'Demo' {
            Build-Module
            & $shell -NoProfile -File "$root/examples/audit.ps1"
            if ($LASTEXITCODE -ne 0) { throw "examples/audit.ps1 ended with exit code $LASTEXITCODE." }
        }
        'Pack' { New-Package }
    }
}
catch {
    [Console]::Error.WriteLine("$Task failed: $($_.Exception.Message)")
    exit 1
}
finally {
    Pop-Location
}
