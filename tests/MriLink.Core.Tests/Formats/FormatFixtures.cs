using System.Text.Json;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>The files that nibabel and ITK wrote (Fixtures/formats/make_fixtures.py) and what these say about them.</summary>
internal static class FormatFixtures
{
    private static readonly Dictionary<string, Expectation> Expected = JsonSerializer.Deserialize<Dictionary<string, Expectation>>(
        File.ReadAllText(PathOf("expected.json")), JsonSerializerOptions.Web)!;

    public static IEnumerable<string> Names => Expected.Keys;

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "formats", name);

    public static Expectation Of(string name) => Expected[name];

    public static Volume Read(string path, int? volume = null) =>
        new FileVoxelSource(VolumeFormats.ReadHeader(path, volume), new()).Read(CancellationToken.None);

    internal sealed record Expectation(int[] Shape, double[] Affine, double[] Voxels)
    {
        public int Volumes => Shape.Skip(3).Aggregate(1, (product, size) => product * size);
    }
}
