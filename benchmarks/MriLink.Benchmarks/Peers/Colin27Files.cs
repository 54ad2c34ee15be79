using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Peers;

/// <summary>Colin27 as Debian's mricron-data brings it: a raw head at 1 mm that every benchmark can use.</summary>
internal static class Colin27Files
{
    /// <summary>The whole head.</summary>
    public const string Head = "/usr/share/mricron/templates/ch2.nii.gz";

    /// <summary>The brain alone.</summary>
    public const string Brain = "/usr/share/mricron/templates/ch2bet.nii.gz";

    /// <summary>Both files, as what a benchmark needs.</summary>
    public static Peer Peer { get; } = Peer.InstalledFile(Head, "mricron-data");

    /// <summary>Reads one of the files.</summary>
    public static Volume Read(string path) => new FileVoxelSource(VolumeFormats.ReadHeader(path), new()).Read(CancellationToken.None);
}
