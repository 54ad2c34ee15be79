namespace MriLink.Core.Volumes;

/// <summary>What a structural scan is weighted by.</summary>
public enum MriContrast
{
    /// <summary>T1-weighted: white matter over grey matter over fluid.</summary>
    T1w,

    /// <summary>T2-weighted: fluid over grey matter over white matter.</summary>
    T2w,

    /// <summary>T2-weighted with the fluid's signal suppressed by inversion recovery: grey matter over white matter, fluid dark.</summary>
    FLAIR,

    /// <summary>Weighted by proton density: grey matter a little over white matter, fluid like either.</summary>
    PD,
}
