using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

public class GaussianFilterTests
{
    [Fact]
    public void Agrees_with_scipy_whatever_the_width()
    {
        var fixture = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "registration", "smooth.json"))).RootElement;
        var sigma = Numbers(fixture.GetProperty("sigma"));
        foreach (var example in fixture.GetProperty("cases").EnumerateArray())
        {
            var size = Size(example);
            var voxels = Numbers(example.GetProperty("voxels"));
            GaussianFilter.Smooth(voxels, new float[voxels.Length], size, (sigma[0], sigma[1], sigma[2]), WorkOptions.SingleThread);

            // Values of about 100 in float, summed three times.
            foreach (var (expected, actual) in Numbers(example.GetProperty("smooth")).Zip(voxels))
            {
                Assert.Equal(expected, actual, 1e-4f);
            }
        }
    }

    [Fact]
    public void Grids_side_by_side_come_out_as_one_by_one()
    {
        var size = new GridSize(13, 5, 4);
        var sigma = (1f, 1.5f, 0.7f);
        float[][] grids = [.. Enumerable.Range(1, 3).Select(seed => Noise(size, seed))];
        float[][] together = [.. grids.Select(_ => new float[size.Count])];
        GaussianFilter.Smooth([.. grids.Select(g => (float[])g.Clone())], together, size, sigma, new(4, CancellationToken.None));
        for (var i = 0; i < grids.Length; i++)
        {
            GaussianFilter.Smooth(grids[i], new float[size.Count], size, sigma, WorkOptions.SingleThread);
            Assert.Equal(grids[i], together[i]);
        }
    }

    private static float[] Noise(GridSize size, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)size.Count).Select(_ => random.NextSingle())];
    }

    private static GridSize Size(JsonElement example)
    {
        var size = Numbers(example.GetProperty("size"));
        return new((int)size[0], (int)size[1], (int)size[2]);
    }

    private static float[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetSingle())];
}
