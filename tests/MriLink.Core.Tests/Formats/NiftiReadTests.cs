using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class NiftiReadTests
{
    public static TheoryData<string> Names => [.. NiftiFixtures.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_reads_as_nibabel_reads_it(string name)
    {
        var expected = NiftiFixtures.Of(name);

        var volume = NiftiFixtures.Read(NiftiFixtures.PathOf(name));

        Check(volume, expected.Shape, expected.Affine, expected.Voxels, scaled: name.StartsWith("scaling/", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_turned_to_canonical_axes_is_what_nibabel_makes_of_it(string name)
    {
        var expected = NiftiFixtures.Of(name);
        var path = NiftiFixtures.PathOf(name);
        var scaled = name.StartsWith("scaling/", StringComparison.Ordinal);

        var turned = Reorientation.ToCanonical(NiftiFixtures.Read(path));
        var readTurned = NiftiFixtures.Read(path, new(Reorient: true));

        Check(turned, expected.CanonicalShape, expected.CanonicalAffine, expected.CanonicalVoxels, scaled);
        Assert.Equal(turned.Voxels, readTurned.Voxels);
        Assert.Equal(turned.Geometry, readTurned.Geometry);
    }

    [Fact]
    public void The_second_part_of_a_pair_leads_to_the_same_volume()
    {
        var header = VolumeFormats.ReadHeader(NiftiFixtures.PathOf("containers/zipped.img.gz"));

        Assert.Equal([NiftiFixtures.PathOf("containers/zipped.hdr.gz"), NiftiFixtures.PathOf("containers/zipped.img.gz")], header.Files);
        Assert.Equal(VolumeFormats.ReadHeader(NiftiFixtures.PathOf("containers/zipped.hdr.gz")).Geometry, header.Geometry);
    }

    [Theory]
    [InlineData("forms/neither.nii", true)]
    [InlineData("forms/qform-small+.nii", false)]
    [InlineData("forms/sform-only.nii", false)]
    public void Only_a_geometry_that_had_to_be_assumed_is_warned_about(string name, bool warned) =>
        Assert.Equal(warned, VolumeFormats.ReadHeader(NiftiFixtures.PathOf(name)).Warnings.Count > 0);

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(3, 0.001)]
    [InlineData(0, 1)]
    public void Coordinates_in_metres_and_micrometres_become_millimetres(byte units, double factor)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed("forms/qform-small+.nii", bytes => bytes[123] = units);
        var plain = VolumeFormats.ReadHeader(NiftiFixtures.PathOf("forms/qform-small+.nii")).Geometry;

        var converted = VolumeFormats.ReadHeader(path).Geometry;

        // Relative to the factor: nothing but one multiplication in double precision.
        Assert.Equal(plain.Spacing.X * factor, converted.Spacing.X, 1e-9 * factor);
        Assert.Equal(plain.VoxelToWorld.M14 * factor, converted.VoxelToWorld.M14, 1e-9 * factor);
    }

    [Fact]
    public void The_embedded_template_is_the_volume_that_nibabel_reads()
    {
        var template = Templates.Template.Colin27;

        // Facts from nibabel about the two embedded files: affine, sums, single voxels.
        Assert.Equal(new GridSize(181, 217, 181), template.Head.Size);
        Assert.Equal(Affine.FromTranslation(-90, -125, -71), template.Head.Geometry.VoxelToWorld);
        Assert.Equal(317151210.0, template.Head.Voxels.Sum(v => (double)v));
        Assert.Equal(1737193, template.BrainMask.Count);
        Assert.Equal(107f, template.Head[60, 100, 90]);
        Assert.Equal(113f, template.Head[120, 40, 70]);
    }

    private static void Check(Volume volume, int[] shape, double[] affine, double[] voxels, bool scaled)
    {
        Assert.Equal(new GridSize(shape[0], shape[1], shape[2]), volume.Size);

        // 1e-5 mm: headers keep coordinates of up to 100 mm as floats, whose step is 8e-6 there, and nibabel reads the same floats.
        Assert.InRange(NiftiFixtures.WorldDistance(volume.Size, volume.Geometry.VoxelToWorld, Affine.FromRows(affine)), 0, 1e-5);

        // Stored numbers are exact up to the one rounding to float. For scaled ones nibabel may round in another place: two floats apart.
        var largest = voxels.Max(Math.Abs);
        for (var i = 0; i < voxels.Length; i++)
        {
            if (scaled)
            {
                Assert.Equal(voxels[i], volume.Voxels[i], largest * 2.4e-7);
            }
            else
            {
                Assert.Equal((float)voxels[i], volume.Voxels[i]);
            }
        }
    }
}
