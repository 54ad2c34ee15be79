using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace MriLink.Module.Tests;

/// <summary>Every example of the help runs as it is printed, on the files that it names.</summary>
[Collection(StandIn.Users)]
public sealed class HelpExampleTests(HelpExampleTests.Cache cache) : IClassFixture<HelpExampleTests.Cache>, IDisposable
{
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    // Examples also use two cmdlets of modules that the engine by itself lacks; these do as much of them as examples need. What the
    // steps compute is tested elsewhere, so here they leave out what takes long.
    private const string Setup = """
        $ExecutionContext.SessionState.Path.SetLocation($args[0])
        $env:MRILINK_SIMPLEITK = $args[4]
        function Get-ChildItem($Path, $Filter, [switch] $Recurse) {
            [IO.DirectoryInfo]::new($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)).EnumerateFiles($Filter, $Recurse ? 'AllDirectories' : 'TopDirectoryOnly')
        }
        function Export-Csv([Parameter(ValueFromPipeline)] $InputObject, [Parameter(Position = 0)] $Path) {
            process { [IO.File]::AppendAllText($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path), "$InputObject`n") }
        }
        $PSDefaultParameterValues = @{
            'Invoke-MriPreprocess:Spacing' = 4; 'Invoke-MriPreprocess:SkipBiasCorrection' = $true; 'Invoke-MriPreprocess:Registration' = 'None'
            'Invoke-MriPreprocess:CachePath' = $args[3]; 'New-MriSimulatedCohort:Stripped' = $true
            'Test-MriMitigation:Spacing' = 4; 'Test-MriMitigation:SkipBiasCorrection' = $true; 'Test-MriMitigation:Mitigation' = 'Quantize'
            'Invoke-MriAudit:Spacing' = 4; 'New-MriSimulatedScan:Spacing' = 8; 'Measure-MriLinkage:Replicate' = 20
        }
        if ($args[2] -and $args[1] -ne 'New-MriGallery') {
            $null = New-MriGallery ./brains.mrigallery
            Import-MriVolume ./people -Recurse | Invoke-MriPreprocess | Add-MriGalleryVolume ./brains.mrigallery
        }
        if ($args[1] -eq 'Merge-MriGallery') {
            foreach ($part in './part1.mrigallery', './part2.mrigallery') {
                $null = New-MriGallery $part
                Import-MriVolume ./cohort -Recurse | Invoke-MriPreprocess | Add-MriGalleryVolume $part
            }
        }
        if ($args[1] -in 'ConvertTo-MriSignature', 'Get-MriSignature') {
            Import-MriVolume ./people -Recurse | Invoke-MriPreprocess | ConvertTo-MriSignature -KeyPath ./shared.key -OutFile ./theirs.mrisig
        }
        """;

    private static readonly Lazy<Dictionary<string, byte[]>> Files = new(MakeFiles);

    private readonly ModuleSession _session = new();

    public static TheoryData<string> Cmdlets => [.. Examples().Keys];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Examples_run(string cmdlet)
    {
        PlaceFiles();
        var examples = Examples()[cmdlet];
        _session.Run(Setup, _session.Folder, cmdlet, examples.Any(e => e.Contains("brains.mrigallery", StringComparison.Ordinal)), cache.Folder, StandIn.Install(_session.Folder, "simpleitk", "2.4.1")).ThrowIfFailed();
        foreach (var example in examples)
        {
            var outcome = _session.Run(example);

            Assert.True(outcome.Problem is null, $"{example}\n{outcome.Problem?.Message}");
        }
    }

    private static Dictionary<string, string[]> Examples() =>
        XDocument.Load(Path.Combine(Path.GetDirectoryName(ModuleSession.ManifestPath)!, "en-US", "MriLink.dll-Help.xml")).Descendants(Command + "command")
            .ToDictionary(
                command => command.Element(Command + "details")!.Element(Command + "name")!.Value,
                command => command.Descendants(Dev + "code").Select(code => code.Value).ToArray(),
                StringComparer.Ordinal);

    // Three people with two scans each and six with one, so that there are pairs enough to judge by.
    private static Dictionary<string, byte[]> MakeFiles()
    {
        string[] scans =
        [
            .. new[] { 1, 5, 6, 7, 8, 9 }.Select(n => $"dataset/sub-0{n}/anat/sub-0{n}_T1w.nii.gz"),
            .. new[] { 2, 3, 4 }.SelectMany(n => new[] { 1, 2 }.Select(run => $"dataset/sub-0{n}/anat/sub-0{n}_run-{run}_T1w.nii.gz")),
            "releases/A/sub-01_T1w.nii.gz", "releases/A/sub-02_T1w.nii.gz", "releases/B/sub-02_T1w.nii.gz", "releases/B/sub-03_T1w.nii.gz",
            "people/withdrawn.nii.gz", "people/site2-1.nii.gz", "people/pilot-1.nii.gz", "cohort/sub-02_T1w.nii.gz", "new/sub-01_T1w.nii.gz", "scans/P0012_t1.nii.gz",
        ];
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var i = 0; i < scans.Length; i++)
        {
            var person = Enumerable.Range(1, 9).FirstOrDefault(n => scans[i].Contains($"sub-0{n}", StringComparison.Ordinal), 10 + i);
            files[scans[i]] = TinyNifti.Gzip(SmallVolumes.HeadOf(person, scan: i));
        }

        for (var n = 1; n <= 9; n++)
        {
            files[$"masks/0{n}.nii.gz"] = TinyNifti.Gzip(SmallVolumes.HeadMask());
        }

        files["scan.mnc"] = Encoding.UTF8.GetBytes(StandIn.Scan);
        files["shared.key"] = SHA256.HashData("shared"u8);
        return files;
    }

    private void PlaceFiles()
    {
        foreach (var (name, bytes) in Files.Value)
        {
            var path = Path.Combine(_session.Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }

    /// <summary>Brains that one example has preprocessed are there for the next.</summary>
    public sealed class Cache : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("mrilink-cache-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
