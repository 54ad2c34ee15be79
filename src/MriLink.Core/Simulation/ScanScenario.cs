namespace MriLink.Core.Simulation;

/// <summary>In what a participant's later scans differ from the first. The first session is always <see cref="Standard"/>.</summary>
public enum ScanScenario
{
    /// <summary>The same scanner and protocol on another day: another pose, field and noise.</summary>
    Standard,

    /// <summary>Two years between sessions: slight atrophy and drift of shape.</summary>
    Interval,

    /// <summary>Another scanner: axes, gradient distortion, receive field, noise, gain and somewhat other contrast.</summary>
    Scanner,

    /// <summary>Axial slices of 3 mm instead of 1 mm voxels.</summary>
    Resolution,

    /// <summary>Another protocol: tissues in clearly other intensities, T1-weighted all the same.</summary>
    Protocol,

    /// <summary>Other contrasts on the same scanner: T2w, then FLAIR, then PD, then T1w again.</summary>
    Contrast,

    /// <summary>Three years with cognitive decline: the ventricles grow, the cortex thins.</summary>
    Decline,

    /// <summary>All at once, and a harsher pose: another database.</summary>
    AcrossDatabases,
}
