using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>Empties everything but the brain and a margin around it.</summary>
internal sealed class SkullStripping(MitigationKind kind, double margin) : IMitigation
{
    public MitigationKind Kind => kind;

    public double Strength => margin;

    public string? WhyNot(MitigationTarget scan) => scan.IsStripped ? "is stripped already" : null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var kept = margin > 0 ? DistanceTransform.Dilate(scan.Brain, margin, work) : scan.Brain;
        var voxels = (float[])scan.Volume.Voxels.Clone();
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = kept.Voxels[i] ? voxels[i] : scan.Background;
        }

        return new(scan.Volume.Geometry, voxels);
    }
}
