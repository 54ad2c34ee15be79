using System.Diagnostics;
using System.Text.Json;
using MriLink.Core.Audit;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Faults;

/// <summary>A small release with two scans of one person under two labels, its nightly audit, and what must be true after any of them.</summary>
/// <remarks>Preprocessing is stood in for by what only takes the voxels over: it is not what these tests are about, and takes long.</remarks>
internal static class Night
{
    /// <summary>Scans of a release.</summary>
    public const int Scans = 7;

    private const int Side = 12;

    /// <summary>Makes the scans.</summary>
    public static void MakeRelease(string folder)
    {
        Directory.CreateDirectory(folder);
        for (var i = 1; i < Scans; i++)
        {
            MakeScan(folder, $"sub-{i}", i, i);
        }

        MakeScan(folder, "sub-twin", 99, 3);
    }

    /// <summary>Makes a scan: a fifth of its voxels' values are its own, the rest the person's.</summary>
    public static void MakeScan(string folder, string name, int seed, int person, int side = Side)
    {
        var (own, other) = (new Random(1000 + seed), new Random(person));
        var voxels = new float[side * side * side];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = (0.2f * own.NextSingle()) + (0.8f * other.NextSingle());
        }

        VolumeWriter.Write(Path.Combine(folder, name + "_T1w.nii"), new(new(new(side, side, side), Affine.FromScale(2, 2, 2)), voxels),
            overwrite: true);
    }

    public static AuditFile[] Files(string release) =>
        [.. Directory.GetFiles(release, "*.nii").Order(StringComparer.Ordinal).Select(file => AuditFile.Of(file, [file], release))];

    public static GalleryAudit Prepare(VolumeGallery gallery, string release, string reports) => new(
        gallery,
        new()
        {
            Measure = SimilarityMeasures.Find("NCC")!,
            Match = new MatchOptions { Threshold = new(0.7) },
            ReportFolder = reports,
            Roots = [release]
        },
        (scan, work) => Brain(scan.Identity, scan.ReadVoxels(work.CancellationToken), scan.FileContent!.HashContent(work.CancellationToken)));

    /// <summary>A preprocessed volume whose voxels are those given.</summary>
    public static PreprocessedVolume Brain(ScanIdentity identity, Volume volume, string inputHash)
    {
        var quality = new QualityRecord
        {
            TemplateCorrelation = 0.8,
            TemplateOverlap = 0.95,
            BrainMillilitres = 1300,
            ScaleX = 1,
            ScaleY = 1,
            ScaleZ = 1,
            ShearDegrees = 1,
            RotationDegrees = 0,
            SignalToNoise = 40,
            Coverage = 1,
            InputStripped = false,
        };
        return new(identity, volume, new(volume.Geometry, Array.ConvertAll(volume.Voxels, v => v != 0)), "Small", Affine.Identity, quality, [])
        {
            Provenance = new()
            {
                Template = "Small",
                TemplateHash = "sha256-voxels:00",
                InputHash = inputHash,
                Parameters = new Dictionary<string,
                object?>(StringComparer.Ordinal)
                { ["Spacing"] = 2.0 }
            },
        };
    }

    /// <summary>Starts an audit in a process of its own; gives it back once the audit has begun.</summary>
    public static Process Start(string gallery, string release, string reports, string? limits = null)
    {
        var start = new ProcessStartInfo { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] command = [Environment.ProcessPath!, Program.AuditArgument, gallery, release, reports];
        if (limits is not null)
        {
            start.FileName = "sh";
            command = ["-c", limits + "; exec \"$@\"", "sh", .. command];
        }
        else
        {
            (start.FileName, command) = (command[0], command[1..]);
        }

        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        while (process.StandardOutput.ReadLine() is { } line && line is not Program.Begun)
        {
            Log(line);
        }

        return process;
    }

    /// <summary>Runs an audit to its end; gives the exit code and what it printed.</summary>
    public static (int ExitCode, string Output) Run(string gallery, string release, string reports, string? limits = null)
    {
        using var process = Start(gallery, release, reports, limits);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>What must be true at any moment, whatever has happened: every link that counts as reported is in a report that can be read.</summary>
    public static void RequireAgreement(VolumeGallery gallery, string reports)
    {
        var reported = gallery.Server.Run(
            c => c.Query("SELECT probe_id, entry_id FROM links WHERE reported = 1", row => (row.GetInt64(0), row.GetInt64(1))));
        var told = ReportedLinks(reports);
        Assert.All(reported, link => Assert.Contains(link, told));
    }

    /// <summary>What must be true after a night that ended by itself: all scans are there and intact, and their one link has been told.</summary>
    public static void RequireComplete(string place, string release, string reports)
    {
        var gallery = VolumeGallery.Open(place);
        var check = gallery.Check();
        Assert.True(check.IsIntact, string.Join("; ", check.Problems.Concat(check.Damaged.Select(d => d.ToString()))));
        Assert.Equal(Scans, gallery.Count);
        RequireAgreement(gallery, reports);
        Assert.Single(ReportedLinks(reports).Distinct());
        foreach (var entry in gallery.Entries())
        {
            Assert.Equal(VolumeFormats.ReadHeader(entry.Path!).Geometry.Size, entry.Size);
            Assert.Equal(new Core.Formats.Raw.FileVoxelSource(VolumeFormats.ReadHeader(entry.Path!), new()).Read(default).Voxels,
                entry.ReadVoxels().Voxels);
        }

        var next = Prepare(gallery, release, reports).Run(Files(release), WorkOptions.SingleThread);
        Assert.Equal((0, 0, 0), (next.ExitCode, next.Added, next.Compared));
    }

    public static void Log(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    /// <summary>Runs a program; gives its exit code.</summary>
    public static int Shell(string program, params string[] arguments)
    {
        // To no pipe: a server would inherit it and keep its reader waiting.
        var start = new ProcessStartInfo("sh");
        foreach (var argument in (string[])["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static List<(long, long)> ReportedLinks(string reports)
    {
        var links = new List<(long, long)>();
        foreach (var file in Directory.Exists(reports) ? Directory.GetFiles(reports, "*.json") : [])
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            links.AddRange(json.RootElement.GetProperty("Links").EnumerateArray()
                .Select(link => (link.GetProperty("ProbeId").GetInt64(), link.GetProperty("EntryId").GetInt64())));
        }

        return links;
    }
}
