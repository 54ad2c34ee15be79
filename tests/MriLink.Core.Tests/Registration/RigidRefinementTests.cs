using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Registration;

public class RigidRefinementTests
{
    private const double Degree = Math.PI / 180;

    // A hundredth of a voxel without noise. With a tenth of the spots' own deviation as noise, the formula's few and broad spots
    // tell a place to some 0.05 mm (over six seeds); twice that is allowed.
    private const double Exact = 0.02;
    private const double Noise = 0.1;
    private const double Noisy = 0.1;

    public static TheoryData<double, double, double, double, double, double> Offsets => new()
    {
        { 3, 0, 0, 0, 0, 0 },
        { 0, -2.5, 0, 0, 0, 0 },
        { 0, 0, 1, 0, 0, 0 },
        { 0, 0, 0, 3, 0, 0 },
        { 0, 0, 0, 0, -3, 0 },
        { 0, 0, 0, 0, 0, 2 },
        { 1.7, -2.1, 2.6, -2, 2.5, 3 },
    };

    [Theory]
    [MemberData(nameof(Offsets))]
    public void RecoversAKnownOffset(double x, double y, double z, double aboutX, double aboutY, double aboutZ)
    {
        // The candidate shows at truth(p) what the probe shows at p.
        var truth = Affine.FromTranslation(x, y, z) * Affine.FromRotation(aboutX * Degree, aboutY * Degree, aboutZ * Degree);
        var probe = Prepare(Affine.Identity);
        Assert.InRange(Blobs.Error(Align(probe, Prepare(truth.Inverse())).ProbeToCandidate, truth), 0, Exact);
        var noisy = Align(Prepare(Affine.Identity, noise: Noise, seed: 1), Prepare(truth.Inverse(), noise: Noise, seed: 2));
        Assert.True(noisy.Converged);
        Assert.InRange(Blobs.Error(noisy.ProbeToCandidate, truth), 0, Noisy);
    }

    [Fact]
    public void TheMapGoesFromProbeToCandidate()
    {
        // Everything in the candidate lies 2 mm farther to the right: a formula drawn at x − 2.
        var result = Align(Prepare(Affine.Identity), Prepare(Affine.FromTranslation(-2, 0, 0)));
        Assert.Equal(2, result.ProbeToCandidate.Apply(new(10, -20, 5)).X - 10, Exact);
        Assert.True(result.Correlation > 0.99 && result.InitialCorrelation < 0.99, result.ToString());
    }

    [Fact]
    public void TurnsByTheRightHandRule()
    {
        var turned = Affine.FromRotation(0, 0, 3 * Degree);
        var result = Align(Prepare(Affine.Identity), Prepare(turned.Inverse()));

        // About +z from above, what lies ahead (+y) goes to the left (−x).
        Assert.Equal(-40 * Math.Sin(3 * Degree), result.ProbeToCandidate.Apply(new(0, 40, 0)).X, 0.05);
        Assert.Equal(3, result.RotationDegrees, 0.02);
    }

    [Fact]
    public void IsRigid()
    {
        // Another size is not to be taken out.
        var map = Align(Prepare(Affine.Identity), Prepare(Affine.FromScale(1.02, 1.02, 1.02))).ProbeToCandidate;
        Assert.Equal(1, map.Determinant, 1e-9);
        Assert.Equal(new(1, 1, 1), Rounded(map.ColumnLengths));

        static Point3 Rounded(Point3 p) => new(Math.Round(p.X, 9), Math.Round(p.Y, 9), Math.Round(p.Z, 9));
    }

    [Fact]
    public void BothDirectionsAgree()
    {
        var (a, b) = (Prepare(Affine.Identity, Noise, 1), Prepare(Affine.FromTranslation(1, 2, -1) * Affine.FromRotation(0.02, 0.03, -0.02), Noise, 2));
        Assert.InRange(Blobs.Error(Align(a, b).ProbeToCandidate * Align(b, a).ProbeToCandidate, Affine.Identity), 0, Noisy);
    }

    [Fact]
    public void CaresForNeitherGainNorOffsetNorGridOfTheCandidate()
    {
        var truth = Affine.FromTranslation(-1, 2, 1.5) * Affine.FromRotation(0.03, 0, -0.02);
        var probe = Prepare(Affine.Identity);
        var (volume, mask) = Blobs.Draw(truth.Inverse());
        var first = Align(probe, RefinementVolume.Prepare(volume, mask));
        var scaled = new Volume(volume.Geometry, Array.ConvertAll(volume.Voxels, v => (250 * v) + 1000));
        Assert.InRange(Blobs.Error(Align(probe, RefinementVolume.Prepare(scaled, mask)).ProbeToCandidate, first.ProbeToCandidate), 0, 1e-3);

        var otherGrid = new VolumeGeometry(new(50, 46, 52), Affine.FromTranslation(45, -49, 47) * new Affine(0, -2, 0, 0, 2, 0, 0, 0, 0, 0, -2, 0));
        var (turned, turnedMask) = Blobs.Draw(truth.Inverse(), otherGrid);
        Assert.InRange(Blobs.Error(Align(probe, RefinementVolume.Prepare(turned, turnedMask)).ProbeToCandidate, truth), 0, Exact);
    }

