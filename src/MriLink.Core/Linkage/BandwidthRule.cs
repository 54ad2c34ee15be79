namespace MriLink.Core.Linkage;

/// <summary>How the width of a density estimate's kernel is chosen.</summary>
public enum BandwidthRule
{
    /// <summary>Sheather and Jones 1991 (J R Stat Soc B 53:683): solves for the width from the data's own curvature.</summary>
    SheatherJones,

    /// <summary>Silverman 1986, eq. 3.31: 0.9 times the smaller of standard deviation and interquartile range / 1.34, times n^(−1/5).</summary>
    Silverman,
}
