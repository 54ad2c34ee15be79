using System.Globalization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Files that are to make one volume, or several at the same places, while it is found out whether they do.</summary>
internal sealed class DicomDraft(IEnumerable<DicomImage> images)
{
    // Positions this close along the normal, in mm, are one.
    private const double SamePosition = 0.01;

    private readonly List<(string Path, string Problem)> _bad = [];
    private readonly List<string> _warnings = [];

    /// <summary>The files in the natural order of their names.</summary>
    public List<DicomImage> Images { get; } = [.. images.OrderBy(image => image.Path, NaturalOrder.Instance)];

    /// <summary>The slices of each kind of image, magnitude first: each is a volume, or several.</summary>
    public List<DicomFrame[]> Contrasts
    {
        get => field ??= Images.Exists(image => image.Frames.Count > 0) ? [[.. Images.SelectMany(image => image.Frames)]] : [];
        set;
    }

    /// <summary>Whether it is named after its folder: a file of many frames has a name of its own.</summary>
    public bool IsNamedByFolder => Images is not [{ Frames.Count: > 1 }];

    /// <summary>The folder of the files, or the one above them when they are in several.</summary>
    public string Folder
    {
        get
        {
            var folders = Images.Select(image => FolderOf(image)).Distinct(StringComparer.Ordinal).ToArray();
            var folder = folders[0];
            while (!folders.All(other => string.Equals(other, folder, StringComparison.Ordinal)
                || other.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            {
                folder = Path.GetDirectoryName(folder) ?? string.Empty;
            }

            return Path.GetFileName(folder).Length > 0 ? folder : folders[0];
        }
    }

    /// <summary>What to call the series when it is not the only one of its folder.</summary>
    public string Label
    {
        get
        {
            var number = long.TryParse(Images[0].Identity.SeriesNumber, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)
                ? $"series-{n}" : "series";
            return Contrasts is [[{ Contrast.Component: { } component and not DicomComponent.Magnitude }, ..]]
                ? $"{number}_part-{component.ToString().ToLowerInvariant()}" : number;
        }
    }

    /// <summary>Notes that a file is part of it and cannot be used.</summary>
    public void AddBad(string path, string problem) => _bad.Add((path, problem));

    /// <summary>Takes over what is known to be wrong with the whole that this is part of.</summary>
    public void TakeBad(DicomDraft whole) => _bad.AddRange(whole._bad);

    /// <summary>Drops slices that are there twice, voxel by voxel, and says so.</summary>
    public void DropCopies()
    {
        var dropped = new HashSet<DicomFrame>(ReferenceEqualityComparer.Instance);
        Drop(frame => frame.Instance[0] == '/' ? null : FormattableString.Invariant($"{frame.Instance} {frame.Position}"));
        Drop(frame => FormattableString.Invariant($"{frame.Number} {frame.Position} {string.Join(' ', frame.Keys)}"));
        if (dropped.Count > 0)
        {
            var files = dropped.Select(frame => frame.Path).Distinct(StringComparer.Ordinal).Order(NaturalOrder.Instance).ToArray();
            _warnings.Add($"is of a series that holds {dropped.Count} {(dropped.Count == 1 ? "slice" : "slices")} twice; the copies are left out, "
                + $"'{Path.GetFileName(files[0])}' for example.");
            Contrasts = [.. Contrasts.Select(part => part.Where(frame => !dropped.Contains(frame)).ToArray())];
        }

        void Drop(Func<DicomFrame, string?> key)
        {
            foreach (var part in Contrasts)
            {
                foreach (var same in part.Where(frame => !dropped.Contains(frame)).GroupBy(key, StringComparer.Ordinal)
                    .Where(group => group.Key is not null && group.Skip(1).Any()))
                {
                    dropped.UnionWith(same.Skip(1).Where(frame => HaveEqualVoxels(same.First(), frame)));
                }
            }
        }
    }

    /// <summary>
    /// Folders apart that hold slices at the same places: different scans, or copies of one, under one UID. Others complete each other.
    /// </summary>
    public IEnumerable<DicomDraft> SplitFolders()
    {
        var folders = Images.GroupBy(image => FolderOf(image), StringComparer.Ordinal).ToArray();
        if (folders.Length < 2)
        {
            return [this];
        }

        // Files that are bad may not say where they lie; then their numbers have to do.
        var normal = Contrasts.Count > 0 ? Contrasts[0][0].Normal : default;
        var hasBad = Images.Exists(image => image.Frames.Count == 0);
        var wholes = new List<List<(IEnumerable<DicomImage> Files, double[] Places)>>();
        foreach (var folder in folders)
        {
            var places = hasBad ? [.. folder.Select(image => (double)(image.Number ?? -1)).Distinct().Order()]
                : PlacesOf(folder.SelectMany(image => image.Frames), normal);
            var whole = wholes.Find(whole => !whole.Exists(other => AreAlike(other.Places, places)));
            if (whole is null)
            {
                wholes.Add(whole = []);
            }

            whole.Add((folder, places));
        }

        return wholes.Count == 1 ? [this] : wholes.Select(whole => Part(whole.SelectMany(part => part.Files)));
    }

    /// <summary>
    /// Each acquisition for itself, where their slices lie side by side; those that lie between each other or at the same places belong together.
    /// </summary>
    public IEnumerable<DicomDraft> SplitAcquisitions()
    {
        if (Contrasts.Count != 1 || Images.Exists(image => image.Frames.Count > 1)
            || Contrasts[0].Any(frame => double.IsNaN(frame.Keys[DicomFrame.AcquisitionKey])))
        {
            return [this];
        }

        var normal = Contrasts[0][0].Normal;
        var acquisitions = Contrasts[0].GroupBy(frame => frame.Keys[DicomFrame.AcquisitionKey])
            .Select(group => (Number: group.Key, Places: PlacesOf(group, normal))).OrderBy(item => item.Places[0]).ToArray();
        if (acquisitions.Length < 2 || Array.Exists(acquisitions, item => item.Places.Length == 1))
        {
            return [this];
        }

        for (var i = 1; i < acquisitions.Length; i++)
        {
            if (acquisitions[i].Places[0] <= acquisitions[i - 1].Places[^1] + SamePosition)
            {
                return [this];
            }
        }

        return acquisitions.OrderBy(item => item.Number)
            .Select(item => Part(Images.Where(image => image.Frames.Count == 0 || image.Frames[0].Keys[DicomFrame.AcquisitionKey] == item.Number)));
    }

    /// <summary>The group that the files make.</summary>
    /// <param name="namePath">What it is called.</param>
    public VolumeGroup ToGroup(string namePath)
    {
        string[] files = [.. Images.Select(image => image.Path).Concat(_bad.Select(bad => bad.Path)).Distinct(StringComparer.Ordinal)
            .Order(NaturalOrder.Instance)];
        var series = new DicomSeries(this, namePath, _warnings);
        return new(files, series.ToHeader)
        {
            NamePath = namePath,
            Dicom = Images.Count > 0 ? Images[0].Identity
            : null,
            Problem = FindProblem(files, series)
        };
    }

    private MriFileException? FindProblem(string[] files, DicomSeries series)
    {
        var bad = Images.Where(image => image.Problem is not null).Select(image => (image.Path, image.Problem!.Problem)).Concat(_bad).ToArray();
        if (bad.Length == 0)
        {
            try
            {
                series.ToHeader(volume: 0);
                return null;
            }
            catch (MriFileException exception)
            {
                return exception;
            }
        }

        // What is wrong with many is told once.
        var (path, problem) = bad[0];
        var alike = bad.Count(other => string.Equals(other.Problem, problem, StringComparison.Ordinal)) - 1;
        var others = files.Length - alike - 1;
        var also = alike > 0 ? $" The same is true of {alike} other {(alike == 1 ? "file" : "files")} of its series." : string.Empty;
        var rest = others > 0 ? $" Its series, of {files.Length} files, is refused." : string.Empty;
        return new(path, problem + also + rest);
    }

    private DicomDraft Part(IEnumerable<DicomImage> files)
    {
        var part = new DicomDraft(files);
        var frames = part.Images.SelectMany(image => image.Frames).ToHashSet<DicomFrame>(ReferenceEqualityComparer.Instance);
        part.Contrasts = [.. Contrasts.Select(contrast => contrast.Where(frames.Contains).ToArray()).Where(contrast => contrast.Length > 0)];
        part.TakeBad(this);
        return part;
    }

    private static string FolderOf(DicomImage image) => Path.GetDirectoryName(image.Path) ?? string.Empty;

    private static double[] PlacesOf(IEnumerable<DicomFrame> frames, Point3 normal)
    {
        var places = new List<double>();
        foreach (var at in frames.Select(frame => frame.Along(normal)).Order())
        {
            if (places.Count == 0 || at - places[^1] > SamePosition)
            {
                places.Add(at);
            }
        }

        return [.. places];
    }

    // Whether most places of one are places of the other: not a slice that was copied along, but scans of the same region.
    private static bool AreAlike(double[] a, double[] b)
    {
        var common = a.Count(x => Array.Exists(b, y => Math.Abs(x - y) <= SamePosition));
        return common > 1 && 2 * common > Math.Min(a.Length, b.Length);
    }

    private static bool HaveEqualVoxels(DicomFrame a, DicomFrame b)
    {
        if (a.Voxels.Count != b.Voxels.Count || !a.IsParallelTo(b) || !a.HasSpacingOf(b))
        {
            return false;
        }

        try
        {
            return Read(a).AsSpan().SequenceEqual(Read(b));
        }
        catch (MriFileException)
        {
            // Whoever reads the slices is told; as copies they do not count.
            return false;
        }

        static float[] Read(DicomFrame frame)
        {
            frame.Voxels.CheckComplete(CancellationToken.None);
            using var reader = frame.Voxels.Open();
            var voxels = new float[frame.Voxels.Count];
            reader.Read(voxels);
            return voxels;
        }
    }
}
