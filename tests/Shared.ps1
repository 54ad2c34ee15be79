# What the test files share. Each begins with: BeforeAll { . "$PSScriptRoot/Shared.ps1" }

$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
$manifest = Join-Path $root 'out/MriLink/MriLink.psd1'
Import-Module $manifest

# A shell of its own kind: in one that came as a .NET tool the process is called dotnet.
$shell = Join-Path $PSHOME 'pwsh'

# Files that other programs wrote.
$fixtures = Join-Path $root 'tests/MriLink.Core.Tests/Fixtures'
$templates = Join-Path $root 'src/MriLink.Core/Templates'

# The blocks of PowerShell in a Markdown file, in order, each with the text that the file says it prints: the text block that follows it.
function Get-CodeBlock([string] $path) {
    $blocks = [Collections.Generic.List[object]]::new()
    $kind = $null
    $lines = @()
    foreach ($line in Get-Content -LiteralPath $path) {
        if (-not $line.StartsWith('```')) {
            $lines += $line
        }
        elseif ($null -eq $kind) {
            $kind = $line.Substring(3)
            $lines = @()
        }
        else {
            if ($kind -eq 'powershell') { $blocks.Add([pscustomobject] @{ Code = $lines -join "`n"; Printed = $null }) }
            if ($kind -eq 'text') { $blocks[-1].Printed = $lines }
            $kind = $null
        }
    }

    $blocks
}

# Runs blocks one after the other as at a prompt, where each statement is shown by itself before the next one runs, in a shell of its own
# that starts in the given folder. Gives what each block printed, as lines.
function Invoke-CodeBlock([object[]] $block, [string] $folder) {
    $mark = '--- end of block ---'
    $script = @("`$ErrorActionPreference = 'Stop'", "`$PSStyle.OutputRendering = 'PlainText'", "Set-Location -LiteralPath '$folder'", "Import-Module '$manifest'")
    foreach ($one in $block) {
        $statements = [System.Management.Automation.Language.Parser]::ParseInput($one.Code, [ref] $null, [ref] $null).EndBlock.Statements
        $script += $statements | ForEach-Object { ". { $($_.Extent.Text) } | Out-String -Stream -Width 120" }
        $script += "'$mark'"
    }

    $file = Join-Path ([IO.Path]::GetTempPath()) "mrilink-blocks-$([guid]::NewGuid()).ps1"
    Set-Content -LiteralPath $file -Value $script
    try {
        $output = & $shell -NoProfile -File $file 2>&1
        if ($LASTEXITCODE -ne 0) { throw "The blocks ended with exit code ${LASTEXITCODE}: $($output | Out-String)" }
    }
    finally {
        Remove-Item -LiteralPath $file
    }

    $lines = @()
    foreach ($line in $output) {
        if ("$line" -eq $mark) {
            , $lines
            $lines = @()
        }
        else {
            $lines += "$line"
        }
    }
}

# That two texts are the same but for white space and the last digits of numbers. Sums differ in their last bits from processor to processor,
# as vectors of other widths add in another order: two of the last digit printed leaves room for that.
function Assert-SameText([string[]] $expected, [string[]] $actual) {
    $expected = @($expected | Where-Object { $_.Trim() })
    $actual = @($actual | Where-Object { $_.Trim() })
    $actual | Should -HaveCount $expected.Count -Because "this was printed:`n$($actual -join "`n")"
    for ($i = 0; $i -lt $expected.Count; $i++) {
        $words = $expected[$i].Trim() -split '\s+'
        $found = $actual[$i].Trim() -split '\s+'
        for ($j = 0; $j -lt [Math]::Max($words.Count, $found.Count); $j++) {
            $wanted = 0.0
            $got = 0.0
            if ([double]::TryParse($words[$j], 'Float', [cultureinfo]::InvariantCulture, [ref] $wanted) -and [double]::TryParse($found[$j], 'Float', [cultureinfo]::InvariantCulture, [ref] $got)) {
                # One in the last digit of 0.931 is 0.001, and of 2.4e-7 it is 1e-8.
                $null = $words[$j] -match '^[-+]?\d+(\.(?<decimals>\d+))?(e(?<exponent>.*))?$'
                $digit = [Math]::Pow(10, [int] $Matches.exponent - "$($Matches.decimals)".Length)
                [Math]::Abs($wanted - $got) | Should -BeLessOrEqual (2.01 * $digit) -Because "the line '$($expected[$i])' is printed as '$($actual[$i])'"
            }
            else {
                $found[$j] | Should -BeExactly $words[$j] -Because "the line '$($expected[$i])' is printed as '$($actual[$i])'"
            }
        }
    }
}
