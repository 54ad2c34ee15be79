using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

public sealed class AffineTests
{
    [Fact]
    public void A_map_followed_by_its_inverse_changes_nothing()
    {
        var map = Affine.FromTranslation(3, -7, 11) * Affine.FromRotation(0.3, -0.2, 0.9) * Affine.FromScale(1.1, 0.8, 2);
        var point = new Point3(12.5, -40, 7);

        var back = map.Inverse().Apply(map.Apply(point));

        // Double precision on numbers of some tens: a millionth of a millimetre is ten thousand times the rounding.
        Assert.True((back - point).Length < 1e-6, $"came back to {back}");
    }

    [Fact]
    public void Rotation_about_z_turns_right_into_anterior()
    {
        var turned = Affine.FromRotation(0, 0, Math.PI / 2).Apply(new(1, 0, 0));

        Assert.Equal(0, turned.X, 12);
        Assert.Equal(1, turned.Y, 12);
        Assert.Equal(0, turned.Z, 12);
    }

    [Theory]
    [InlineData(1, 1, 1, "RAS")]
    [InlineData(-1, 1, 1, "LAS")]
    [InlineData(-1, -1, 1, "LPS")]
    public void Orientation_follows_the_signs_of_the_axes(double x, double y, double z, string expected) =>
        Assert.Equal(expected, AxisOrientation.Describe(Affine.FromScale(x, y, z)));

    [Fact]
    public void Orientation_of_a_sagittal_scan_names_its_fastest_axis_first()
    {
        // Axes: posterior, superior, right, as IXI's volumes are stored.
        var sagittal = new Affine(0, 0, 2, 0, -2, 0, 0, 0, 0, 2, 0, 0);

        Assert.Equal("PSR", AxisOrientation.Describe(sagittal));
    }
}
