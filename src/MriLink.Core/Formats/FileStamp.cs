using Microsoft.Win32.SafeHandles;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>A file as it was at one moment, to notice that it has changed since.</summary>
internal sealed record FileStamp(string Path, long Length, DateTime LastWriteUtc)
{
    /// <summary>Opens a file for reading and takes its stamp from the same handle, so that links count as what they point to.</summary>
    /// <exception cref="MriFileException">The file cannot be opened.</exception>
    public static (SafeFileHandle Handle, FileStamp Stamp) Open(string path)
    {
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            return (handle, new(path, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            var target = new FileInfo(path).LinkTarget;
            throw new MriFileException(path, target is null ? "does not exist." : $"is a link to '{target}', which does not exist.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new MriFileException(path, Directory.Exists(path) ? "is a folder, not a file." : "cannot be opened: access is denied.", exception);
        }
        catch (IOException exception)
        {
            throw new MriFileException(path, $"cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Opens the file again.</summary>
    /// <exception cref="MriFileException">It is gone, or is not the file it was.</exception>
    public SafeFileHandle Reopen()
    {
        var (handle, now) = Open(Path);
        if (now != this)
        {
            handle.Dispose();
            throw new MriFileException(Path, "has changed since its header was read.");
        }

        return handle;
    }
}
