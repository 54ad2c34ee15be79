using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Linkage;

/// <summary>The T1-weighted scans below a folder, with the participants that their names give.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Scans">What could be opened, in reading order.</param>
/// <param name="Unreadable">Files that could not.</param>
internal sealed record Dataset(string Name, IReadOnlyList<MriVolume> Scans, int Unreadable)
{
    // Volumes that lie beside scans and are none.
    private static readonly string[] NoScans = ["dseg", "mask", "probseg", "label", "seg"];

    /// <summary>
    /// The datasets in a folder: the folder itself when it holds participants or files, otherwise each of its subfolders that holds scans.
    /// </summary>
    public static IReadOnlyList<Dataset> Find(BenchmarkContext context, string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var isOne = Directory.EnumerateDirectories(folder, "sub-*").Any() || Directory.EnumerateFiles(folder).Any(VolumeFormats.HasKnownExtension);
        string[] roots = isOne ? [folder]
            : [.. Directory.EnumerateDirectories(folder).Where(d => !Path.GetFileName(d).StartsWith('.')).Order(StringComparer.Ordinal)];
        return [.. roots.Select(root => Open(context, root)).Where(d => d.Scans.Count + d.Unreadable > 0)];
    }

    private static Dataset Open(BenchmarkContext context, string root)
    {
        var files = Directory
            .EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
            .Where(f => !Path.GetFileName(f).StartsWith('.') && VolumeFormats.HasKnownExtension(f) && !IsDataOfAPair(f))
            .Where(f => !NoScans.Contains(BidsName.Parse(f).Suffix, StringComparer.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();

        // Where files say what they are, the others are other contrasts.
        if (files.Exists(IsT1))
        {
            files.RemoveAll(f => !IsT1(f));
        }

        var scans = new List<MriVolume>();
        var unreadable = 0;
        foreach (var file in files)
        {
            try
            {
                scans.Add(new(ScanInventory.Identify(file), new FileVoxelSource(VolumeFormats.ReadHeader(file), new(NonFiniteVoxels.Zero))));
            }
            catch (Exception exception) when (exception is MriFileException or IOException or UnauthorizedAccessException or InvalidDataException)
            {
                unreadable++;
                context.Progress($"{Path.GetFileName(root)}: a file is left out: {exception.Message}");
            }
        }

        return new(Path.GetFileName(root.TrimEnd(Path.DirectorySeparatorChar)), scans, unreadable);
    }

    private static bool IsT1(string file) => string.Equals(BidsName.Parse(file).Suffix, "T1w", StringComparison.Ordinal);

    // name.img and name.img.gz belong to name.hdr, which stands for both.
    private static bool IsDataOfAPair(string file) =>
        file.Contains(".img", StringComparison.OrdinalIgnoreCase)
        && (File.Exists(Path.Combine(Path.GetDirectoryName(file)!, VolumeFormats.GetStem(file) + ".hdr"))
            || File.Exists(Path.Combine(Path.GetDirectoryName(file)!, VolumeFormats.GetStem(file) + ".hdr.gz")));
}