    [Fact]
    public void LooksAtNothingOutsideTheMasks()
    {
        var truth = Affine.FromTranslation(1, -2, 1);
        var (volume, mask) = Blobs.Draw(truth.Inverse());
        var clean = Align(Prepare(Affine.Identity), RefinementVolume.Prepare(volume, mask));
        var littered = new Volume(volume.Geometry, [.. volume.Voxels.Select((v, i) => mask.Voxels[i] ? v : 1e6f * (i % 3))]);
        Assert.Equal(clean, Align(Prepare(Affine.Identity), RefinementVolume.Prepare(littered, mask)));
    }

    [Fact]
    public void StaysPutWhereThereIsNothingToFind()
    {
        var probe = Prepare(Affine.Identity);
        Assert.InRange(Blobs.Error(Align(probe, probe).ProbeToCandidate, Affine.Identity), 0, 1e-3);

        // No overlap, and a flat candidate: nothing to go by, and said so.
        foreach (var candidate in (RefinementVolume[])[Prepare(Affine.FromTranslation(52, 0, 0)), Flat()])
        {
            var result = Align(probe, candidate);
            Assert.False(result.Converged);
            Assert.Equal(Affine.Identity, result.ProbeToCandidate);
            Assert.Equal(result.InitialCorrelation, result.Correlation);
        }

        static RefinementVolume Flat()
        {
            var (volume, mask) = Blobs.Draw(Affine.Identity);
            return RefinementVolume.Prepare(new(volume.Geometry, new float[volume.Voxels.Length]), mask);
        }
    }

    [Fact]
    public void RefusesWhatCannotBePrepared()
    {
        var (volume, mask) = Blobs.Draw(Affine.Identity);
        Assert.Throws<ArgumentException>(() => RefinementVolume.Prepare(volume, new(mask.Geometry, new bool[mask.Voxels.Length])));
        Assert.Throws<ArgumentException>(() => RefinementVolume.Prepare(volume, new(new(new(2, 2, 2), Affine.Identity), new bool[8])));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => RigidRefinement.Align(Prepare(Affine.Identity), Prepare(Affine.Identity), stopped.Token));
    }

    [Fact]
    public void ResamplesOntoTheProbesGrid()
    {
        var truth = Affine.FromTranslation(1.3, -0.9, 0.7) * Affine.FromRotation(0.02, -0.03, 0.04);
        var (expected, expectedMask) = Blobs.Draw(Affine.Identity);
        var (volume, mask) = RigidRefinement.Resample(Prepare(truth.Inverse()), truth, Blobs.Grid);
        Assert.True(mask.Dice(expectedMask) > 0.985, $"Dice {mask.Dice(expectedMask)}");

        // A spot of 4 mm (two voxels) is nothing to a cubic spline; beside the mask's edge, where the brain is only made to
        // go on, it errs by more. A half-voxel shift would be off by 0.2 on average.
        var errors = expected.Voxels.Select((v, i) => Math.Abs(v - volume.Voxels[i])).Where((_, i) => mask.Voxels[i] && expectedMask.Voxels[i]).Order().ToArray();
        Assert.InRange(errors[errors.Length / 2], 0, 0.002);
        Assert.InRange(errors.Average(), 0, 0.02);
        Assert.All(Enumerable.Range(0, mask.Voxels.Length).Where(i => !mask.Voxels[i]), i => Assert.Equal(0, volume.Voxels[i]));
    }

    [Fact]
    public void ResamplingWithoutAMoveGivesTheBrainBack()
    {
        var (volume, mask) = Blobs.Draw(Affine.Identity, noise: 0.5);
        var (again, sameMask) = RigidRefinement.Resample(RefinementVolume.Prepare(volume, mask), Affine.Identity, Blobs.Grid);
        Assert.Equal(mask.Voxels, sameMask.Voxels);
        Assert.All(Enumerable.Range(0, mask.Voxels.Length).Where(i => mask.Voxels[i]), i => Assert.Equal(volume.Voxels[i], again.Voxels[i], 1e-4));
    }

    private static RefinementVolume Prepare(Affine map, double noise = 0, ulong seed = 1)
    {
        var (volume, mask) = Blobs.Draw(map, noise: noise, seed: seed);
        return RefinementVolume.Prepare(volume, mask);
    }

    private static RefinementResult Align(RefinementVolume probe, RefinementVolume candidate) =>
        RigidRefinement.Align(probe, candidate, TestContext.Current.CancellationToken);
}
