using System.Buffers.Binary;
using System.Text.Json;
using MriLink.Core.Audit;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Formats.Raw;
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
    private static readonly Pseudonymizer Key = new(new SecretKey(System.Security.Cryptography.SHA256.HashData("key"u8)));

    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-").FullName;
    private int _preprocessed;
    private double _spacing = 2;

    protected string Folder => _folder;

    private string Release => Path.Combine(_folder, "release");

    private string Reports => Path.Combine(_folder, "reports");

    private VolumeGeometry Grid => new(
        new(Side, Side, Side), Affine.FromTranslation(1 - Side, 0, 0) * Affine.FromScale(_spacing, _spacing, _spacing));

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected abstract string Place();

    [Fact]
    public void A_release_is_added_linked_and_reported_once()
    {
        var place = NewGallery(5, twinOf: 3);

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
        Assert.Equal(3, Directory.GetFiles(Reports).Length);
    }

    [Fact]
    public void A_later_release_is_compared_with_all_that_is_there()
    {
        var place = NewGallery(4);
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
    public void What_is_true_of_the_gallery_as_a_whole_is_told_once()
    {
        var place = NewGallery(8);
        foreach (var (label, seed) in new[] { ("a", 31), ("b", 32), ("c", 33) })
        {
            Scan($"sub-{label}", seed, likeOf: 3);
        }

        // One person under four labels: each scan's best counterpart may be its mate, the other two lie as far out.
        var first = Audit(place);
        Assert.Contains("somebody may be there under several labels", Assert.Single(first.Problems).Problem, StringComparison.Ordinal);
        Assert.Equal(6, first.Links.Count);

        // A fifth is another pair of numbers in the same words.
        Scan("sub-d", seed: 34, likeOf: 3);
        var second = Audit(place);
        Assert.Equal(1, second.Compared);
        Assert.Empty(second.Problems);
        Assert.Equal(4, second.Links.Count);

        // Once a night has gone without it, it is told when it comes back.
        Scan("sub-9", seed: 9);
        Assert.Empty(Audit(place).Problems);
        Scan("sub-e", seed: 35, likeOf: 3);
        Assert.Single(Audit(place).Problems);
    }

    [Fact]
    public void A_large_gallery_is_searched_by_candidates_and_links_as_a_small_one_does()
    {
        var (large, small) = (NewGallery(6, twinOf: 4), NewGallery());

        var (found, expected) = (Audit(large, largeGallery: 3), Audit(small));

        Assert.Equal(7, Convert.ToInt32(VolumeGallery.Open(large).Server.Run(c => c.Scalar("SELECT COUNT(*) FROM signatures"))));
        Assert.Equal(7, found.Compared);
        var (link, other) = (Assert.Single(found.Links), Assert.Single(expected.Links));
        Assert.Equal((other.Probe, other.Entry, other.Score), (link.Probe, link.Entry, link.Score));
        Assert.Contains("7 of 7 gallery scans measured", link.DecidingRule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mirrored_copy_is_linked_where_mirrored_brains_are_compared_too_and_the_link_says_so()
    {
        var place = NewGallery(5);
        Scan("sub-twin", seed: 3, likeOf: 3, mirrored: true);
        Assert.Empty(Audit(place).Links);

        // A large gallery is compared with as a whole then: signatures know no mirrored mates.
        place = NewGallery();
        var link = Assert.Single(Audit(place, mirrored: true, largeGallery: 2).Links);
        Assert.Equal(["3", "twin"], new[] { link.Probe.Participant, link.Entry.Participant }.Order());
        Assert.EndsWith(", mirrored", link.DecidingRule, StringComparison.Ordinal);
    }

    [Fact]
    public void One_scan_of_another_contrast_keeps_nobody_else_from_being_judged()
    {
        var place = NewGallery(5, twinOf: 3);
        Scan("sub-flair", seed: 50, suffix: "FLAIR");

        var audit = Audit(place);

        Assert.Equal((7, 7), (audit.Added, audit.Compared));
        var link = Assert.Single(audit.Links);
        Assert.Equal(("LocalNCC", "Threshold: LocalNCC >= 0.7"), (link.Metric, link.DecidingRule));
        Assert.Single(audit.Problems, p => p.Problem.StartsWith("FLAIR with T1w scans: they are compared by NGF", StringComparison.Ordinal));

        // Which is told when it begins. A later scan is looked for by the one FLAIR among all that are like it: alone it would have no strangers.
        Scan("sub-6", seed: 6);
        audit = Audit(place);
        Assert.Equal((1, 1), (audit.Added, audit.Compared));
        Assert.Empty(audit.Problems);
        Assert.Empty(audit.Links);
    }

    [Fact]
    public void A_pair_of_contrasts_without_strangers_waits_until_there_are_some()
    {
        var place = NewGallery(3);
        Scan("sub-flair", seed: 50, suffix: "FLAIR");
        Scan("sub-other", seed: 50, likeOf: 50, suffix: "T2w");

        var audit = Audit(place);
        Assert.Equal((5, 3), (audit.Added, audit.Compared));
        Assert.Single(audit.Problems, p => p.Problem.StartsWith("FLAIR with T2w scans: 1 scans were not judged", StringComparison.Ordinal));
        Assert.Empty(audit.Links);

        // Told once, and nobody waits for it.
        Scan("sub-4", seed: 4);
        audit = Audit(place);
        Assert.Equal((1, 1, 0), (audit.Added, audit.Compared, audit.Problems.Count));

        for (var i = 0; i < 25; i++)
        {
            Scan($"sub-more{i}", seed: 60 + i, suffix: "T2w");
        }

        audit = Audit(place);
        Assert.Equal(27, audit.Compared);
        var link = Assert.Single(audit.Links);
        Assert.Equal(["flair", "other"], new[] { link.Probe.Participant, link.Entry.Participant }.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_contrast_of_somebody_is_linked_by_its_edges_whichever_came_first(bool isFirst)
    {
        var place = NewGallery();
        if (isFirst)
        {
            Scan("sub-flair", seed: 5, likeOf: 5, suffix: "FLAIR");
            Assert.Empty(Audit(place).Links);
        }

        Scans(30);
        var audit = Audit(place);
        if (!isFirst)
        {
            Assert.Empty(audit.Links);
            Scan("sub-flair", seed: 5, likeOf: 5, suffix: "FLAIR");
            audit = Audit(place);
        }

        var link = Assert.Single(audit.Links);
        Assert.Equal(("NGF", "5", "flair"), (link.Metric, Of(link, "T1w"), Of(link, "FLAIR")));
        Assert.True(link.Score > 0.3);
        Assert.StartsWith("ImpostorTail: false discovery rate 0.01", link.DecidingRule, StringComparison.Ordinal);
        Assert.Contains("FLAIR", File.ReadAllText(Path.ChangeExtension(audit.ReportPath!, ".csv")), StringComparison.Ordinal);

        // And never again.
        Assert.Empty(Audit(place).Links);

        static string Of(AuditLink link, string contrast) => (link.Probe.Contrast == contrast ? link.Probe : link.Entry).Participant;
    }

    [Fact]
    public void A_moved_or_touched_file_is_known_by_its_content_and_a_changed_one_is_new()
    {
        var place = NewGallery(3);
        Audit(place);
        Directory.CreateDirectory(Path.Combine(Release, "moved"));
        File.Move(Path.Combine(Release, "sub-1_T1w.nii"), Path.Combine(Release, "moved", "sub-1_T1w.nii"));
        File.SetLastWriteTimeUtc(Path.Combine(Release, "sub-2_T1w.nii"), DateTime.UtcNow.AddHours(1));
        Scan("sub-3", seed: 33);

        var audit = Audit(place);

        Assert.Equal((2, 1, 1), (audit.Copies, audit.Added, audit.Compared));
        Assert.Equal(0, audit.ExitCode);
        Assert.Equal(4, _preprocessed);
        Assert.Equal(4, VolumeGallery.Open(place).Count);
    }

    [Fact]
    public void What_cannot_be_read_is_told_once_counts_until_it_is_mended_and_the_rest_goes_on()
    {
        var place = NewGallery(3);
        File.WriteAllText(Path.Combine(Release, "sub-9_T1w.nii"), "no volume");

        var audit = Audit(place);

        Assert.Equal((3, 3), (audit.Added, audit.ExitCode));
        Assert.EndsWith("sub-9_T1w.nii", Assert.Single(audit.Problems).Path, StringComparison.Ordinal);
        Assert.Empty(audit.Unresolved);

        var again = Audit(place);

        Assert.Equal((3, 0, null), (again.ExitCode, again.Problems.Count, again.ReportPath));
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
        var place = NewGallery(3, twinOf: 2);

        var audit = Audit(place, fail: "twin");

        Assert.Equal((4, 3, 3), (audit.Added, audit.Compared, audit.ExitCode));
        Assert.Contains("preprocessing failed", Assert.Single(audit.Problems).Problem, StringComparison.Ordinal);
        Assert.Equal((0, 3), (Audit(place).Compared, Audit(place).ExitCode));
        File.Delete(Path.Combine(Release, "sub-twin_T1w.nii"));
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void An_interrupted_audit_goes_on_and_ends_as_an_undisturbed_one()
    {
        var (disturbed, quiet) = (NewGallery(6, twinOf: 5), NewGallery());

        // Stopped again and again, one volume further each time.
        for (var i = 1; i <= 4; i++)
        {
            var left = 2;
            Assert.Throws<OperationCanceledException>(
                () => Audit(disturbed, before: () => _ = --left == 0 ? throw new OperationCanceledException() : 0));
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
        var place = NewGallery(3, twinOf: 3);
        WithoutReports(() => Audit(place));

        var next = Audit(place);

        Assert.Equal((0, 0, 2), (next.Added, next.Compared, next.ExitCode));
        Assert.Single(next.Links);
        Assert.NotNull(next.ReportPath);
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void Two_audits_at_once_lose_nothing_and_double_nothing()
    {
        var place = NewGallery(8, twinOf: 3);

        Parallel.For(0, 3, new ParallelOptions { MaxDegreeOfParallelism = 3 }, _ => Audit(place));

        Assert.Equal(9, VolumeGallery.Open(place).Count);
        Assert.Equal(1L, Convert.ToInt64(VolumeGallery.Open(place).Server.Run(c => c.Scalar("SELECT COUNT(*) FROM links"))));
        Assert.Equal(0, Audit(place).Compared);
    }

    [Fact]
    public void A_scan_whose_preprocessing_failed_counts_however_it_is_touched_or_copied_until_it_is_gone()
    {
        var place = NewGallery(2, twinOf: 2);
        Assert.Single(Audit(place, fail: "twin").Problems);

        File.SetLastWriteTimeUtc(Path.Combine(Release, "sub-twin_T1w.nii"), DateTime.UtcNow.AddHours(-1));
        var touched = Audit(place);
        Directory.CreateDirectory(Path.Combine(Release, "again"));
        File.Copy(Path.Combine(Release, "sub-twin_T1w.nii"), Path.Combine(Release, "again", "sub-twin_T1w.nii"));
        var copied = Audit(place);

        Assert.Equal((3, 1), (touched.ExitCode, touched.Unresolved.Count));
        Assert.Equal((3, 2), (copied.ExitCode, copied.Unresolved.Count + copied.Problems.Count));
        File.Delete(Path.Combine(Release, "again", "sub-twin_T1w.nii"));
        Assert.Equal(3, Audit(place).ExitCode);
        Scan("sub-twin", seed: 77);
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void A_file_that_is_gone_counts_until_somebody_says_that_it_was_withdrawn()
    {
        var place = NewGallery(4);
        Assert.Equal(0, Audit(place).ExitCode);
        File.Delete(Path.Combine(Release, "sub-2_T1w.nii"));

        var first = Audit(place);
        var second = Audit(place);

        Assert.Contains("sub-2_T1w.nii", Assert.Single(first.Problems).Problem, StringComparison.Ordinal);
        Assert.NotNull(first.ReportPath);
        Assert.Equal((3, 0, 1, null), (second.ExitCode, second.Problems.Count, second.Unresolved.Count, second.ReportPath));
        Assert.Equal(0, Audit(place, acceptMissing: true).ExitCode);
        Assert.Equal(0, Audit(place).ExitCode);
        Scan("sub-2", seed: 2);
        Assert.Equal((1, 0), (Audit(place).Copies, Audit(place).ExitCode));
    }

    [Fact]
    public void An_empty_folder_is_no_clean_release()
    {
        var place = NewGallery();
        Directory.CreateDirectory(Release);
        Assert.Equal((1, 1), (Audit(place).ExitCode, Audit(place).Problems.Count));
        Scans(2);
        Assert.Equal(0, Audit(place).ExitCode);
        var aside = Path.Combine(_folder, "aside");
        Directory.Move(Release, aside);
        Directory.CreateDirectory(Release);

        var unmounted = Audit(place);

        Assert.Equal((1, 0), (unmounted.ExitCode, unmounted.Files));
        Assert.Contains("have seen 2", Assert.Single(unmounted.Problems).Problem, StringComparison.Ordinal);
        Directory.Delete(Release);
        Directory.Move(aside, Release);
        var back = Audit(place);
        Assert.Equal((0, 2), (back.ExitCode, back.Unchanged));
    }

    [Fact]
    public void A_damaged_entry_leaves_new_scans_uncompared_and_says_so_every_night()
    {
        var place = NewGallery(3);
        var gallery = VolumeGallery.Open(place);
        Audit(place);
        var victim = gallery.Entries("3").Single();
        Scan("sub-twin", seed: 3, likeOf: 3);
        gallery.Server.Write(c => c.Execute("UPDATE entries SET path = 'x' WHERE id = @id", ("@id", victim.Id)));

        var (first, second) = (Audit(place), Audit(place));

        Assert.Equal((1, 0, 3), (first.Added, first.Compared, first.ExitCode));
        Assert.Equal((0, 0, 3), (second.Added, second.Compared, second.ExitCode));
        Assert.All(new[] { first, second }, audit =>
            Assert.Contains(audit.Problems, problem => problem.Problem.Contains($"entry {victim.Id} is damaged", StringComparison.Ordinal)));

        // The remedy that the message names; the scan itself is still in the release, and added again.
        gallery.Remove(victim.Id);
        var mended = Audit(place);

        Assert.Equal((1, 2, 2), (mended.Added, mended.Compared, mended.ExitCode));
        Assert.Single(mended.Links);
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void A_volume_that_cannot_be_read_leaves_new_scans_uncompared_and_their_other_links_are_told()
    {
        var place = NewGallery(3);
        var gallery = VolumeGallery.Open(place);
        Audit(place);
        var victim = gallery.Entries("3").Single();
        gallery.Server.Write(c =>
            c.Execute("UPDATE volumes SET content = (SELECT content FROM volumes WHERE entry_id <> @id LIMIT 1) WHERE entry_id = @id",
            ("@id", victim.Id)));
        Scan("sub-twin", seed: 1, likeOf: 1);

        var first = Audit(place);

        Assert.Equal((1, 0, 2), (first.Added, first.Compared, first.ExitCode));
        Assert.Single(first.Links);
        Assert.Single(first.Problems);
        var second = Audit(place);
        Assert.Equal((3, 0), (second.ExitCode, second.Links.Count));
        Assert.Single(second.Problems);
    }

    [Fact]
    public void Content_that_changes_under_an_old_time_and_length_is_seen()
    {
        var place = NewGallery(3);
        Audit(place);
        var (file, other) = (Path.Combine(Release, "sub-2_T1w.nii"), Path.Combine(_folder, "other.nii"));
        var time = File.GetLastWriteTimeUtc(file);
        File.Move(file, other);
        Scan("sub-2", seed: 50);
        Assert.Equal(new FileInfo(other).Length, new FileInfo(file).Length);
        File.SetLastWriteTimeUtc(file, time);

        var audit = Audit(place);

        Assert.Equal((1, 0), (audit.Added, audit.ExitCode));
    }

    [Fact]
    public void Every_file_of_a_volume_and_the_target_of_a_link_is_watched()
    {
        var place = NewGallery(2);
        var target = Path.Combine(_folder, "target.nii");
        File.Move(Path.Combine(Release, "sub-1_T1w.nii"), target);
        File.CreateSymbolicLink(Path.Combine(Release, "sub-1_T1w.nii"), target);
        var pair = File.ReadAllBytes(Path.Combine(Release, "sub-2_T1w.nii"));
        "ni1\0"u8.CopyTo(pair.AsSpan(344));
        BitConverter.TryWriteBytes(pair.AsSpan(108), 0f);
        File.Delete(Path.Combine(Release, "sub-2_T1w.nii"));
        File.WriteAllBytes(Path.Combine(Release, "sub-2_T1w.hdr"), pair[..348]);
        File.WriteAllBytes(Path.Combine(Release, "sub-2_T1w.img"), pair[352..]);
        Assert.Equal((2, 0), (Audit(place).Added, Audit(place).ExitCode));

        pair[1000]++;
        File.WriteAllBytes(Path.Combine(Release, "sub-2_T1w.img"), pair[352..]);
        Assert.Equal(1, Audit(place).Added);
        var linked = File.ReadAllBytes(target);
        linked[1000]++;
        File.WriteAllBytes(target, linked);
        Assert.Equal(1, Audit(place).Added);
    }

    [Fact]
    public void Whatever_one_file_does_to_the_program_is_that_file_s_problem_and_tried_again()
    {
        var place = NewGallery(4);
        var count = 0;

        var audit = Audit(place, before: () => Break(++count));

        Assert.Equal((2, 3, 2), (audit.Added, audit.ExitCode, audit.Problems.Count));
        Assert.Contains(audit.Problems, problem => problem.Problem.Contains("more memory than there is", StringComparison.Ordinal));
        var next = Audit(place);
        Assert.Equal((2, 0), (next.Added, next.ExitCode));

        // As the runtime does: more memory than there can be, and a reference to nothing.
        static void Break(int scan)
        {
            if (scan == 2)
            {
                _ = GC.AllocateUninitializedArray<long>(int.MaxValue - 100, pinned: true).Length + new long[int.MaxValue].Length;
            }

            if (scan == 3)
            {
                _ = ((string?)null)!.Length;
            }
        }
    }

    [Fact]
    public void An_entry_that_waits_is_compared_even_if_its_file_is_another_one_by_then()
    {
        var place = NewGallery(3, twinOf: 3);
        var gallery = VolumeGallery.Open(place);

        // Killed between adding and comparing: at a fifth scan, which comes last.
        Scan("sub-zz", seed: 70);
        var left = 5;
        Assert.Throws<OperationCanceledException>(() => Audit(place, before: () => _ = --left == 0 ? throw new OperationCanceledException() : 0));
        Assert.Equal(4, gallery.Count);
        File.Delete(Path.Combine(Release, "sub-zz_T1w.nii"));
        File.WriteAllText(Path.Combine(Release, "sub-twin_T1w.nii"), "no volume");
        Scan("sub-3", seed: 60);

        var audit = Audit(place);

        Assert.Equal((2, 5), (audit.ExitCode, audit.Compared));
        Assert.Single(audit.Links);
    }

    [Fact]
    public void Damaged_notes_are_told_and_made_again_and_no_link_is_lost()
    {
        var place = NewGallery(3, twinOf: 3);
        var gallery = VolumeGallery.Open(place);
        Assert.Equal(2, Audit(place).ExitCode);

        // A link that a disk has taken for reported, or lost, is found and told again.
        gallery.Server.Write(c => c.Execute("UPDATE links SET entry_id = entry_id + 7"));
        gallery.Server.Write(c => c.Execute("UPDATE matched SET checksum = 'x' WHERE entry_id = (SELECT MIN(entry_id) FROM matched)"));
        gallery.Server.Write(c => c.Execute("UPDATE files SET problem = 'x' WHERE name LIKE '%sub-1%'"));
        var audit = Audit(place);

        Assert.Equal((2, 4, 2), (audit.ExitCode, audit.Compared, audit.Problems.Count));
        Assert.Single(audit.Links);
        Assert.True(gallery.Check().IsIntact);
        Assert.Equal(0, Audit(place).ExitCode);
    }

    [Fact]
    public void One_audit_object_runs_again_and_counts_anew()
    {
        var place = NewGallery(3);
        var audit = Prepare(place);

        var (first, second) = (audit.Run(Files(), WorkOptions.SingleThread), audit.Run(Files(), WorkOptions.SingleThread));

        Assert.Equal((3, 0, 0), (first.Added, first.Copies, first.Unchanged));
        Assert.Equal((0, 0, 3), (second.Added, second.Copies, second.Unchanged));
    }

    [Fact]
    public void A_pseudonymised_audit_names_nobody()
    {
        var place = NewGallery(key: Key);
        Scans(3, "Ada");
        Scan("sub-AdaTwin", seed: 2, likeOf: 2);
        File.WriteAllText(Path.Combine(Release, "sub-AdaBad_T1w.nii"), "no volume");

        var audit = Audit(place, key: Key, fail: "Ada3");
        File.Delete(Path.Combine(Release, "sub-Ada1_T1w.nii"));
        var second = Audit(place, key: Key);

        Assert.Single(audit.Links);
        Assert.Equal(2, audit.Problems.Count);
        Assert.Equal(3, second.ExitCode);
        var texts = Directory.GetFiles(Reports).Select(File.ReadAllText)
            .Concat(audit.Problems.Concat(second.Problems).Concat(second.Unresolved).Select(problem => problem.ToString()))
            .Concat(VolumeGallery.Open(place).Server.Run(
                c => c.Query("SELECT name, root, stamp, content, problem FROM files", r => string.Join('|', Enumerable.Range(0, 5).Select(r.Text)))));
        Assert.All(texts, text =>
        {
            Assert.DoesNotContain("Ada", text, StringComparison.Ordinal);
            Assert.DoesNotContain("_T1w", text, StringComparison.Ordinal);
        });
        Assert.Throws<GalleryException>(() => Audit(place));
    }

    [Fact]
    public void Whoever_has_the_release_s_folder_but_no_key_links_no_file_to_an_entry()
    {
        var place = NewGallery(key: Key);
        Directory.CreateDirectory(Release);
        for (var i = 0; i < 16; i++)
        {
            // Files that ls tells apart by each of name, length and time.
            Scan($"sub-{i:00}", i);
            var file = Path.Combine(Release, $"sub-{i:00}_T1w.nii");
            using (var stream = File.OpenWrite(file))
            {
                stream.Position = stream.Length;
                stream.Write(new byte[1 + i]);
            }

            File.SetLastWriteTimeUtc(file, new(2020, 1, 1 + i, 3, 4, 5, DateTimeKind.Utc));
        }

        Audit(place, key: Key);
        var gallery = VolumeGallery.Open(place);
        var rows = gallery.Server.Run(c => c.Query(
            "SELECT f.name, f.root, f.stamp, f.content, f.problem, f.checksum, e.id, e.entry_key, e.participant, e.path, e.input_hash, e.added, "
                + "e.content_hash, e.checksum FROM files f JOIN entries e ON e.id = f.entry_id ORDER BY e.id",
            r => (Id: r.GetInt64(6), Participant: r.GetString(8),
                Texts: Enumerable.Range(0, 14).Where(i => i != 6 && !r.IsDBNull(i)).Select(r.GetString).Append($"{r.GetInt64(6)}").ToArray())));
        Assert.Equal(16, rows.Count);

        // The attacker hashes, as this module would without a key, all that a file has to offer, and looks for it anywhere in the rows.
        var linked = 0;
        var orders = 0;
        for (var i = 0; i < 16; i++)
        {
            var file = new FileInfo(Path.Combine(Release, $"sub-{i:00}_T1w.nii"));
            var seal = FileSeal.Of([file.FullName]);
            var content = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.FullName))).ToLowerInvariant();
            string[] known = [file.FullName, file.Name, $"{i:00}", $"{file.Length}", $"{file.LastWriteTimeUtc.Ticks}", content, $"sha256:{content}",
                seal.Facts];
            string[] guesses = [.. known.Where(text => text.Length > 2), .. known.SelectMany(Hashes), RowChecksum.Of("stamp", seal.Facts),
                RowChecksum.Of("path", file.FullName)];
            linked += rows.Any(row =>
                row.Texts.Any(text =>
                guesses.Any(guess => guess.Length >= 12 ? text.Contains(guess, StringComparison.OrdinalIgnoreCase)
                : string.Equals(text, guess, StringComparison.Ordinal)))) ? 1 : 0;
            orders += string.Equals(rows[i].Participant, Key.Hash("participant", $"{i:00}"), StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.Equal(0, linked);

        // By their order one is met by chance, six or more in 1700 galleries once.
        Assert.InRange(orders, 0, 5);

        static IEnumerable<string> Hashes(string text)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            return ((byte[][])[System.Security.Cryptography.SHA256.HashData(bytes), System.Security.Cryptography.SHA512.HashData(bytes)])
                .Select(hash => Convert.ToHexString(hash)[..24]);
        }
    }

    [Fact]
    public void A_mate_that_is_not_told_from_strangers_is_a_problem_that_names_both()
    {
        var place = MatesOfAnotherSite();

        // A night whose report cannot be written, because a file has its folder's name, tells nobody: the next one does.
        WithoutReports(() => Audit(place, threshold: null));
        var audit = Audit(place, threshold: null);
        Assert.Equal((0, 3), (audit.Added, audit.Compared));
        Assert.Contains(audit.Problems, problem => problem.Problem.Contains("not linked, though as alike", StringComparison.Ordinal));

        // Each mate is a link or a named problem, and no pair is told twice or of strangers.
        var doubtful = audit.Problems.Where(problem => problem.Problem.Contains("is not linked to", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(doubtful);
        Assert.Equal(3, audit.Links.Count + doubtful.Length);
        Assert.All(doubtful, problem => Assert.Contains(
            Path.GetFileName(problem.Path).Replace("sub-c", "sub-b", StringComparison.Ordinal), problem.Problem, StringComparison.Ordinal));
        Assert.All(doubtful, problem => Assert.True(problem.EntryId > 0 && File.Exists(problem.Path), problem.Path));
        Assert.Equal(3, audit.ExitCode);
        Assert.Empty(Audit(place, threshold: null).Problems);
        Assert.Empty(VolumeGallery.Open(place).Check().Problems);

        // What is true of the strangers of T1w is told once, also when a night has looked at nothing but a FLAIR in between.
        Scan("sub-flair", seed: 50, suffix: "FLAIR");
        Audit(place, threshold: null);
        SiteScan("sub-d1", person: 1, visit: 3);
        SiteScan("sub-d2", person: 2, visit: 3);
        var later = Audit(place, threshold: null);
        Assert.Contains(later.Problems, problem => problem.Problem.Contains("is not linked to", StringComparison.Ordinal));
        Assert.DoesNotContain(later.Problems, problem => problem.Problem.Contains("not linked, though as alike", StringComparison.Ordinal));
    }

    [Fact]
    public void What_has_been_a_link_is_never_said_to_be_none()
    {
        var place = MatesOfAnotherSite();
        Assert.Equal(3, Audit(place).Links.Count);

        // They are compared again, as after damage, and judged by another rule, which does not find them.
        VolumeGallery.Open(place).Server.Write(c => c.Execute("DELETE FROM matched WHERE entry_id > 9"));
        var audit = Audit(place, threshold: null);

        Assert.Equal(3, audit.Compared);
        Assert.DoesNotContain(audit.Problems, problem => problem.Problem.Contains("is not linked to", StringComparison.Ordinal));
    }

    [Fact]
    public void On_a_coarse_grid_an_audit_asks_for_more_before_it_says_that_brains_are_alike()
    {
        _spacing = 6;
        var audit = Audit(MatesOfAnotherSite(), threshold: null);

        Assert.Equal((3, 3), (audit.Added, audit.Compared));
        Assert.Single(audit.Problems, problem => problem.Problem.Contains("(LocalNCC 0.85 or better)", StringComparison.Ordinal));
    }

    [Fact]
    public void An_entry_that_came_in_otherwise_is_compared_with_what_audits_have_checked()
    {
        // Those that are there at the first audit are not compared with each other; one that comes later is, with what audits have checked.
        var place = NewGallery();
        Scans(3, "old");
        Scan("sub-oldtwin", seed: 2, likeOf: 2);
        var gallery = VolumeGallery.Open(place);
        AddReleaseOtherwise();
        Scans(3);
        Assert.Equal((3, 3), (Audit(place).Added, gallery.Count - 4));
        Assert.Equal(0, Audit(place).Compared);

        var kept = Directory.CreateDirectory(Path.Combine(_folder, "kept")).FullName;
        Move(Release, kept);
        Scan("sub-late1", seed: 3, likeOf: 3);
        Scan("sub-late2", seed: 40);
        AddReleaseOtherwise();
        Move(kept, Release);

        WithoutReports(() => Audit(place));
        var audit = Audit(place);
        Assert.Equal((0, 2, 2), (audit.Added, audit.Compared, audit.ExitCode));
        Assert.All(audit.Links, link => Assert.Contains("late1", new[] { link.Probe.Participant, link.Entry.Participant }));
        Assert.Contains(audit.Links, link => new[] { link.Probe.Participant, link.Entry.Participant }.Contains("3"));
        Assert.Equal((0, 0), (Audit(place).Compared, Audit(place).ExitCode));

        // Its own file comes: now it is compared with those too that no audit has checked.
        Scan("sub-late1", seed: 3, likeOf: 3);
        var withFile = Audit(place);
        Assert.Equal((0, 1, 1), (withFile.Added, withFile.Copies, withFile.Compared));
        Assert.Contains(withFile.Links, link => new[] { link.Probe.Participant, link.Entry.Participant }.Order().SequenceEqual(["late1", "old3"]));

        void Move(string from, string to)
        {
            foreach (var file in Directory.GetFiles(from))
            {
                File.Move(file, Path.Combine(to, Path.GetFileName(file)));
            }
        }

        void AddReleaseOtherwise()
        {
            foreach (var file in Directory.GetFiles(Release))
            {
                gallery.Add(Preprocessed(new(ScanInventory.Identify(file), new FileVoxelSource(VolumeFormats.ReadHeader(file), new()))));
                File.Delete(file);
            }
        }
    }

    [Fact]
    public void A_scan_that_does_not_say_which_side_is_left_is_a_problem_unless_mirrored_ones_are_compared()
    {
        var (place, mirrored) = (NewGallery(3), NewGallery());
        var file = Path.Combine(Release, "sub-2_T1w.nii");
        var bytes = File.ReadAllBytes(file);

        // A qform of the other handedness beside the sform: qfac, pixdim[0], says so.
        bytes[252] = 1;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(76), -1);
        File.WriteAllBytes(file, bytes);

        var audit = Audit(place);
        Assert.Equal((3, 3), (audit.ExitCode, audit.Compared));
        Assert.Contains("-Mirrored", Assert.Single(audit.Problems, problem => problem.Path == file).Problem, StringComparison.Ordinal);
        Assert.Equal((3, 1), (Audit(place).ExitCode, Audit(place).UnresolvedCount));
        Assert.Equal(0, Audit(mirrored, mirrored: true).ExitCode);

        // A later night with -Mirrored compares nothing, however new the file looks, and a file that goes is told as any other.
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        var later = Audit(place, mirrored: true);
        Assert.Equal((3, 0, 1), (later.ExitCode, later.Compared, later.UnresolvedCount));
        File.Delete(file);
        Assert.Contains("are gone: " + file, Assert.Single(Audit(place).Problems).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_that_a_person_should_look_at_is_told_once()
    {
        var place = NewGallery(4);

        WithoutReports(() => Audit(place, review: "3"));
        var audit = Audit(place, review: "3");

        Assert.Equal((3, 4), (audit.ExitCode, audit.Compared));
        var problem = Assert.Single(audit.Problems);
        Assert.Equal("sub-3_T1w.nii", Path.GetFileName(problem.Path));
        Assert.Contains("a person should look at it: ", problem.Problem, StringComparison.Ordinal);
        Assert.Equal(0, Audit(place, review: "3").ExitCode);
    }

    [Fact]
    public void Mates_of_two_contrasts_that_are_not_told_from_strangers_are_told_once()
    {
        // Five people of one site, two of them in FLAIR too: each of these pairs is judged in both directions.
        var place = NewGallery();
        Scans(6);
        for (var person = 1; person <= 5; person++)
        {
            SiteScan($"sub-b{person}", person, visit: 1);
        }

        SiteScan("sub-c1", person: 1, visit: 2, suffix: "FLAIR");
        SiteScan("sub-c2", person: 2, visit: 2, suffix: "FLAIR");

        var audit = Audit(place, threshold: null);
        string[] doubtful = [.. audit.Problems.Where(problem => problem.Problem.Contains("is not linked to", StringComparison.Ordinal)
            && problem.Problem.Contains("NGF", StringComparison.Ordinal)).Select(problem => problem.ToString())];

        Assert.Equal(2, doubtful.Length);
        Assert.All(doubtful, (text, i) => Assert.True(text.Contains($"sub-b{i + 1}_", StringComparison.Ordinal)
            && text.Contains($"sub-c{i + 1}_", StringComparison.Ordinal), text));
    }

    [Fact]
    public void What_a_night_found_whose_report_could_not_be_written_is_in_the_next_one()
    {
        var place = NewGallery(4);
        Assert.Equal(0, Audit(place).ExitCode);
        File.WriteAllText(Path.Combine(Release, "sub-bad_T1w.nii"), "no volume");
        File.Delete(Path.Combine(Release, "sub-2_T1w.nii"));
        WithoutReports(() => Audit(place));
        WithoutReports(() => Audit(place));
        IsReported("sub-bad_T1w", "sub-2_T1w");

        var gallery = VolumeGallery.Open(place);
        gallery.Server.Write(c => c.Execute("UPDATE matched SET checksum = 'x' WHERE entry_id = (SELECT MIN(entry_id) FROM matched)"));
        gallery.Server.Write(c => c.Execute("UPDATE files SET problem = 'x' WHERE name LIKE '%sub-1%'"));
        WithoutReports(() => Audit(place));
        WithoutReports(() => Audit(place));
        IsReported("sub-bad_T1w", "sub-2_T1w", "1 notes of comparisons and links were damaged", "earlier audits knew of 1 files");

        // What cannot be mended by a report goes on counting, and brings no report of its own.
        var after = Audit(place);
        Assert.Equal((3, 0, 2), (after.ExitCode, after.Problems.Count, after.Unresolved.Count));
        Assert.Null(after.ReportPath);
        Assert.True(gallery.Check().IsIntact);

        void IsReported(params string[] found)
        {
            var next = Audit(place);
            Assert.Equal(3, next.ExitCode);
            Assert.NotNull(next.ReportPath);
            var report = File.ReadAllText(next.ReportPath);
            Assert.All(found, what => Assert.Contains(what, report, StringComparison.Ordinal));
        }
    }

    // Six people of one site and three of another, whose strangers are more alike, were audited; these three come again under other labels.
    private string MatesOfAnotherSite()
    {
        var place = NewGallery();
        Scans(6);
        for (var person = 1; person <= 3; person++)
        {
            SiteScan($"sub-b{person}", person, visit: 1);
        }

        Assert.Empty(Audit(place).Links);
        for (var person = 1; person <= 3; person++)
        {
            SiteScan($"sub-c{person}", person, visit: 2);
        }

        return place;
    }

    private void WithoutReports(Func<object> audit)
    {
        var aside = Reports + "-aside";
        var isThere = Directory.Exists(Reports);
        if (isThere)
        {
            Directory.Move(Reports, aside);
        }

        File.WriteAllText(Reports, "in the way");
        Assert.ThrowsAny<IOException>(audit);
        File.Delete(Reports);
        if (isThere)
        {
            Directory.Move(aside, Reports);
        }
    }

    private static string[] Contents(string place)
    {
        var gallery = VolumeGallery.Open(place);
        return [.. gallery.Entries()
            .Select(e => $"{e.Participant} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(gallery.ReadContent(e.Id)))}").Order()];
    }

    // A new gallery, and a release of so many people; where one is named, a rescan of that one comes under the label "twin".
    private string NewGallery(int scans = 0, int? twinOf = null, Pseudonymizer? key = null)
    {
        var place = Place();
        VolumeGallery.Create(place, key);
        Scans(scans);
        if (twinOf is { } person)
        {
            Scan("sub-twin", seed: person, likeOf: person);
        }

        return place;
    }

    private void Scans(int count, string label = "")
    {
        for (var i = 1; i <= count; i++)
        {
            Scan($"sub-{label}{i}", i);
        }
    }

    // Voxels drawn by the seed; or a rescan, four fifths of them another's. In other contrasts what is bright in T1w is dark.
    private void Scan(string name, int seed, int? likeOf = null, bool mirrored = false, string suffix = "T1w")
    {
        Directory.CreateDirectory(Release);
        var (own, other) = (new Random(seed + (likeOf is null ? 0 : 1000)), new Random(likeOf ?? 0));
        var voxels = Enumerable.Range(0, Side * Side * Side).Select(_ => (a: own.NextSingle(), b: other.NextSingle()))
            .Select(v => likeOf is null ? v.a : (0.2f * v.a) + (0.8f * v.b)).Select(v => suffix is "T1w" ? v : 1.5f - v).ToArray();
        var volume = new Volume(Grid, voxels);
        VolumeWriter.Write(Path.Combine(Release, $"{name}_{suffix}.nii"), mirrored ? Mirroring.Of(volume) : volume, overwrite: true);
    }

    // Of what a voxel varies by, two fifths are the site's, half the person's, and the rest the visit's.
    private void SiteScan(string name, int person, int visit, string suffix = "T1w")
    {
        Directory.CreateDirectory(Release);
        var (site, own, noise) = (new Random(500), new Random(500 + person), new Random(510 + (10 * person) + visit));
        var voxels = Enumerable.Range(0, Side * Side * Side)
            .Select(_ => (0.63f * site.NextSingle()) + (0.69f * own.NextSingle()) + (0.36f * noise.NextSingle()))
            .Select(v => suffix is "T1w" ? v : 2 - v).ToArray();
        var volume = new Volume(Grid, voxels);
        VolumeWriter.Write(Path.Combine(Release, $"{name}_{suffix}.nii"), volume, overwrite: true);
    }

    private AuditResult Audit(
        string place, Pseudonymizer? key = null, Action? before = null, string? fail = null, int largeGallery = CandidateSearch.LargeGallery,
        bool acceptMissing = false, bool mirrored = false, double? threshold = 0.7, string? review = null) =>
        Prepare(place, key, before, fail, largeGallery, acceptMissing, mirrored, threshold, review).Run(Files(), WorkOptions.SingleThread);

    private AuditFile[] Files() =>
    [
        .. Directory.GetFiles(Release, "*.nii", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => AuditFile.Of(f, [f], Release)),
        .. Directory.GetFiles(Release, "*.hdr").Select(f => AuditFile.Of(f, [f, Path.ChangeExtension(f, ".img")], Release)),
    ];

    private GalleryAudit Prepare(
        string place, Pseudonymizer? key = null, Action? before = null, string? fail = null, int largeGallery = CandidateSearch.LargeGallery,
        bool acceptMissing = false, bool mirrored = false, double? threshold = 0.7, string? review = null)
    {
        var options = new AuditOptions
        {
            Match = new MatchOptions { Threshold = threshold is { } given ? new(given) : null },
            Pseudonymizer = key,
            ReportFolder = Reports,
            Roots = [Release],
            AcceptMissing = acceptMissing,
            Mirrored = mirrored
        };
        return new(VolumeGallery.Open(place), options, (scan, work) =>
        {
            before?.Invoke();
            Interlocked.Increment(ref _preprocessed);
            return Preprocessed(scan, fail, review);
        }, largeGallery);
    }

    // As it is, with numbers that are good but where otherwise said.
    private static PreprocessedVolume Preprocessed(MriVolume scan, string? fail = null, string? review = null)
    {
        var volume = scan.ReadVoxels();
        var brain = SampleBrain.Make(volume, new(volume.Geometry, [.. volume.Voxels.Select(v => v != 0)]), scan.Participant, scan.Path, 0.1);
        var quality = scan.Participant == fail
            ? new QualityRecord
            {
                TemplateCorrelation = 0,
                TemplateOverlap = 0,
                BrainMillilitres = 1,
                ScaleX = 9,
                ScaleY = 1,
                ScaleZ = 1,
                ShearDegrees = 80,
                RotationDegrees = 0,
                SignalToNoise = 0,
                Coverage = 0,
                InputStripped = false
            }
            : new()
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
                InputStripped = false
            };
        quality = scan.Participant == review ? quality with { TemplateOverlap = 0.88 } : quality;
        quality = ScanContrasts.NamedBy(scan.Identity) is { } named && named != MriContrast.T1w
            ? quality with { Kind = named, Source = ContrastSource.Name } : quality with { Kind = MriContrast.T1w };
        return new PreprocessedVolume(scan.Identity, volume, brain.BrainMask, "Sample", Affine.Identity, quality, [])
        {
            Provenance = brain.Provenance! with { InputHash = scan.FileContent!.HashContent(default) },
        };
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
            Links = [new() { Probe = evil, Entry = new("-2"), ProbeId = 2, EntryId = 1, Metric = "NCC", Score = -0.25, DecidingRule = "r",
                Remark = "a relative?" }],
            Expected = [],
            Problems = [new("\tx", "two\nlines")],
            Unresolved = [],
        });

        var rows = csv.Split("\r\n");
        Assert.Equal("Link,\"'=HYPERLINK(\"\"http://x\"\")\",+1,'@a,\"C:\\a,b.nii\",-2,,,,NCC,-0.25,,r,a relative?,", rows[1]);
        Assert.Equal("Problem,,,,\" x\",,,,,,,,,,two lines", rows[2]);
    }

    [Fact]
    public void Two_audits_that_begin_in_one_moment_write_two_reports_for_their_owner_alone()
    {
        var folder = Directory.CreateTempSubdirectory("mrilink-").FullName;
        try
        {
            var result = new AuditResult
            {
                Gallery = "g",
                Version = "0",
                Started = DateTime.UtcNow,
                Finished = DateTime.UtcNow,
                Files = 1,
                Unchanged = 0,
                Added = 1,
                Copies = 0,
                Compared = 0,
                Links = [],
                Expected = [],
                Problems = [],
                Unresolved = [],
            };

            var paths = new[] { AuditReport.Write(folder, result), AuditReport.Write(folder, result) };

            Assert.Equal(2, paths.Distinct().Count());
            Assert.Equal(6, Directory.GetFiles(folder).Length);
            if (!OperatingSystem.IsWindows())
            {
                foreach (var file in Directory.GetFiles(folder))
                {
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
