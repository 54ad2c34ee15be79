using System.Text.Json;
using MriLink.Core.Audit;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Search;
using MriLink.Core.Tests.Gallery;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Audit;

/// <summary>What audits do with a gallery, on small files; preprocessing is stood in for by what only standardises voxels.</summary>
public abstract class AuditTests : IDisposable
{
    private const int Side = 12;
    private static readonly Pseudonymizer Key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-").FullName;
    private int _preprocessed;

    protected string Folder => _folder;

    private string Release => Path.Combine(_folder, "release");

    private string Reports => Path.Combine(_folder, "reports");

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected abstract string Place();

    [Fact]
    public void A_release_is_added_linked_and_reported_once()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(5);
        Scan("sub-twin", seed: 3, likeOf: 3);

        var first = Audit(place);

        Assert.Equal((6, 0, 6, 6), (first.Files, first.Unchanged, first.Added, first.Compared));
        var link = Assert.Single(first.Links);
        Assert.Equal(["3", "twin"], new[] { link.Probe.Participant, link.Entry.Participant }.Order());
        Assert.True(link.ProbeId > link.EntryId);
        Assert.True(link.Score > 0.7);
        Assert.Equal(2, first.ExitCode);
        using var json = JsonDocument.Parse(File.ReadAllText(first.ReportPath!));
        Assert.Equal(6, json.RootElement.GetProperty("Added").GetInt32());
        Assert.Equal(2, json.RootElement.GetProperty("ExitCode").GetInt32());
        Assert.StartsWith("Kind,Participant,", File.ReadAllText(Path.ChangeExtension(first.ReportPath!, ".csv")), StringComparison.Ordinal);

        var second = Audit(place);

