namespace MriLink.Core.Formats;

/// <summary>Names of volumes that are two files, a header and an image: x.hdr and x.img, each perhaps gzipped.</summary>
internal static class FilePair
{
    /// <summary>
    /// "x.img.gz" → "x.hdr.gz" or "x.hdr", whichever is there; null when <paramref name="path"/> does not end in <paramref name="from"/> or there is
    /// no such file.
    /// </summary>
    public static string? Companion(string path, string from, string to)
    {
        if (StemOf(path, from) is not { } stem)
        {
            return null;
        }

        var ending = path[stem.Length..];
        if (ending.Contains(from.ToUpperInvariant(), StringComparison.Ordinal))
        {
            to = to.ToUpperInvariant();
        }

        var zipped = ending.EndsWith("gz", StringComparison.OrdinalIgnoreCase);
        string[] candidates = zipped ? [stem + to + ending[from.Length..], stem + to] : [stem + to, stem + to + ".gz"];
        return Array.Find(candidates, File.Exists);
    }

    /// <summary>The path without <paramref name="ending"/> or that and .gz; null when it has neither.</summary>
    public static string? StemOf(string path, string ending) =>
        path.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? path[..^ending.Length]
        : path.EndsWith(ending + ".gz", StringComparison.OrdinalIgnoreCase) ? path[..^(ending.Length + 3)]
        : null;
}
