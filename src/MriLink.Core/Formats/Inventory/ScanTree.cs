using System.IO.Enumeration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Inventory;

/// <summary>The files below folders, in the order in which people read them: those of a folder, then what is in its subfolders.</summary>
/// <remarks>
/// Links to folders are followed. Each folder is listed once, whatever links lead to it: a circle ends, and nothing is found twice. Hidden
/// files and folders are passed over, and the parts of a BIDS dataset that are datasets of their own.
/// </remarks>
internal sealed class ScanTree(InventoryOptions options, CancellationToken cancellationToken)
{
    private const string InDataset =
        "is in a folder 'derivatives' or 'sourcedata' of a BIDS dataset, which is a dataset of its own; give that folder's path to take it.";
    private static readonly string[] DatasetsOfTheirOwn = ["derivatives", "sourcedata"];
    private static readonly EnumerationOptions EveryEntry = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    // Without any link in them.
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _roots = [];

    /// <summary>Files that are hidden or elsewhere in a BIDS dataset, and links to folders that are seen without them.</summary>
    public List<PassedOverFile> PassedOver { get; } = [];

    /// <summary>Folders that cannot be listed.</summary>
    public List<MriFileException> Problems { get; } = [];

    /// <summary>The files of a folder, with those below it if wanted, except what earlier calls have given.</summary>
    public List<string> FilesOf(InventoryPath folder)
    {
        var files = new List<string>();
        try
        {
            var real = RealPath(folder.Path);
            _roots.Add(real);
            Walk(folder.Path, real, folder.WithSubfolders, files, reason: null);
        }
        catch (IOException exception)
        {
            Problems.Add(exception as MriFileException ?? new MriFileException(folder.Path, $"cannot be listed: {exception.Message}", exception));
        }

        return files;
    }

    /// <summary>A path without links.</summary>
    /// <exception cref="IOException">A link leads in a circle.</exception>
    internal static string RealPath(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var real = Path.Combine(RealPath(parent), Path.GetFileName(path));
        return Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : real;
    }

    private void Walk(string folder, string real, bool withSubfolders, List<string> files, string? reason)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_seen.Add(real) || List(folder) is not { } entries)
        {
            return;
        }

        var isDataset = reason is null && !options.TakesEverything
            && entries.Exists(entry => entry.IsFolder ? entry.Name.StartsWith("sub-", StringComparison.Ordinal)
            : entry.Name is "dataset_description.json");
        foreach (var (name, isFolder, _) in entries.Where(entry => !entry.IsFolder))
        {
            var path = Path.Combine(folder, name);
            if (reason is null)
            {
                files.Add(path);
            }
            else
            {
                PassedOver.Add(new(path, reason));
            }
        }

        foreach (var (name, _, isLink) in entries.Where(entry => withSubfolders && entry.IsFolder))
        {
            var path = Path.Combine(folder, name);
            var inside = reason ?? (isDataset && DatasetsOfTheirOwn.Contains(name, StringComparer.Ordinal) ? InDataset : null);
            if (!isLink)
            {
                Walk(path, Path.Combine(real, name), withSubfolders: true, files, inside);
            }
            else if (Follow(path) is { } target)
            {
                Walk(path, target, withSubfolders: true, files, inside);
            }
        }
    }

    // Where a link leads, or null when that is looked at without it.
    private string? Follow(string link)
    {
        try
        {
            var target = RealPath(link);
            if (!_seen.Contains(target) && !_roots.Exists(root => IsReached(root, target)))
            {
                return target;
            }

            PassedOver.Add(new(link, "is a link to a folder that is looked at where it is."));
        }
        catch (IOException exception)
        {
            Problems.Add(new(link, $"is a link that cannot be followed: {exception.Message}", exception));
        }

        return null;
    }

    // Whether a folder is looked at because a folder above it is.
    private static bool IsReached(string root, string folder) =>
        folder.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        && !Array.Exists(folder[root.Length..].Split(Path.DirectorySeparatorChar), part => part.StartsWith('.')
            || DatasetsOfTheirOwn.Contains(part, StringComparer.Ordinal));

    private List<(string Name, bool IsFolder, bool IsLink)>? List(string folder)
    {
        try
        {
            var entries = new List<(string Name, bool IsFolder, bool IsLink)>();
            foreach (var (name, isFolder, isLink, isHidden) in new FileSystemEnumerable<(string Name, bool IsFolder, bool IsLink, bool IsHidden)>(
                folder, Describe, EveryEntry))
            {
                // A file called .something is hidden on Unix by its name alone; datasets copied from there carry ._ files everywhere.
                if (isHidden)
                {
                    PassedOver.Add(new(Path.Combine(folder, name), "is hidden."));
                }
                else
                {
                    entries.Add((name, isFolder, isLink));
                }
            }

            entries.Sort((a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
            var alike = entries.GroupBy(entry => entry.Name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()).Select(group => group.Key)
                .ToArray();
            foreach (var name in alike)
            {
                // Names that are no valid text read alike, and only one of such files can be reached.
                Problems.Add(new(Path.Combine(folder, name),
                    "is the name of several, which cannot be told apart: their names are no valid Unicode. Rename them."));
            }

            return alike.Length == 0 ? entries : [.. entries.DistinctBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Problems.Add(new(folder, $"cannot be listed: {exception.Message}", exception));
            return null;
        }
    }

    private static (string Name, bool IsFolder, bool IsLink, bool IsHidden) Describe(ref FileSystemEntry entry) =>
        (entry.FileName.ToString(), entry.IsDirectory, entry.IsDirectory
            && entry.Attributes.HasFlag(FileAttributes.ReparsePoint), entry.FileName[0] == '.' || entry.IsHidden);
}
