using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Tests.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

public class CubicSplineTests
{
    [Fact]
    public void AgreesWithScipy()
    {
        var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "registration", "spline.json"))).RootElement;
        var size = Numbers(expected.GetProperty("size"));
        var volume = new Volume(
            new(new((int)size[0], (int)size[1], (int)size[2]), Affine.Identity), Array.ConvertAll(Numbers(expected.GetProperty("voxels")), v => (float)v));
        var spline = CubicSpline.Of(volume, WorkOptions.SingleThread);
        foreach (var (point, value) in expected.GetProperty("points").EnumerateArray().Select(Numbers).Zip(Numbers(expected.GetProperty("values"))))
        {
            Assert.True(spline.TrySample((float)point[0], (float)point[1], (float)point[2], out var sampled));

            // Voxels of about 100 in float: 64 products of values with six digits each.
            Assert.Equal(value, sampled, 1e-3);
        }

        static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
    }

    [Fact]
    public void GoesThroughTheVoxels()
    {
        var volume = Blobs.Draw(Affine.Identity).Volume;
        var spline = CubicSpline.Of(volume, WorkOptions.AllProcessors);
        Assert.True(spline.TrySample(20, 25, 18, out var value));
        Assert.Equal(volume[20, 25, 18], value, 1e-4);
    }

    [Theory]
    [InlineData(0.9f, 3, 3)]
    [InlineData(3, float.NaN, 3)]
    [InlineData(3, 3, 1e9f)]
    [InlineData(3, 3, 47.5f)]
    public void RefusesPlacesWhereNeighboursLack(float x, float y, float z) =>
        Assert.False(CubicSpline.Of(Blobs.Draw(Affine.Identity).Volume, WorkOptions.SingleThread).TrySample(x, y, z, out _));
}
