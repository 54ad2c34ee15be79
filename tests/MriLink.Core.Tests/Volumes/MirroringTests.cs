using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

public sealed class MirroringTests
{
    [Fact]
    public void Every_voxel_takes_what_lies_opposite_of_the_middle_of_the_world()
    {
        // Along x at -4, -2, 0, 2, 4 mm.
        var volume = new Volume(new(new(5, 1, 2), Affine.FromTranslation(-4, 7, 9) * Affine.FromScale(2, 2, 2)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

        Assert.Equal([5, 4, 3, 2, 1, 10, 9, 8, 7, 6], Mirroring.Of(volume).Voxels);
        Assert.Equal(volume.Voxels, Mirroring.Of(Mirroring.Of(volume)).Voxels);
    }

    [Fact]
    public void What_lies_opposite_of_nothing_is_nothing()
    {
        // At -2, 0, 2, 4 mm: the last has no voxel opposite, and the first none beyond.
        var grid = new VolumeGeometry(new(4, 1, 1), Affine.FromTranslation(-2, 0, 0) * Affine.FromScale(2, 2, 2));

        Assert.Equal([3, 2, 1, 0], Mirroring.Of(new Volume(grid, [1, 2, 3, 4])).Voxels);
        Assert.Equal([false, true, true, false], Mirroring.Of(new Mask(grid, [true, true, false, true])).Voxels);
    }

    [Fact]
    public void A_grid_that_lies_askew_is_refused()
    {
        var askew = new VolumeGeometry(new(2, 2, 2), Affine.FromRotation(0, 0, 0.1));

        Assert.Contains("Invoke-MriPreprocess",
            Assert.Throws<InvalidOperationException>(() => Mirroring.Of(new Volume(askew, new float[8]))).Message, StringComparison.Ordinal);
    }
}
