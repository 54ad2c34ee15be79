using System.IO.Compression;
using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;

namespace MriLink.Core.Tests.Formats.Inventory;

/// <summary>What an inventory finds in folders as people keep them (Fixtures/inventory/make_layouts.py), and what it must not miss.</summary>
public sealed class ScanInventoryTests : IDisposable
{
    private static readonly string Fixtures = Path.Combine(AppContext.BaseDirectory, "Fixtures", "inventory");
    private static readonly Dictionary<string, Layout> Layouts = JsonSerializer.Deserialize<Dictionary<string, Layout>>(
        File.ReadAllText(Path.Combine(Fixtures, "layouts.json")), JsonSerializerOptions.Web)!;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Layouts.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layout_gives_the_scans_and_labels_that_people_see_in_it(string name)
    {
        var root = Extract(name);

        var inventory = Take(root);

        Assert.Equal(
            Layouts[name].Scans.Select(scan => $"{scan.Key} = {Label(scan.Value)}").Order(StringComparer.Ordinal),
            inventory.Scans.Select(scan =>
                $"{Path.GetRelativePath(root, scan.Path).Replace('\\', '/')} = "
                    + $"{scan.Identity.Participant}|{scan.Identity.Session}|{scan.Identity.Run}").Order(StringComparer.Ordinal));
        Assert.All(inventory.Scans, scan => Assert.True(scan.Group.Problem is null && scan.Group.ReadHeader().Volumes == 1));
        Assert.Equal(Layouts[name].Clashes.Order(StringComparer.Ordinal),
            LabelClash.OfNames(inventory.Scans).Select(clash => clash.Label).Order(StringComparer.Ordinal));
        Assert.Equal(Layouts[name].Scans.Count == 0, inventory.Empty.Count == 1);
        Assert.Empty(inventory.Problems);
        Assert.Equal(
            Directory.GetFiles(root, "*", SearchOption.AllDirectories).Length,
            inventory.Scans.Sum(scan => scan.Group.Files.Count)
                + inventory.PassedOver.Sum(
                item => Directory.Exists(item.Path) ? Directory.GetFiles(item.Path, "*", SearchOption.AllDirectories).Length : 1));
    }

    [Fact]
    public void There_are_at_least_sixty_layouts() => Assert.True(Layouts.Count >= 60);

    [Theory]
    [InlineData("T1w,T2w", 3)]
    [InlineData("t2w", 1)]
    [InlineData("bold", 1)]
    [InlineData("*", 6)]
    public void Suffixes_choose_and_masks_are_never_taken_unless_named_by_themselves(string suffixes, int count)
    {
        var root = Extract("bids");

        var inventory = Take(new InventoryOptions { Suffixes = suffixes.Split(',') }, root);

        Assert.Equal(count, inventory.Scans.Count);
        Assert.All(inventory.Scans, scan =>
            Assert.False(scan.Path.Contains("mask", StringComparison.Ordinal) || scan.Path.Contains("seg", StringComparison.Ordinal)));
        Assert.Equal("02", Assert.Single(Take(Path.Combine(root, "sub-02/anat/sub-02_desc-brain_mask.nii.gz")).Scans).Identity.Participant);
    }

