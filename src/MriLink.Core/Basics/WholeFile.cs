namespace MriLink.Core.Basics;

/// <summary>Writes files that other processes only ever see whole.</summary>
internal static class WholeFile
{
    // Far longer than any write takes.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>Writes a file under another name in the same folder and then puts it in its place, over what is there.</summary>
    /// <exception cref="IOException">It cannot be written; what was there is as it was.</exception>
    public static void Write(string path, byte[] bytes) => Write(path, file => file.Write(bytes));

    /// <inheritdoc cref="Write(string, byte[])"/>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(file);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            // Gone already when all went well; then this does nothing.
            File.Delete(temporary);
        }
    }

    /// <summary>Deletes what writers that were killed more than a day ago have left in a folder.</summary>
    public static void RemoveAbandoned(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, ".*.tmp"))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Abandoned)
            {
                File.Delete(file);
            }
        }
    }
}
