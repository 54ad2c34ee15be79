namespace MriLink.Core.Preprocessing;

/// <summary>How intensities of different scanners are brought to one scale.</summary>
public enum Harmonization
{
    /// <summary>Clipped at the 1st and 99th percentile within the mask, then mean 0 and standard deviation 1.</summary>
    ZScore,

    /// <summary>The whole distribution within the mask takes the template's shape.</summary>
    HistogramMatch,

    /// <summary>The deciles within the mask are mapped to the template's, linearly between them (Nyúl and Udupa 2000, IEEE TMI 19:143).</summary>
    Nyul,

    /// <summary>Intensities stay as they are.</summary>
    None,
}
