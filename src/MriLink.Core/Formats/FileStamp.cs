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
            RequireContent(path);
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
        catch (Exception exception) when (exception is IOException and not MriFileException or ArgumentException or NotSupportedException)
        {
            throw new MriFileException(path, $"cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Takes the stamp of a file that can be read.</summary>
    /// <exception cref="MriFileException">The file cannot be opened.</exception>
    public static FileStamp Of(string path)
    {
        var (handle, stamp) = Open(path);
        handle.Dispose();
        return stamp;
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

    // A pipe, a socket or a device has no length, and opening one may wait for ever.
    private static void RequireContent(string path)
    {
        FileSystemInfo? file = new FileInfo(path);
        if (file.LinkTarget is not null)
        {
            file = file.ResolveLinkTarget(returnFinalTarget: true);
        }

        if (file is FileInfo { Exists: true, Length: 0 })
        {
            throw new MriFileException(path, "is empty, or no regular file.");
        }
    }
}
