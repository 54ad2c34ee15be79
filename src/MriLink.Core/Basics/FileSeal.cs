using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MriLink.Core.Basics;

/// <summary>Tells whether files have changed without reading them, where the system allows that.</summary>
/// <remarks>
/// Length and time of modification do not tell: whoever copies or restores a file sets the time as he likes. The time of the last change of
/// the file's entry (ctime) is the system's own, and cannot be set. It counts on Linux, on file systems that keep it, and unless it lies in
/// the future or a moment ago: within a tick of the clock a file can change twice, and a clock that was set back runs through the same times
/// again. Otherwise the seal is open: the file has to be read to know.
/// </remarks>
internal readonly record struct FileSeal(string Facts, bool IsClosed)
{
    // The coarsest clock of a file system that keeps change times counts in seconds.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private static readonly string[] WithChangeTime =
        ["ext2", "ext3", "ext4", "ext2/ext3", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "ramfs", "overlay", "overlayfs", "nfs", "nfs4", "lustre",
            "gpfs", "ceph", "beegfs", "jfs", "reiserfs", "bcachefs"];

    /// <summary>What files look like now; a link is taken for what it points to. Of a file that is not there, that it is not.</summary>
    public static FileSeal Of(IEnumerable<string> paths)
    {
        var facts = new StringBuilder();
        var closed = true;
        foreach (var path in paths)
        {
            var target = Target(path);
            var length = target.Exists ? target.Length : -1;
            var modified = target.Exists ? target.LastWriteTimeUtc : default;
            var changed = target.Exists ? ChangeTime(target.FullName) : null;
            closed &= changed is { } time && IsPast(time) && IsPast(modified) && KeepsChangeTime(target.FullName);
            facts.Append(CultureInfo.InvariantCulture, $"{target.FullName.Length}:{target.FullName}|{length}|{modified.Ticks}|{changed?.Ticks}|");
        }

        return new(facts.ToString(), closed);
    }

    private static FileInfo Target(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        }
        catch (IOException)
        {
            // A link that leads round in a circle: whoever reads it says so.
            return file;
        }
    }

    private static bool IsPast(DateTime time) => time < DateTime.UtcNow - Tick;

    private static bool KeepsChangeTime(string path)
    {
        try
        {
            return WithChangeTime.Contains(new DriveInfo(path).DriveFormat, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    // statx(2): the one call whose result is laid out alike on every processor; the change time's seconds are at 96, nanoseconds at 104.
    private static DateTime? ChangeTime(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        const int CurrentFolder = -100;
        const uint ChangeTimeOnly = 0x80;
        var result = new byte[256];
        try
        {
            if (StatX(CurrentFolder, Encoding.UTF8.GetBytes(path + "\0"), 0, ChangeTimeOnly, result) != 0
                || (BinaryPrimitives.ReadUInt32LittleEndian(result) & ChangeTimeOnly) == 0)
            {
                return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return null;
        }

        var (seconds, nanoseconds) = (MemoryMarshal.Read<long>(result.AsSpan(96)), MemoryMarshal.Read<uint>(result.AsSpan(104)));
        return DateTime.UnixEpoch.AddSeconds(seconds).AddTicks(nanoseconds / 100);
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] result);
}
