namespace MriLink.Core.Basics;

/// <summary>Keeps what large arrays leave behind from piling up where many pass through.</summary>
/// <remarks>
/// The collector looks at large objects anew only when as much again as lives has been allocated: with a gallery of a gigabyte in
/// memory, a gigabyte of volumes that nobody needs any more. Sweeping a heap of a few thousand large arrays takes milliseconds.
/// </remarks>
internal static class PassingMemory
{
    private const long Tolerated = 128 << 20;
    private static long _bytes;

    /// <summary>Says that so many bytes of large arrays are or will soon be garbage.</summary>
    public static void Add(long bytes)
    {
        var sum = Interlocked.Add(ref _bytes, bytes);
        if (sum > Tolerated && Interlocked.CompareExchange(ref _bytes, 0, sum) == sum)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        }
    }
}
