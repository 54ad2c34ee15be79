using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>A preprocessed volume made of numbers, for tests of what carries one about.</summary>
internal static class SampleBrain
{
    public static PreprocessedVolume Make(
        int seed = 1, int side = 12, string participant = "Ada-Lovelace", string? path = "/data/secret/Ada-Lovelace.nii")
    {
        var random = new Random(seed);
        var geometry = new VolumeGeometry(new(side, side + 1, side + 2), new(2, 0, 0, -90.5, 0, 2, 0, -126, 0, 0, 2, -72));
        var voxels = new float[geometry.Size.Count];
        var mask = new bool[voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            mask[i] = random.NextDouble() < 0.6;
            voxels[i] = mask[i] ? (float)(random.NextDouble() - 0.5) * 4 : 0;
        }

        return Make(new(geometry, voxels), new(geometry, mask), participant, path, random.NextDouble());
    }

    public static PreprocessedVolume Make(Volume volume, Mask mask, string participant, string? path, double number) => new(
        new(participant, "1", null, path), volume, mask, "Sample", Affine.FromRotation(number, 0.2, 0.3), Quality(number), [])
    {
        Provenance = new()
        {
            Template = "Sample",
            TemplateHash = "sha256-voxels:00",
            InputHash = ContentHash.Of(volume),
            Parameters = new Dictionary<string,
                object?>
            { ["Spacing"] = 2.0, ["BiasCorrection"] = true, ["Harmonization"] = "ZScore", ["Nothing"] = null, ["Third"] = 1 / 3.0 },
        },
    };

    public static QualityRecord Quality(double number) => TestVolume.GoodQuality with
    {
        TemplateCorrelation = number,
        TemplateOverlap = number + 1,
        BrainMillilitres = number + 2,
        ScaleX = number + 3,
        ScaleY = number + 4,
        ScaleZ = number + 5,
        ShearDegrees = number + 6,
        SignalToNoise = number + 7,
        Coverage = number + 8,
        RotationDegrees = number + 9,
    };

    public static void AssertSame(PreprocessedVolume expected, PreprocessedVolume actual)
    {
        var (a, b) = (expected.ReadBrain(default), actual.ReadBrain(default));
        Assert.Equal(a.Voxels.Geometry, b.Voxels.Geometry);
        Assert.Equal(a.Voxels.Voxels.Select(BitConverter.SingleToUInt32Bits), b.Voxels.Voxels.Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal(a.Mask.Voxels, b.Mask.Voxels);
        Assert.Equal(expected.TemplateToScan, actual.TemplateToScan);
        Assert.Equal(expected.Template, actual.Template);
        Assert.Equivalent(expected.QualityRecord, actual.QualityRecord, strict: true);
        Assert.Equal(expected.Provenance, actual.Provenance);
        Assert.NotNull(actual.Provenance);
    }
}
