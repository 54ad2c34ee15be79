namespace MriLink.Core.Volumes;

/// <summary>What makes tissues bright in a scan. Scans of one contrast are compared by intensities, scans of two by their edges.</summary>
public enum MriContrast
{
    /// <summary>T1-weighted: white matter over grey matter over fluid.</summary>
    T1w,

    /// <summary>T2-weighted: fluid over grey matter over white matter.</summary>
    T2w,

    /// <summary>Fluid-attenuated inversion recovery, T2-weighted: grey matter over white matter, fluid dark, lesions bright.</summary>
    FLAIR,

    /// <summary>Proton density: grey matter over white matter, fluid about as bright as grey matter.</summary>
    PD,
}