    [Fact]
    public void What_was_passed_over_is_counted_by_reason()
    {
        var counts = Take(Extract("bids-derivatives")).PassedOverByReason;

        Assert.Contains(counts, pair => pair.Value == 2 && pair.Key.Contains("derivatives", StringComparison.Ordinal));
        Assert.Contains(counts, pair => pair is { Value: 1, Key: "is not a volume in a format that can be read." });
        Assert.Contains("2 × is in a folder", Take(Extract("bids-derivatives")).PassedOverSummary, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_is_everything_that_is_not_hidden()
    {
        var root = Extract("bids");

        var inventory = Take(new InventoryOptions { TakesEverything = true }, root, Extract("bids-derivatives"));

        Assert.Equal(12, inventory.Scans.Count);
    }

    [Fact]
    public void Linked_subjects_are_found_once_and_circles_end()
    {
        var pool = Extract("freesurfer");
        var root = Directory.CreateDirectory(Path.Combine(_folder.Path, "release")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(root, "anna"), Path.Combine(pool, "bert"));
        Directory.CreateSymbolicLink(Path.Combine(root, "bela"), Path.Combine(pool, "ernie"));
        Directory.CreateSymbolicLink(Path.Combine(root, "again"), Path.Combine(pool, "bert"));
        Directory.CreateSymbolicLink(Path.Combine(pool, "ernie", "mri", "up"), root);
        File.CreateSymbolicLink(Path.Combine(root, "gone.nii"), Path.Combine(root, "nowhere"));

        var inventory = Take(root);

        Assert.Equal(["again", "bela", "gone"], inventory.Scans.Select(scan => scan.Identity.Participant).Order(StringComparer.Ordinal));
        Assert.Equal(2, inventory.PassedOver.Count(item => item.Reason.StartsWith("is a link to a folder", StringComparison.Ordinal)));
        Assert.Throws<MriLink.Core.Volumes.MriFileException>(
            () => inventory.Scans.Single(scan => scan.Identity.Participant == "gone").Group.ReadHeader());
    }

    [Fact]
    public void A_link_to_a_folder_that_is_looked_at_anyway_changes_no_label()
    {
        var root = Extract("freesurfer");
        Directory.CreateSymbolicLink(Path.Combine(root, "aaa"), Path.Combine(root, "ernie"));

        Assert.Equal(["bert", "ernie"], Take(root).Scans.Select(scan => scan.Identity.Participant));
    }

    [Fact]
    public void Paths_that_overlap_give_each_scan_once_and_nothing_is_called_empty()
    {
        var root = Extract("freesurfer");

        var inventory = Take(root, Path.Combine(root, "bert"), root, Path.Combine(root, "ernie", "mri", "T1.mgz"));

        Assert.Equal(2, inventory.Scans.Count);
        Assert.Empty(inventory.Empty);
    }

    [Fact]
    public void A_slice_that_is_named_stands_for_its_series_and_has_its_label()
    {
        var root = Extract("dicom-folder-a-series");

        var inventory = Take(Path.Combine(root, "patA/T1/IM0002"), Path.Combine(root, "patA/T1/IM0001"));

        var scan = Assert.Single(inventory.Scans);
        Assert.Equal(("patA", 4), (scan.Identity.Participant, scan.Group.Files.Count));
    }

    [Fact]
    public void A_file_that_is_none_is_the_problem_of_a_scan_where_it_is_named()
    {
        var root = Extract("junk");

        var inventory = Take(Path.Combine(root, "notes.txt"), Path.Combine(root, "missing.nii"));

        Assert.Contains("is not a volume", Assert.Throws<MriLink.Core.Volumes.MriFileException>(() => inventory.Scans[0].Group.ReadHeader()).Message,
            StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<MriLink.Core.Volumes.MriFileException>(() => inventory.Scans[1].Group.ReadHeader()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_gives_all_scans_one_label_clashes_and_one_that_tells_them_apart_does_not()
    {
        var scans = Take(Extract("freesurfer")).Scans;

        var clash = Assert.Single(LabelClash.OfRule(scans, [new("study"), new("study")]));
        Assert.Contains("-Participant", clash.Message, StringComparison.Ordinal);
        Assert.Empty(LabelClash.OfRule(scans, [new("a"), new("b")]));
        Assert.Empty(LabelClash.OfRule(scans, [new("a", "1"), new("a", "2")]));
    }

    [Theory]
    [InlineData("1", "2", 2)]
    [InlineData("07", "7", 2)]
    [InlineData("anon", "none", 2)]
    [InlineData("1", "1", 1)]
    [InlineData("anon", "anon", 1)]
    [InlineData("", "", 1)]
    public void Patients_whose_numbers_differ_are_two_however_short_these_are(string first, string second, int people)
    {
        // By their folders, which are called after what is shown, both series are of "pat".
        foreach (var (folder, number, patient) in new[] { ("T1", 1, first), ("T1c", 2, second) })
        {
            TinyDicom.WriteSeries(Path.Combine(_folder.Path, "pat", folder), (slice, k) => TinyDicom.Slice(k, series: number, uid: $"1.2.{number}")
                .Set(0x00100010, "PN", string.Empty).Set(0x00100020, "LO", patient).Set(0x00100030, "DA", string.Empty));
        }

        var scans = Take(_folder.Path).Scans;

        Assert.Equal(2, scans.Count);
        Assert.Equal(people, scans.Select(scan => scan.Identity.Participant).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("P1\u200b.nii", "P1\u200c.nii", true)]
    [InlineData("P1\u200b/T1.nii", "P1\u200c/T1.nii", true)]
    [InlineData("P1\u200b.nii", "P1.nii", false)]
    [InlineData("P1\u200b_T1.nii", "P1\u200b_T2.nii", false)]
    public void Names_that_differ_only_in_what_nobody_sees_are_not_silently_one_person(string first, string second, bool clash)
    {
        WriteNifti(first);
        WriteNifti(second);
        WriteNifti("P2.nii");

        var scans = Take(_folder.Path).Scans;

        Assert.Equal(3, scans.Count);
        Assert.Equal(clash ? 1 : 0, LabelClash.OfNames(scans).Count);
        Assert.Equal(clash ? 2 : 3, scans.Select(scan => scan.Identity.Participant).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("20200101.nii 20200203.nii 20200304.nii", true)]
    [InlineData("2020-01-01_T1.nii 2020-02-03_T1.nii", true)]
    [InlineData("20200101.nii", false)]
    [InlineData("P1/20200101.nii P2/20200203.nii", false)]
    [InlineData("P1/20200101.nii P1/20210101.nii P2/20200203.nii", false)]
    [InlineData("baseline.nii followup.nii", false)]
    [InlineData("ses-20200101/T1.nii ses-20210101/T1.nii", false)]
    public void Files_of_one_folder_that_are_called_by_dates_are_not_silently_one_person(string files, bool clash)
    {
        Array.ForEach(files.Split(' '), WriteNifti);

        var scans = Take(_folder.Path).Scans;

        Assert.Equal(files.Split(' ').Length, scans.Count);
        Assert.Equal(clash ? 1 : 0, LabelClash.OfNames(scans).Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_listed_is_a_problem()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "The administrator may list every folder.");
        var root = Extract("freesurfer");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(Path.Combine(root, "bert"), UnixFileMode.None);
        try
        {
            var inventory = Take(root);
            Assert.Equal(Path.Combine(root, "bert"), Assert.Single(inventory.Problems).Path);
            Assert.Single(inventory.Scans);
        }
        finally
        {
            File.SetUnixFileMode(Path.Combine(root, "bert"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Theory]
    [InlineData("/d/bert/mri/T1.mgz", "bert", null)]
    [InlineData("/d/visit2/P001.nii", "P001", "2")]
    [InlineData("/d/P001/ses-b/anat/T1.nii", "P001", "b")]
    [InlineData("/d/V001.nii", "V001", null)]
    [InlineData("/T1.nii", "T1", null)]
    [InlineData("/d/a\u001b[2J/T1.nii", "a\uFFFD[2J", null)]
    public void A_single_file_is_labelled_by_its_own_names(string path, string participant, string? session)
    {
        var identity = ScanInventory.Identify(path);

        Assert.Equal((participant, session), (identity.Participant, identity.Session));
    }

    private static ScanInventory Take(params string[] paths) => Take(new InventoryOptions(), paths);

    private static ScanInventory Take(InventoryOptions options, params string[] paths) =>
        ScanInventory.Take([.. paths.Select(path => new InventoryPath(path))], options, new WorkOptions(2, TestContext.Current.CancellationToken));

    private static string Label(string text) =>
        text.Split('|') is var parts ? $"{parts[0]}|{parts.ElementAtOrDefault(1)}|{parts.ElementAtOrDefault(2)}" : text;

    private void WriteNifti(string path)
    {
        var full = Path.Combine(_folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        VolumeWriter.Write(full, new(new(new(2, 2, 2), new(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0)), new float[8]));
    }

    private string Extract(string name)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(Fixtures, "layouts.zip"));
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith(name + "/", StringComparison.Ordinal)))
        {
            var path = Path.Combine(_folder.Path, entry.FullName);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            entry.ExtractToFile(path, overwrite: true);
        }

        return Path.Combine(_folder.Path, name);
    }

    private sealed record Layout(Dictionary<string, string> Scans, string[] Clashes);
}
