using System.Runtime.InteropServices;

namespace MriLink.Core.Formats.Raw;

/// <summary>Asks the system for large pages behind an array that is about to be filled from one end to the other.</summary>
/// <remarks>
/// A new volume of 28 MB is 7000 pages of 4 KB, and the system hands over each at its first touch: about as much time as
/// decompressing the voxels takes. With pages of 2 MB it is a quarter of that. Linux only gives them on request, and has them ready
/// when they are needed if another thread asks.
/// </remarks>
internal static class LargePages
{
    // madvise(2), MADV_HUGEPAGE.
    private const int HugePage = 14;

    // MADV_POPULATE_WRITE, since Linux 5.14: pages are there as if written to, and what is in them stays.
    private const int PopulateWrite = 23;

    private const int SmallPage = 4096;

    // Below this, arrays reuse memory that has been touched before.
    private const int Worthwhile = 1 << 22;

    /// <summary>Asks for an array before anything is written to it. A hint: nothing changes where it is not understood.</summary>
    public static void Request(float[] array)
    {
        var length = (long)array.Length * sizeof(float);
        if (!OperatingSystem.IsLinux() || length < Worthwhile)
        {
            return;
        }

        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);

        // Whole pages inside the array only.
        var start = pin.AddrOfPinnedObject();
        var first = (start + SmallPage - 1) & ~(nint)(SmallPage - 1);
        var inside = (nuint)(length - (first - start)) & ~(nuint)(SmallPage - 1);
        if (TryAdvise(first, inside, HugePage) && Environment.ProcessorCount > 1)
        {
            _ = Task.Run(() =>
            {
                TryAdvise(first, inside, PopulateWrite);
                pin.Free();
            });
        }
        else
        {
            pin.Free();
        }
    }

    private static bool TryAdvise(nint address, nuint length, int advice)
    {
        try
        {
            return Advise(address, length, advice) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // A Linux without the call; pages stay small.
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint address, nuint length, int advice);
}
