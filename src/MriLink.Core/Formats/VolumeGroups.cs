using MriLink.Core.Basics;
using MriLink.Core.Formats.Dicom;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Files sorted into volumes: which make one together, and which make none.</summary>
/// <remarks>
/// <para>Every file given is in a group or passed over with a reason, none is dropped. A file named like a volume of a format other than
/// DICOM is one, and is not opened until its header is read. Of all others the start is looked at, and of DICOM the header is read, once.</para>
/// <para>Memory: about a kilobyte for each DICOM slice.</para>
/// </remarks>
public sealed class VolumeGroups
{
    private readonly Dictionary<string, VolumeGroup> _groupOf = new(StringComparer.Ordinal);

    private VolumeGroups(IReadOnlyList<VolumeGroup> groups, IReadOnlyList<PassedOverFile> passedOver)
    {
        Groups = groups;
        PassedOver = passedOver;
        foreach (var group in groups)
        {
            foreach (var file in group.Files)
            {
                _groupOf.TryAdd(file, group);
            }
        }
    }

    /// <summary>The groups, in the order of their first files among those that were given.</summary>
    public IReadOnlyList<VolumeGroup> Groups { get; }

    /// <summary>Files that are no volume and no part of one, in the order in which they were given.</summary>
    public IReadOnlyList<PassedOverFile> PassedOver { get; }

    /// <summary>Sorts files: those of one folder, of a tree, or of several.</summary>
    /// <param name="files">Full paths, each once; what is wanted of hidden files and links is the caller's to decide.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <remarks>A file that cannot be read is the problem of its group; nothing is thrown for it.</remarks>
    public static VolumeGroups Of(IReadOnlyList<string> files, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(files);
        var looked = new LookedAtFile[files.Count];
        work.ForBlocks(files.Count, i => looked[i] = LookedAtFile.At(files[i]));

        var groups = DicomGrouping.Of(looked, work.CancellationToken);
        var parts = groups.SelectMany(group => group.Files).ToHashSet(StringComparer.Ordinal);

        // Headers first, for the files that they name are no volumes of their own, whatever they look like.
        foreach (var file in looked.OrderByDescending(file => file.IsDetached))
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            if (file.IsOther && !parts.Contains(file.Path))
            {
                var group = file.IsDetached ? Detached(file.Path) : Single(file.Path);
                groups.Add(group);
                parts.UnionWith(group.Files);
            }
        }

        var passed = looked.Where(file => !parts.Contains(file.Path))
            .Select(file => new PassedOverFile(file.Path, file.Reason!) { IsUnseen = file.IsUnseen }).ToArray();
        var order = files.Select((path, i) => (path, i)).ToDictionary(pair => pair.path, pair => pair.i, StringComparer.Ordinal);
        return new([.. groups.OrderBy(group => group.Files.Min(file => order.GetValueOrDefault(file, int.MaxValue)))], passed);
    }

    /// <summary>The group that a file is part of, or null.</summary>
    public VolumeGroup? Find(string path) => _groupOf.GetValueOrDefault(path);

    private static VolumeGroup Single(string path) => new([path], volume =>
    {
        var (format, file) = VolumeFormats.Detect(path);

        // DICOM that is named otherwise was not looked at with its series.
        return format is DicomFormat
            ? throw new MriFileException(path, "is DICOM but named like another format; under another name it can be read.")
            : format.ReadHeader(file, volume);
    });

    // A header that names other files, or the image of a pair: read now, to know which these are.
    private static VolumeGroup Detached(string path)
    {
        try
        {
            var (format, file) = VolumeFormats.Detect(path);
            var header = format.ReadHeader(file, null);
            return new(header.Files, volume => volume is null ? header : format.ReadHeader(file, volume));
        }
        catch (MriFileException exception)
        {
            return new([path], exception);
        }
    }
}
