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
$none = [Threading.CancellationToken]::None

# Everything that a script puts out, by kind. Nothing of it stops the script but an error that ends a pipeline, which is the last of the errors.
function Get-Outcome([scriptblock] $script) {
    $ErrorActionPreference = 'Continue'
    $all = [Collections.Generic.List[object]]::new()
    try {
        & $script *>&1 | ForEach-Object { $all.Add($_) }
    }
    catch {
        $all.Add($_)
    }

    $records = [ordered]@{
        Errors = [System.Management.Automation.ErrorRecord]
        Warnings = [System.Management.Automation.WarningRecord]
        Verbose = [System.Management.Automation.VerboseRecord]
        Notes = [System.Management.Automation.InformationRecord]
    }
    $outcome = @{ Output = @($all | Where-Object { $null -eq $_ -or $_.GetType() -notin $records.Values }) }
    foreach ($kind in $records.Keys) { $outcome[$kind] = @($all | Where-Object { $null -ne $_ -and $_.GetType() -eq $records[$kind] }) }
    [pscustomobject] $outcome
}

# A new folder of the test's own.
function New-TestFolder {
    (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
}

function ConvertTo-Gzip([byte[]] $bytes) {
    $packed = [IO.MemoryStream]::new()
    $stream = [IO.Compression.GZipStream]::new($packed, [IO.Compression.CompressionLevel]::Fastest)
    $stream.Write($bytes)
    $stream.Dispose()
    , $packed.ToArray()
}

# A NIfTI-1 file, made by hand and independently of the module: 8-bit voxels 0, 1, 2, … at 2 mm whose first axis runs to the left, unless
# said otherwise. $change gets the bytes to spoil.
function New-Nifti([int[]] $size = (3, 4, 5), [byte[]] $voxels, [double[]] $voxelToWorld = (-2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0),
    [scriptblock] $change) {
    $count = $size[0] * $size[1] * $size[2]
    $bytes = [byte[]]::new(352 + $count)
    [BitConverter]::GetBytes(348).CopyTo($bytes, 0)
    $dimensions = @(3) + $size + @(1, 1, 1, 1)
    for ($i = 0; $i -lt 8; $i++) { [BitConverter]::GetBytes([int16] $dimensions[$i]).CopyTo($bytes, 40 + 2 * $i) }
    $bytes[70] = 2
    $bytes[72] = 8
    $bytes[254] = 1
    [BitConverter]::GetBytes([single] 352).CopyTo($bytes, 108)
    for ($i = 0; $i -lt 12; $i++) { [BitConverter]::GetBytes([single] $voxelToWorld[$i]).CopyTo($bytes, 280 + 4 * $i) }
    [Text.Encoding]::ASCII.GetBytes('n+1').CopyTo($bytes, 344)
    if ($voxels) {
        $voxels.CopyTo($bytes, 352)
    }
    else {
        $period = [byte[]] (0..255)
        for ($at = 0; $at -lt $count; $at += 256) { [array]::Copy($period, 0, $bytes, 352 + $at, [Math]::Min(256, $count - $at)) }
    }

    if ($change) { & $change $bytes }
    , $bytes
}

# A file of floats of which one is NaN.
function New-NaNNifti {
    , (New-Nifti (3, 4, 20) -change {
            param($b)
            $b[46] = 5
            $b[70] = 16
            $b[72] = 32
            [array]::Clear($b, 352, 240)
            [BitConverter]::GetBytes([single]::NaN).CopyTo($b, 352 + 40)
        })
}

# Writes a file below a folder, making folders as needed, packed where its name says so; a small good volume unless bytes are given.
# Gives its full path.
function New-TestFile([string] $folder, [string] $name, [byte[]] $bytes) {
    $path = Join-Path $folder $name
    $null = [IO.Directory]::CreateDirectory((Split-Path -Parent $path))
    if (-not $PSBoundParameters.ContainsKey('bytes')) {
        $bytes = New-Nifti
        if ($name -like '*.gz') { $bytes = ConvertTo-Gzip $bytes }
    }

    [IO.File]::WriteAllBytes($path, $bytes)
    $path
}

# A packed file of zeros along three equal sides, which takes almost nothing.
function New-ZeroFile([string] $folder, [string] $name, [int] $side) {
    $path = Join-Path $folder $name
    $header = New-Nifti (1, 1, 1)
    foreach ($at in 42, 44, 46) { [BitConverter]::GetBytes([int16] $side).CopyTo($header, $at) }
    $stream = [IO.Compression.GZipStream]::new([IO.File]::Create($path), [IO.Compression.CompressionLevel]::Fastest)
    $stream.Write($header, 0, 352)
    $slice = [byte[]]::new($side * $side)
    for ($i = 0; $i -lt $side; $i++) { $stream.Write($slice, 0, $slice.Length) }
    $stream.Dispose()
    $path
}

# A scan of an invented person, 16 voxels along each side: the same person gives nearly the same voxels whatever the scan, another person others.
# Anatomy of variance 150²/12 under noise of 40²/12: two scans of one person correlate by 1/(1 + (40/150)²) = 0.934.
function New-PersonFile([string] $folder, [int] $person, [int] $scan, [string] $name) {
    if (-not $name) { $name = 'sub-{0:00}_ses-{1}_T1w.nii' -f $person, $scan }
    $anatomy = [Random]::new($person)
    $noise = [Random]::new(1000 * $person + $scan)
    $voxels = [byte[]]::new(4096)
    for ($i = 0; $i -lt 4096; $i++) { $voxels[$i] = 50 + $anatomy.Next(150) + $noise.Next(40) }
    New-TestFile $folder $name (New-Nifti (16, 16, 16) $voxels (2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0))
}

# A preprocessed volume made of numbers, as a file with a sidecar written here by hand: importing gives back a preprocessed one. The same number
# gives the same voxels, and likeness runs from 0 (noise of its own) to 1 (that of $alike). The grid's middle is the world's.
function New-BrainFile([string] $folder, [string] $name, [int] $number, [int] $alike, [double] $likeness, [switch] $mirrored) {
    $own = [Random]::new($number)
    $other = [Random]::new($alike)
    $voxels = [byte[]]::new(8000)
    for ($i = 0; $i -lt 8000; $i++) { $voxels[$i] = [Math]::Floor($own.Next(1, 120) * (1 - $likeness) + $other.Next(1, 120) * $likeness) + 1 }
    if ($mirrored) { for ($row = 0; $row -lt 8000; $row += 20) { [array]::Reverse($voxels, $row, 20) } }
    $map = -2, 0, 0, 19, 0, 2, 0, 0, 0, 0, 2, 0
    $path = New-TestFile $folder $name (New-Nifti (20, 20, 20) $voxels $map)
    $sidecar = @{
        MriLink = @{
            Template = 'Small'
            Size = 20, 20, 20
            VoxelToWorld = $map
            TemplateToScan = 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0
            BrainVoxels = 8000
            Quality = @{ TemplateCorrelation = 0.8; TemplateOverlap = 0.95; BrainMillilitres = 1300; ScaleX = 1; ScaleY = 1; ScaleZ = 1
                SignalToNoise = 30; Coverage = 1.0 }
            Provenance = @{ Tool = 'MriLink'; Version = '0'; Template = 'Small'; TemplateHash = 'x'
                InputHash = "sha256:$number-$alike-$likeness$($mirrored ? '-mirrored' : '')"; Parameters = @{ Spacing = 2.0 } }
        }
    }
    $sidecar | ConvertTo-Json -Depth 5 | Set-Content -LiteralPath ([IO.Path]::ChangeExtension($path, '.json'))
    $path
}

# The template's head and brain on a grid of 4 mm.
function Get-SmallHead {
    $full = foreach ($name in 'head', 'mask') {
        $stream = [IO.Compression.GZipStream]::new([IO.File]::OpenRead("$templates/colin27-$name.nii.gz"),
            [IO.Compression.CompressionMode]::Decompress)
        $memory = [IO.MemoryStream]::new()
        $stream.CopyTo($memory)
        $stream.Dispose()
        , $memory.ToArray()
    }
    $sides = 0..2 | ForEach-Object { [BitConverter]::ToInt16($full[0], 42 + 2 * $_) }
    $size = $sides | ForEach-Object { [int] [Math]::Ceiling($_ / 4) }
    $head, $brain = $full | ForEach-Object {
        $thin = [byte[]]::new($size[0] * $size[1] * $size[2])
        $to = 0
        for ($z = 0; $z -lt $size[2]; $z++) {
            for ($y = 0; $y -lt $size[1]; $y++) {
                $from = 352 + 4 * $sides[0] * ($y + $sides[1] * $z)
                for ($x = 0; $x -lt $size[0]; $x++) {
                    $thin[$to++] = $_[$from]
                    $from += 4
                }
            }
        }

        , $thin
    }
    $inside = for ($i = 0; $i -lt $brain.Length; $i++) { if ($brain[$i]) { $i } }
    $stripped = [byte[]]::new($head.Length)
    foreach ($i in $inside) { $stripped[$i] = $head[$i] }
    [pscustomobject] @{ Size = $size; Head = $head; Brain = $brain; Stripped = $stripped; Inside = [int[]] $inside }
}

# Where the 4 mm head lies, turned about the vertical and shifted as if the person had lain so.
function Get-HeadPose([double] $degrees, [double] $shift) {
    $sin = [Math]::Sin($degrees * [Math]::PI / 180)
    $cos = [Math]::Cos($degrees * [Math]::PI / 180)
    4 * $cos; -4 * $sin; 0; -90 * $cos + 125 * $sin + $shift
    4 * $sin; 4 * $cos; 0; -90 * $sin - 125 * $cos + $shift
    0; 0; 4; -71 + $shift
}

# The stand-in for SimpleITK (tests/FakeSimpleItk) in a folder, with a native library of the runtime's in the place of its own.
function New-StandIn([string] $folder, [string] $version) {
    $null = New-Item -ItemType Directory -Path $folder
    $managed = Get-ChildItem "$root/tests/FakeSimpleItk/bin/*/net10.0/SimpleITKCSharpManaged.dll" | Sort-Object LastWriteTime -Bottom 1
    Copy-Item $managed $folder
    $prefix, $extension = $IsWindows ? ('', '.dll') : ('lib', ($IsMacOS ? '.dylib' : '.so'))
    $runtime = [Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory()
    Copy-Item (Join-Path $runtime "${prefix}System.IO.Compression.Native$extension") (Join-Path $folder "${prefix}SimpleITKCSharpNative$extension")
    Set-Content -LiteralPath (Join-Path $folder 'version.txt') -Value $version -NoNewline
    $folder
}

# A file that the stand-in reads.
$standInScan = "size 4 3 2`ncomponents 1`nspacing 1 2 3`norigin 0 0 0`ndirection 1 0 0 0 1 0 0 0 1"

# What Tab offers at the end of a line.
function Get-Completion([string] $line) {
    (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches
}

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
    $script = @("`$ErrorActionPreference = 'Stop'", "`$PSStyle.OutputRendering = 'PlainText'", "Set-Location -LiteralPath '$folder'",
        "Import-Module '$manifest'")
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
            if ([double]::TryParse($words[$j], 'Float', [cultureinfo]::InvariantCulture, [ref] $wanted) -and
                [double]::TryParse($found[$j], 'Float', [cultureinfo]::InvariantCulture, [ref] $got)) {
                # One in the last digit of 0.931 is 0.001, and of 2.4e-7 it is 1e-8.
                $null = $words[$j] -match '^[-+]?\d+(\.(?<decimals>\d+))?(e(?<exponent>.*))?$'
                $digit = [Math]::Pow(10, [int] $Matches.exponent - "$($Matches.decimals)".Length)
                $because = "the line '$($expected[$i])' is printed as '$($actual[$i])'"
                [Math]::Abs($wanted - $got) | Should -BeLessOrEqual (2.01 * $digit) -Because $because
            }
            else {
                $found[$j] | Should -BeExactly $words[$j] -Because "the line '$($expected[$i])' is printed as '$($actual[$i])'"
            }
        }
    }
}
