namespace MriLink.Core.Preprocessing.Records;

/// <summary>What a scan's contrast looks like, by the order in which its tissues are bright.</summary>
public enum ScanContrast
{
    /// <summary>It was not measured, or tells no order.</summary>
    Unknown,

    /// <summary>White matter over grey matter over fluid.</summary>
    T1Weighted,

    /// <summary>Grey matter over white matter, fluid dark: fluid-attenuated inversion recovery.</summary>
    Flair,

    /// <summary>Fluid over grey matter over white matter.</summary>
    T2Weighted,
}
