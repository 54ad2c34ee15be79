using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// Leaves so many bits of grey, in even steps from the lowest intensity to the 99.9th percentile; what is brighter gets the top level.
/// </summary>
internal sealed class Quantization(MitigationKind kind, double bits) : IMitigation
{
    // A single bright vessel or fat should not take the levels from the brain.
    private const double Top = 0.999;

    public MitigationKind Kind => kind;

    public double Strength => bits;

    public string? WhyNot(MitigationTarget scan) => null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var steps = (float)Math.Round(Math.Pow(2, bits)) - 1;
        var voxels = (float[])scan.Volume.Voxels.Clone();
        var low = voxels.Min();
        var high = Percentiles.Of(voxels, Top);
        var step = Math.Max((high - low) / steps, float.Epsilon);

        // The percentile has changed the order, so from the scan's own voxels again.
        var source = scan.Volume.Voxels;
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = low + (Math.Min(MathF.Round((source[i] - low) / step), steps) * step);
        }

        work.CancellationToken.ThrowIfCancellationRequested();
        return new(scan.Volume.Geometry, voxels);
    }
}
