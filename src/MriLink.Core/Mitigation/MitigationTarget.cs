using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>A scan to be mitigated, and what a custodian knows of it: where its brain is.</summary>
public sealed class MitigationTarget
{
    private readonly Mask? _tissue;
    private readonly Lazy<float> _brainIntensity;

    private MitigationTarget(ScanIdentity identity, Volume volume, Mask brain, Affine templateToScan, Mask? tissue, float background, long seed)
    {
        (Identity, Volume, Brain, TemplateToScan, _tissue, Background, Seed) = (identity, volume, brain, templateToScan, tissue, background, seed);
        _brainIntensity = new(() => Percentiles.Of(Volume.Voxels, Brain.Voxels, 0.5, 0.5).Low);
    }

    /// <summary>Whose scan it is.</summary>
    public ScanIdentity Identity { get; }

    /// <summary>The scan as it is.</summary>
    public Volume Volume { get; }

    /// <summary>The brain on the scan's own grid.</summary>
    public Mask Brain { get; }

    /// <summary>World mm of the template to world mm of the scan.</summary>
    public Affine TemplateToScan { get; }

    /// <summary>Whether the scan has been stripped already.</summary>
    public bool IsStripped => _tissue is not null;

    /// <summary>What stands for nothing: the lowest intensity, or in a stripped scan that of its empty part.</summary>
    public float Background { get; }

    /// <summary>The brain's median intensity.</summary>
    public float BrainIntensity => _brainIntensity.Value;

    /// <summary>Whatever is random follows from it; scans have different ones.</summary>
    public long Seed { get; }

    /// <summary>Finds out about a scan.</summary>
    /// <param name="volume">The scan as it is.</param>
    /// <param name="baseline">What preprocessing made of it: where its brain lies.</param>
    /// <param name="seed">What the random seeds of all scans follow from.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <exception cref="PreprocessingException">No voxel's larger part is brain.</exception>
    public static MitigationTarget Create(Volume volume, PreprocessedVolume baseline, long seed, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(baseline);
        var brain = Mask.FromVolume(Resampler.Resample(baseline.BrainMask, baseline.TemplateToScan.Inverse(), volume.Geometry, work), 0.5f);
        if (brain.Count == 0)
        {
            throw new PreprocessingException(baseline.Identity, "has no voxel that is mostly brain");
        }

        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var voxel in volume.Voxels)
        {
            (low, high) = (Math.Min(low, voxel), Math.Max(high, voxel));
        }

        Mask? tissue = null;
        var background = low;
        if (baseline.QualityRecord.InputStripped && StrippedInput.FindTissue(volume, high - low, work, out var empty) is { } found)
        {
            (tissue, background) = (found, empty);
        }

        return new(
            baseline.Identity, volume, brain, baseline.TemplateToScan, tissue, background,
            RandomStream.Derive(seed, SeedUse.Mitigation, RandomStream.KeyOf(baseline.Identity.Name)));
    }

    /// <summary>Empties what is empty in a stripped scan: a release of brains stays one.</summary>
    internal void KeepBackground(float[] voxels)
    {
        for (var i = 0; i < voxels.Length && _tissue is not null; i++)
        {
            voxels[i] = _tissue.Voxels[i] ? voxels[i] : Background;
        }
    }
}
