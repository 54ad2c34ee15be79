using System.Runtime.InteropServices;
using System.Text;

namespace MriLink.Core.Basics;

/// <summary>Writes files that other processes only ever see whole, and that nobody but their owner may read.</summary>
/// <remarks>Brains, labels and keys are in these files: a new one has mode 0600, one that is replaced keeps the mode it has been given.</remarks>
public static class WholeFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Far longer than any write takes.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>Writes a file under another name in the same folder and then puts it in its place.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="bytes">What it is to hold.</param>
    /// <param name="overwrite">Whether a file that is there is replaced; otherwise it is an error.</param>
    /// <param name="durable">Whether file and folder must be on the disk when this returns, so that a power cut takes nothing back.</param>
    /// <exception cref="IOException">It cannot be written; what was there is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; what was there is as it was.</exception>
    public static void Write(string path, byte[] bytes, bool overwrite = true, bool durable = false) =>
        Write(path, file => file.Write(bytes), overwrite, durable);

    /// <inheritdoc cref="Write(string, byte[], bool, bool)"/>
    /// <param name="path">Where to.</param>
    /// <param name="write">Writes what it is to hold.</param>
    /// <param name="overwrite">Whether a file that is there is replaced; otherwise it is an error.</param>
    /// <param name="durable">Whether file and folder must be on the disk when this returns.</param>
    public static void Write(string path, Action<Stream> write, bool overwrite = true, bool durable = false)
    {
        ArgumentNullException.ThrowIfNull(write);
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)!;
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var file = Create(temporary, ModeFor(full)))
            {
                write(file);
                if (durable)
                {
                    file.Flush(flushToDisk: true);
                }
            }

            if (overwrite)
            {
                File.Move(temporary, full, overwrite: true);
            }
            else
            {
                PutInPlace(temporary, full);
            }

            if (durable)
            {
                SyncFolder(folder);
            }
        }
        finally
        {
            // Gone already when all went well; then this does nothing.
            File.Delete(temporary);
        }
    }

    /// <summary>Makes a new file that only its owner may read and write.</summary>
    /// <exception cref="IOException">There is one already, or it cannot be made.</exception>
    public static FileStream CreatePrivate(string path) => Create(path, OwnerOnly);

    /// <summary>Gives a file another name, where no file has it; of two that try at once, one is refused.</summary>
    /// <exception cref="IOException">There is a file of that name, or the system refuses.</exception>
    internal static void PutInPlace(string from, string to)
    {
        const int Exists = 17;
        if (OperatingSystem.IsWindows())
        {
            File.Move(from, to);
            return;
        }

        // Looking first and renaming then would leave a moment in between; a second name for a file is given to a free one or not at all.
        if (Link(Encoding.UTF8.GetBytes(from + "\0"), Encoding.UTF8.GetBytes(to + "\0")) == 0)
        {
            File.Delete(from);
        }
        else if (Marshal.GetLastPInvokeError() == Exists)
        {
            throw new IOException($"The file '{to}' already exists.");
        }
        else
        {
            // A file system without second names.
            File.Move(from, to);
        }
    }

    /// <summary>Makes a folder, and those above it, and brings their names to the disk.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal static void CreateFolder(string folder)
    {
        var missing = new List<string>();
        for (var path = Path.GetFullPath(folder); path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
        {
            missing.Add(path);
        }

        Directory.CreateDirectory(folder);
        foreach (var path in missing)
        {
            SyncFolder(Path.GetDirectoryName(path)!);
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

    /// <summary>Brings the names of a folder's files to the disk. Windows has no such call: there a rename is in the file system's journal.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    internal static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = OpenFolder(Encoding.UTF8.GetBytes(folder + "\0"), 0);
        if (handle < 0)
        {
            throw new IOException($"The folder '{folder}' cannot be brought to the disk: error {Marshal.GetLastPInvokeError()}.");
        }

        try
        {
            // Some network file systems know no such call for a folder; nothing more can be asked of them.
            const int NotSupported = 22;
            if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() is var error and not NotSupported)
            {
                throw new IOException($"The folder '{folder}' cannot be brought to the disk: error {error}.");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    private static FileStream Create(string path, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        return new(path, options);
    }

    private static UnixFileMode ModeFor(string path) => OperatingSystem.IsWindows() || !File.Exists(path) ? OwnerOnly : File.GetUnixFileMode(path);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFolder(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
