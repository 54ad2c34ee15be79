using MriLink.Core.Formats;

namespace MriLink.Commands;

/// <summary>Finds the files below a folder in the order in which people read them.</summary>
internal static class VolumeFinder
{
    /// <summary>
    /// All files below <paramref name="folder"/>, folder by folder: its files first, then its subfolders. Hidden files and folders
    /// are passed over, links to folders are not followed.
    /// </summary>
    /// <param name="folder">Full path.</param>
    /// <param name="unreadable">Called for a folder that cannot be listed; the rest goes on.</param>
    public static IEnumerable<string> FilesBelow(string folder, Action<string, Exception> unreadable)
    {
        var pending = new Stack<string>([folder]);
        while (pending.TryPop(out var next))
        {
            var entries = List(next, unreadable);
            foreach (var file in entries.Where(e => e is FileInfo))
            {
                yield return file.FullName;
            }

            foreach (var sub in entries.Where(e => e is DirectoryInfo && e.LinkTarget is null).Reverse())
            {
                pending.Push(sub.FullName);
            }
        }
    }

    /// <summary>The files in one folder, hidden ones left out.</summary>
    /// <param name="folder">Full path.</param>
    /// <param name="unreadable">Called when it cannot be listed.</param>
    public static IEnumerable<string> FilesIn(string folder, Action<string, Exception> unreadable) =>
        List(folder, unreadable).Where(entry => entry is FileInfo).Select(entry => entry.FullName);

    private static List<FileSystemInfo> List(string folder, Action<string, Exception> unreadable)
    {
        List<FileSystemInfo> entries;
        try
        {
            entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            unreadable(folder, exception);
            return [];
        }

        // A file called .something is hidden on Unix by its name alone; datasets copied from there carry ._ files everywhere.
        entries.RemoveAll(e => e.Attributes.HasFlag(FileAttributes.Hidden) || e.Name.StartsWith('.'));
        entries.Sort((a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
        return entries;
    }
}
