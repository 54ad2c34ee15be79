using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>Adds independent normal noise to every voxel; a stripped scan stays empty where it is.</summary>
internal sealed class NoiseAddition(MitigationKind kind, double percent) : IMitigation
{
    public MitigationKind Kind => kind;

    public double Strength => percent;

    public string? WhyNot(MitigationTarget scan) => null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var size = scan.Volume.Size;
        var plane = size.X * size.Y;
        var deviation = percent / 100 * Math.Abs(scan.BrainIntensity - scan.Background);
        var voxels = (float[])scan.Volume.Voxels.Clone();
        work.ForBlocks(size.Z, z =>
        {
            // Each slice has its own stream, whichever thread takes it.
            var random = RandomStream.For(scan.Seed, SeedUse.Noise, z);
            var slice = voxels.AsSpan(z * plane, plane);
            for (var i = 0; i < slice.Length; i += 2)
            {
                var (first, second) = random.NextNormalPair();
                slice[i] += (float)(first * deviation);
                if (i + 1 < slice.Length)
                {
                    slice[i + 1] += (float)(second * deviation);
                }
            }
        });
        scan.KeepBackground(voxels);
        return new(scan.Volume.Geometry, voxels);
    }
}
