using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Engines;

/// <summary>
/// Who does the numerical work of reading and preprocessing: this library itself, or another one that an auditor trusts more. All
/// that engines may differ in is here; brain extraction, harmonisation and quality control are the same for every one.
/// </summary>
/// <remarks>Safe for use from several threads.</remarks>
public abstract class PreprocessingEngine
{
    private protected PreprocessingEngine(string name, string? version)
    {
        Name = name;
        Version = version;
    }

    /// <summary>The engine that is always there.</summary>
    public static PreprocessingEngine BuiltIn { get; } = new BuiltInEngine();

    /// <summary>The name users know it by.</summary>
    public string Name { get; }

    /// <summary>The version of the library behind it; null for the one that has the version of MriLink.</summary>
    public string? Version { get; }

    /// <summary>Starts reading the volumes among many files, each once.</summary>
    /// <param name="volume">Which of several volumes in a file, from 0 on; null for the first, with a warning if there are others.</param>
    public abstract IHeaderReader CreateHeaderReader(int? volume);

    /// <summary>The natural logarithm of the bias field (N4) at each voxel of <paramref name="head"/>.</summary>
    /// <param name="head">The scan on the template's working grid.</param>
    /// <param name="mask">Where tissue is, on the same grid; holds a positive voxel.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <exception cref="EngineException">The engine fails.</exception>
    internal abstract Volume EstimateLogField(Volume head, Mask mask, WorkOptions work);

    /// <summary>Finds the affine map that lays a scan over the template, wherever and however the head lies.</summary>
    /// <param name="template">The template.</param>
    /// <param name="scan">A raw head, or a stripped brain with zeros around it.</param>
    /// <param name="stripped">Which of them it is.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <returns>World mm (RAS+) of the template to world mm of the scan, and how sure that is.</returns>
    /// <exception cref="EngineException">The engine fails.</exception>
    internal abstract FoundPose FindPose(PreparedTemplate template, Volume scan, bool stripped, WorkOptions work);

    /// <summary>Improves a map that is nearly right: the scan is on the template's working grid already.</summary>
    /// <param name="template">The template.</param>
    /// <param name="scan">A raw head, or a brain with zeros around it, smoothed, on the working grid.</param>
    /// <param name="seen">Where on that grid the scan shows anything; everywhere when null.</param>
    /// <param name="stripped">Whether the scan is a brain alone.</param>
    /// <param name="model">Which maps are allowed.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <returns>World mm (RAS+) of the template to world mm of <paramref name="scan"/>.</returns>
    /// <exception cref="EngineException">The engine fails.</exception>
    internal abstract Affine Align(PreparedTemplate template, Volume scan, Mask? seen, bool stripped, TransformModel model, WorkOptions work);

    /// <summary>Brings intensities onto another grid: linear interpolation, averaged over output voxels that are larger than the input's.</summary>
    /// <param name="source">What to sample.</param>
    /// <param name="targetToSource">World mm of the target to world mm of the source.</param>
    /// <param name="target">The grid to fill.</param>
    /// <param name="region">Which voxels to fill; the others stay 0. All when null.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <exception cref="EngineException">The engine fails.</exception>
    internal abstract Volume Resample(Volume source, Affine targetToSource, VolumeGeometry target, Mask? region, WorkOptions work);

    /// <summary>Name and version, as provenance records them.</summary>
    public sealed override string ToString() => Version is null ? Name : $"{Name} {Version}";
}
