using System.Text.Json;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>The files that nibabel wrote (Fixtures/nifti/make_fixtures.py) and what it says about them.</summary>
internal static class NiftiFixtures
{
    private static readonly Dictionary<string, Expectation> Expected = JsonSerializer.Deserialize<Dictionary<string, Expectation>>(
        File.ReadAllText(PathOf("expected.json")), JsonSerializerOptions.Web)!;

    public static IEnumerable<string> Names => Expected.Keys;

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "nifti", name);

    public static Expectation Of(string name) => Expected[name];

    public static Volume Read(string path, VoxelReadOptions? options = null) =>
        new FileVoxelSource(VolumeFormats.ReadHeader(path), options ?? new()).Read(CancellationToken.None);

    /// <summary>The largest distance in mm, over the corners of the grid, between where two matrices put them.</summary>
    public static double WorldDistance(GridSize size, Affine a, Affine b)
    {
        var largest = 0.0;
        for (var corner = 0; corner < 8; corner++)
        {
            var voxel = new Point3((corner & 1) * (size.X - 1), (corner >> 1 & 1) * (size.Y - 1), (corner >> 2) * (size.Z - 1));
            largest = Math.Max(largest, (a.Apply(voxel) - b.Apply(voxel)).Length);
        }

        return largest;
    }

    internal sealed record Expectation(
        int[] Shape, double[] Affine, double[] Voxels, int[] CanonicalShape, double[] CanonicalAffine, double[] CanonicalVoxels);
}
