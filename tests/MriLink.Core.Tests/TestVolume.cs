using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests;

/// <summary>Preprocessed volumes made by hand, for tests that care for voxels and mask alone.</summary>
internal static class TestVolume
{
    public static PreprocessedVolume Preprocessed(ScanIdentity identity, Volume volume, Mask mask) =>
        new(identity, volume, mask, "none", Affine.Identity, new(1, 1, 1, 1, 1, 1, 1, InputStripped: true), []);
}
