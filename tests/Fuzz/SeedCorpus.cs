using System.IO.Compression;

namespace MriLink.Fuzz;

/// <summary>The seeds of each format, of every kind that the format has.</summary>
internal static class SeedCorpus
{
    private static readonly Dictionary<string, string[]> Patterns = new(StringComparer.Ordinal)
    {
        ["nifti"] = ["nifti/types/*", "nifti/forms/*", "nifti/scaling/*", "nifti/containers/*.nii", "nifti/containers/*.nii.gz",
            "nifti/containers/*.hdr", "nifti/containers/*.hdr.gz"],
        ["mgh"] = ["mgh/types/*", "mgh/four.mgz", "mgh/nowhere.mgh", "mgh/orientations/0*.mgz"],
        ["nrrd"] = ["nrrd/*.nrrd", "nrrd/*.nhdr", "nrrd/types/*", "nrrd/big/*"],
        ["metaimage"] = ["metaimage/*.mha", "metaimage/*.mhd", "metaimage/types/*", "metaimage/big/*"],
        ["analyze"] = ["analyze/*.hdr", "analyze/types/*.hdr", "analyze/origins/0*.hdr"],
        ["dicom"] = [],
    };

    public static IEnumerable<string> Formats => Patterns.Keys;

    public static IReadOnlyList<Seed> Of(string format)
    {
        var root = Path.Combine(AppContext.BaseDirectory, "Seeds");
        return string.Equals(format, "dicom", StringComparison.Ordinal)
            ? [.. OfDicom(Path.Combine(root, "dicom.zip")), .. OfDicom(Path.Combine(root, "dicom-encodings.zip"))]
            : [.. Patterns[format].SelectMany(
                pattern => Directory.GetFiles(Path.Combine(root, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern))).Order(
                StringComparer.Ordinal).Select(OfFile)];
    }

    private static Seed OfFile(string path)
    {
        // Detached headers and pairs come with the files beside them that share their start; lists and patterns name slices.
        var folder = Path.GetDirectoryName(path)!;
        var name = Path.GetFileName(path);
        string[] companions = name.EndsWith(".hdr", StringComparison.Ordinal) ? [name[..^4] + ".img"]
            : name.EndsWith(".hdr.gz", StringComparison.Ordinal) ? [name[..^7] + ".img.gz"]
            : name.EndsWith(".nhdr", StringComparison.Ordinal) || name.EndsWith(".mhd", StringComparison.Ordinal)
                ? [.. Directory.GetFiles(folder, "*raw*").Select(file => Path.GetFileName(file)!)]
                : [];
        return new(path, new[] { name }.Concat(companions).Distinct(StringComparer.Ordinal)
            .ToDictionary(file => file, file => File.ReadAllBytes(Path.Combine(folder, file)), StringComparer.Ordinal), name);
    }

    // A series of three slices, or one file of many frames.
    private static Seed[] OfDicom(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        return [.. archive.Entries
            .Where(entry => !entry.FullName.StartsWith("orientations", StringComparison.Ordinal))
            .GroupBy(entry => Path.GetDirectoryName(entry.FullName)!, StringComparer.Ordinal)
            .Select(group => new Seed(
                group.Key,
                group.OrderBy(entry => entry.Name, StringComparer.Ordinal).Take(3).ToDictionary(entry => entry.Name, Content, StringComparer.Ordinal),
                group.Min(entry => entry.Name)!))];
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
