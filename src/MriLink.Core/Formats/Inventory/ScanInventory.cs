using MriLink.Core.Basics;
using MriLink.Core.Formats.Dicom;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Inventory;

/// <summary>What scans there are in files and folders: found, grouped into volumes and labelled, with what was passed over.</summary>
/// <remarks>
/// <para>Whoever takes folders takes them through this, so that importing, header listing and auditing find the same scans with the same
/// labels. What a file is, its content says; of files named like volumes of other formats than DICOM the name does, until their header is
/// read. Labels are found as <see cref="ScanLabels"/> says.</para>
/// <para>Memory: some 200 bytes for each file and about a kilobyte for each DICOM slice.</para>
/// </remarks>
public sealed class ScanInventory
{
    // A folder of slices shows itself by one of its first files.
    private const int FilesLookedAt = 32;

    private ScanInventory(IReadOnlyList<FoundScan> scans, IReadOnlyList<MriFileException> problems, IReadOnlyList<MriFileException> empty,
        IReadOnlyList<PassedOverFile> passedOver)
    {
        Scans = scans;
        Problems = problems;
        Empty = empty;
        PassedOver = passedOver;
    }

    /// <summary>
    /// The scans, in the order of the paths that were given and then of their files' names. Those that make no volume are among them.
    /// </summary>
    public IReadOnlyList<FoundScan> Scans { get; }

    /// <summary>Folders that cannot be listed, and files that cannot be opened and may be scans.</summary>
    public IReadOnlyList<MriFileException> Problems { get; }

    /// <summary>Those of the folders that were given in which there is no scan at all.</summary>
    public IReadOnlyList<MriFileException> Empty { get; }

    /// <summary>Files that were not taken.</summary>
    public IReadOnlyList<PassedOverFile> PassedOver { get; }

    /// <summary>How many files were not taken, by reason, the most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> PassedOverByReason =>
        [.. PassedOver.GroupBy(file => file.Reason, StringComparer.Ordinal).Select(group => KeyValuePair.Create(group.Key, group.Count()))
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <summary>One line that tells what was passed over and why; empty when nothing was.</summary>
    public string PassedOverSummary => PassedOver.Count == 0
        ? string.Empty
        : $"{PassedOver.Count} {(PassedOver.Count == 1 ? "file was" : "files were")} passed over: "
            + $"{string.Join("; ", PassedOverByReason.Select(pair => $"{pair.Value} × {pair.Key.TrimEnd('.')}"))}.";

    /// <summary>Whether a folder holds DICOM files, so that it is a volume as it is.</summary>
    public static bool IsSeriesFolder(string folder)
    {
        try
        {
            return SeriesNeighbours.FilesIn(folder).Take(FilesLookedAt).Any(HeaderReader.IsSlice);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Looks at files and folders.</summary>
    /// <param name="paths">Each is looked at once, whatever order they are in and however they overlap.</param>
    /// <param name="options">What is taken of folders.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <remarks>What is wrong with a file is the problem of its scan; nothing is thrown for it.</remarks>
    public static ScanInventory Take(IReadOnlyList<InventoryPath> paths, InventoryOptions options, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(options);
        var found = new Finder(options, work);
        for (var i = 0; i < paths.Count; i++)
        {
            if (Directory.Exists(paths[i].Path))
            {
                found.AddFolder(paths[i], i);
            }
            else
            {
                found.AddFile(paths[i].Path, i);
            }
        }

        ScanLabels.Set(found.Scans);
        var passed = found.PassedOver.ToLookup(file => file.IsUnseen);
        return new(found.Scans, [.. found.Tree.Problems, .. Unseen(passed[true])], found.Empty, [.. found.Tree.PassedOver, .. passed[false]]);
    }

    // A folder of slices that cannot be opened is one problem.
    private static IEnumerable<MriFileException> Unseen(IEnumerable<PassedOverFile> files) =>
        files.GroupBy(file => Path.GetDirectoryName(file.Path), StringComparer.Ordinal).Select(folder => folder.ToArray())
            .Select(several => several.Length == 1
            ? new MriFileException(several[0].Path, several[0].Reason)
            : new MriFileException(
                Path.GetDirectoryName(several[0].Path)!,
                $"holds {several.Length:N0} files that cannot be looked at and may be scans: '{Path.GetFileName(several[0].Path)}' "
                    + $"{several[0].Reason}"));

    /// <summary>Whose scan a single file is by its name and those of its folders.</summary>
    /// <param name="path">Full path.</param>
    public static ScanIdentity Identify(string path)
    {
        var scan = new FoundScan(new([path], volume => VolumeFormats.ReadHeader(path, volume)), 0);
        ScanLabels.Set([scan]);
        return scan.Identity;
    }

    private sealed class Finder(InventoryOptions options, WorkOptions work)
    {
        private readonly Taking _taking = new(options);
        private readonly SeriesNeighbours _neighbours = new();
        private readonly Dictionary<string, SeriesFolder> _folders = new(StringComparer.Ordinal);
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public ScanTree Tree { get; } = new(options, work.CancellationToken);

        public List<FoundScan> Scans { get; } = [];

        public List<PassedOverFile> PassedOver { get; } = [];

        public List<MriFileException> Empty { get; } = [];

        public void AddFolder(InventoryPath folder, int index)
        {
            var files = Tree.FilesOf(folder);
            var own = files.ToHashSet(StringComparer.Ordinal);
            var groups = SeriesFolder.Group(folder.Path, files, _neighbours, work);
            PassedOver.AddRange(groups.PassedOver.Where(file => own.Contains(file.Path)));
            foreach (var group in groups.Groups.Where(group => group.Files.Any(own.Contains)))
            {
                if (_taking.ReasonAgainst(group) is { } reason)
                {
                    PassedOver.AddRange(group.Files.Select(file => new PassedOverFile(file, reason)));
                }
                else
                {
                    Add(group, index);
                }
            }

            // A folder that was seen already, because it is below another one, is not empty for that.
            var start = Path.TrimEndingDirectorySeparator(folder.Path) + Path.DirectorySeparatorChar;
            if (!Scans.Exists(scan => scan.Index == index || scan.Path.StartsWith(start, StringComparison.Ordinal))
                && !Tree.Problems.Exists(problem => string.Equals(problem.Path, folder.Path, StringComparison.Ordinal)))
            {
                Empty.Add(new(folder.Path, files.Count == 0 ? "holds no file that could be a scan."
                    : $"holds no scan: {files.Count} {(files.Count == 1 ? "file there is none." : "files there are none.")}"));
            }
        }

        public void AddFile(string path, int index)
        {
            if (!_seen.Contains(path))
            {
                Add(GroupOf(path), index);
            }
        }

        private void Add(VolumeGroup group, int index)
        {
            if (_seen.Add(group.Files[0]))
            {
                _seen.UnionWith(group.Files);
                Scans.Add(new(group, index));
            }
        }

        private VolumeGroup GroupOf(string path)
        {
            try
            {
                if (VolumeFormats.FindByName(path) is null or DicomFormat && HeaderReader.IsSlice(path))
                {
                    var folder = Path.GetDirectoryName(path)!;
                    if (!_folders.TryGetValue(folder, out var series))
                    {
                        _folders.Add(folder, series = SeriesFolder.Scan(folder, _neighbours, work.CancellationToken));
                    }

                    return series.GroupOf(path);
                }

                var groups = VolumeGroups.Of([path], work);
                return groups.Find(path) ?? throw new MriFileException(path, groups.PassedOver[0].Reason);
            }
            catch (MriFileException exception)
            {
                return new([path], exception);
            }
        }
    }
}
