namespace MriLink.Core.Linkage;

/// <summary>How scores are made comparable between scans that resemble everyone and scans that resemble no one.</summary>
/// <remarks>Auckenthaler, Carey and Lloyd-Thomas 2000 (Digital Signal Processing 10:42) for z and t; Kenny 2010 (Odyssey) for s.</remarks>
public enum CohortNormalization
{
    /// <summary>Scores are taken as the measure gives them.</summary>
    None,

    /// <summary>By mean and standard deviation of the gallery scan's scores with other people's probes.</summary>
    ZNorm,

    /// <summary>By mean and standard deviation of the probe's scores with other people's gallery scans.</summary>
    TNorm,

    /// <summary>The mean of both: symmetric.</summary>
    SNorm,
}