        Assert.Equal((6, 6, 0, 0, 0), (second.Files, second.Unchanged, second.Added, second.Compared, second.ExitCode));
        Assert.Null(second.ReportPath);
        Assert.Empty(second.Links);
        Assert.Equal(6, _preprocessed);
        Assert.Equal(2, Directory.GetFiles(Reports).Length);
    }

    [Fact]
    public void A_later_release_is_compared_with_all_that_is_there()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(4);
        Assert.Equal(0, Audit(place).ExitCode);
        Scan("sub-new", seed: 2, likeOf: 2);
        Scan("sub-1_ses-2", seed: 1, likeOf: 1);

        var later = Audit(place);

        Assert.Equal((2, 2), (later.Added, later.Compared));
        Assert.Equal("new", Assert.Single(later.Links).Probe.Participant);
        var expected = Assert.Single(later.Expected);
        Assert.True(expected.IsSameLabel);
        Assert.Equal("1", expected.Probe.Participant);
    }

    [Fact]
    public void A_large_gallery_is_searched_by_candidates_and_links_as_a_small_one_does()
    {
        var (large, small) = (Place(), Place());
        VolumeGallery.Create(large);
        VolumeGallery.Create(small);
        Scans(6);
        Scan("sub-twin", seed: 4, likeOf: 4);

        var (found, expected) = (Audit(large, largeGallery: 3), Audit(small));

        Assert.Equal(7, Convert.ToInt32(VolumeGallery.Open(large).Server.Run(c => c.Scalar("SELECT COUNT(*) FROM signatures"))));
        Assert.Equal(7, found.Compared);
        var (link, other) = (Assert.Single(found.Links), Assert.Single(expected.Links));
        Assert.Equal((other.Probe, other.Entry, other.Score), (link.Probe, link.Entry, link.Score));
        Assert.Contains("7 of 7 gallery scans measured", link.DecidingRule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_moved_or_touched_file_is_known_by_its_content_and_a_changed_one_is_new()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(3);
        Audit(place);
        Directory.CreateDirectory(Path.Combine(Release, "moved"));
        File.Move(Path.Combine(Release, "sub-1_T1w.nii"), Path.Combine(Release, "moved", "sub-1_T1w.nii"));
        File.SetLastWriteTimeUtc(Path.Combine(Release, "sub-2_T1w.nii"), DateTime.UtcNow.AddHours(1));
        Scan("sub-3", seed: 33);

        var audit = Audit(place);

        Assert.Equal((2, 1, 1), (audit.Copies, audit.Added, audit.Compared));
        Assert.Equal(4, _preprocessed);
        Assert.Equal(4, VolumeGallery.Open(place).Count);
    }

    [Fact]
    public void What_cannot_be_read_is_told_once_counts_until_it_is_mended_and_the_rest_goes_on()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(3);
        File.WriteAllText(Path.Combine(Release, "sub-9_T1w.nii"), "no volume");

        var audit = Audit(place);

        Assert.Equal((3, 1), (audit.Added, audit.ExitCode));
        Assert.EndsWith("sub-9_T1w.nii", Assert.Single(audit.Problems).Path, StringComparison.Ordinal);
        Assert.Empty(audit.Unresolved);

        var again = Audit(place);

        Assert.Equal((1, 0, null), (again.ExitCode, again.Problems.Count, again.ReportPath));
        Assert.Equal(audit.Problems[0], Assert.Single(again.Unresolved));

        Scan("sub-10", seed: 10);
        Assert.Contains("Unresolved,,,,", File.ReadAllText(Path.ChangeExtension(Audit(place).ReportPath!, ".csv")), StringComparison.Ordinal);

        Scan("sub-9", seed: 9);
        var mended = Audit(place);

        Assert.Equal((0, 1), (mended.ExitCode, mended.Added));
        Assert.Empty(mended.Unresolved);
    }

    [Fact]
    public void A_failed_scan_is_told_and_never_compared()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(3);
        Scan("sub-twin", seed: 2, likeOf: 2);

        var audit = Audit(place, fail: "twin");

        Assert.Equal((4, 3, 1), (audit.Added, audit.Compared, audit.ExitCode));
        Assert.Contains("preprocessing failed", Assert.Single(audit.Problems).Problem, StringComparison.Ordinal);
        Assert.Equal((0, 1), (Audit(place).Compared, Audit(place).ExitCode));
        File.Delete(Path.Combine(Release, "sub-twin_T1w.nii"));
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void An_interrupted_audit_goes_on_and_ends_as_an_undisturbed_one()
    {
        var (disturbed, quiet) = (Place(), Place());
        VolumeGallery.Create(disturbed);
        VolumeGallery.Create(quiet);
        Scans(6);
        Scan("sub-twin", seed: 5, likeOf: 5);

        // Stopped again and again, one volume further each time.
        for (var i = 1; i <= 4; i++)
        {
            var left = 2;
            Assert.Throws<OperationCanceledException>(() => Audit(disturbed, before: () => _ = --left == 0 ? throw new OperationCanceledException() : 0));
            Assert.Equal(i, VolumeGallery.Open(disturbed).Count);
        }

        var result = Audit(disturbed);
        var other = Audit(quiet);

        Assert.Equal(7, result.Compared);
        Assert.Equal(Contents(quiet), Contents(disturbed));
        Assert.Equal(
            other.Links.Select(l => (l.Probe.Participant, l.Entry.Participant, l.Score)),
            result.Links.Select(l => (l.Probe.Participant, l.Entry.Participant, l.Score)));
    }

    [Fact]
    public void Links_that_could_not_be_reported_are_reported_by_the_next_audit()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(3);
        Scan("sub-twin", seed: 3, likeOf: 3);
        File.WriteAllText(Reports, "a file where the folder should be");
        Assert.ThrowsAny<IOException>(() => Audit(place));
        File.Delete(Reports);

        var next = Audit(place);

        Assert.Equal((0, 0, 2), (next.Added, next.Compared, next.ExitCode));
        Assert.Single(next.Links);
        Assert.NotNull(next.ReportPath);
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void Two_audits_at_once_lose_nothing_and_double_nothing()
    {
        var place = Place();
        VolumeGallery.Create(place);
        Scans(8);
        Scan("sub-twin", seed: 3, likeOf: 3);

        Parallel.For(0, 3, new ParallelOptions { MaxDegreeOfParallelism = 3 }, _ => Audit(place));

        Assert.Equal(9, VolumeGallery.Open(place).Count);
        Assert.Equal(1L, Convert.ToInt64(VolumeGallery.Open(place).Server.Run(c => c.Scalar("SELECT COUNT(*) FROM links"))));
        Assert.Equal(0, Audit(place).Compared);
    }

    [Fact]
    public void A_pseudonymised_audit_names_nobody()
    {
        var place = Place();
        VolumeGallery.Create(place, Key);
        Scans(3, "Ada");
        Scan("sub-AdaTwin", seed: 2, likeOf: 2);

        var audit = Audit(place, key: Key);

        Assert.Single(audit.Links);
        var texts = Directory.GetFiles(Reports).Select(File.ReadAllText);
        Assert.All(texts, text => Assert.DoesNotContain("Ada", text, StringComparison.Ordinal));
        Assert.All(VolumeGallery.Open(place).Server.Run(c => c.Query("SELECT path FROM files", r => r.GetString(0))), path => Assert.DoesNotContain("Ada", path, StringComparison.Ordinal));
        Assert.Equal(0, Audit(place, key: Key).ExitCode);
        Assert.Throws<GalleryException>(() => Audit(place));
    }

    private static string[] Contents(string place)
    {
        var gallery = VolumeGallery.Open(place);
        return [.. gallery.Entries().Select(e => $"{e.Participant} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(gallery.ReadContent(e.Id)))}").Order()];
    }

    private void Scans(int count, string label = "")
    {
        for (var i = 1; i <= count; i++)
        {
            Scan($"sub-{label}{i}", i);
        }
    }

    // Voxels drawn by the seed; or a rescan, four fifths of them another's.
    private void Scan(string name, int seed, int? likeOf = null)
    {
        Directory.CreateDirectory(Release);
        var (own, other) = (new Random(seed + (likeOf is null ? 0 : 1000)), new Random(likeOf ?? 0));
        var voxels = Enumerable.Range(0, Side * Side * Side).Select(_ => (a: own.NextSingle(), b: other.NextSingle())).Select(v => likeOf is null ? v.a : (0.2f * v.a) + (0.8f * v.b)).ToArray();
        VolumeWriter.Write(Path.Combine(Release, name + "_T1w.nii"), new(new(new(Side, Side, Side), Affine.FromScale(2, 2, 2)), voxels), overwrite: true);
    }

    private AuditResult Audit(string place, Pseudonymizer? key = null, Action? before = null, string? fail = null, int largeGallery = CandidateSearch.LargeGallery)
    {
        var files = Directory.GetFiles(Release, "*.nii", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => new FileInfo(f)).Select(f => new AuditFile(f.FullName, f.Length, f.LastWriteTimeUtc));
        var options = new AuditOptions { Match = new MatchOptions { Threshold = new(0.7) }, Pseudonymizer = key, ReportFolder = Reports };
        var audit = new GalleryAudit(VolumeGallery.Open(place), options, (scan, work) =>
        {
            before?.Invoke();
            Interlocked.Increment(ref _preprocessed);
            var volume = scan.ReadVoxels();
            var brain = SampleBrain.Make(volume, new(volume.Geometry, [.. volume.Voxels.Select(v => v != 0)]), scan.Participant, scan.Path, 0.1);
            var quality = scan.Participant == fail ? new QualityRecord { TemplateCorrelation = 0, TemplateOverlap = 0, BrainMillilitres = 1, ScaleX = 9, ScaleY = 1, ScaleZ = 1, ShearDegrees = 80, RotationDegrees = 0, SignalToNoise = 0, Coverage = 0, InputStripped = false }
                : new() { TemplateCorrelation = 0.8, TemplateOverlap = 0.95, BrainMillilitres = 1300, ScaleX = 1, ScaleY = 1, ScaleZ = 1, ShearDegrees = 1, RotationDegrees = 0, SignalToNoise = 40, Coverage = 1, InputStripped = false };
            return new PreprocessedVolume(scan.Identity, volume, brain.BrainMask, "Sample", Affine.Identity, quality, [])
            {
                Provenance = brain.Provenance! with { InputHash = scan.FileContent!.HashContent(default) },
            };
        }, largeGallery);
        return audit.Run([.. files], WorkOptions.SingleThread);
    }
}

public sealed class SqliteAuditTests : AuditTests
{
    protected override string Place() => Path.Combine(Folder, Path.GetRandomFileName());
}

[Collection(nameof(PostgresFixture))]
public sealed class PostgresAuditTests(PostgresFixture server) : AuditTests
{
    protected override string Place() => server.Place();
}

public sealed class AuditReportTests
{
    [Fact]
    public void Labels_are_neither_formulas_nor_broken_rows_and_numbers_stay_numbers()
    {
        var evil = new ScanIdentity("=HYPERLINK(\"http://x\")", "+1", "@a", "C:\\a,b.nii");
        var csv = AuditReport.Csv(new()
        {
            Gallery = "g",
            Version = "0",
            Started = DateTime.UtcNow,
            Finished = DateTime.UtcNow,
            Files = 1,
            Unchanged = 0,
            Added = 1,
            Copies = 0,
            Compared = 1,
            Links = [new() { Probe = evil, Entry = new("-2"), ProbeId = 2, EntryId = 1, Metric = "NCC", Score = -0.25, DecidingRule = "r" }],
            Expected = [],
            Problems = [new("\tx", "two\nlines")],
            Unresolved = [],
        });

        var rows = csv.Split("\r\n");
        Assert.Equal("Link,\"'=HYPERLINK(\"\"http://x\"\")\",'+1,'@a,\"C:\\a,b.nii\",'-2,,,,NCC,-0.25,,r,", rows[1]);
        Assert.Equal("Problem,,,,'\tx,,,,,,,,,\"two\nlines\"", rows[2]);
    }
}
