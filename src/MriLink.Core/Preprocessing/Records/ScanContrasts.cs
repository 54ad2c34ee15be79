using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>Names of contrasts.</summary>
internal static class ScanContrasts
{
    /// <summary>The contrast that a file's name says by its BIDS suffix: <c>sub-12_FLAIR</c>; null where it says none of those there are.</summary>
    /// <remarks>What never was a file may say it by its identity: a simulated scan does.</remarks>
    public static MriContrast? NamedBy(ScanIdentity identity) => (identity.Path is null ? null : BidsName.Parse(identity.Path).Suffix) switch
    {
        "T1w" => MriContrast.T1w,
        "T2w" => MriContrast.T2w,
        "FLAIR" => MriContrast.FLAIR,
        "PDw" or "PD" => MriContrast.PD,
        _ => identity.Kind == MriContrast.T1w ? null : identity.Kind,
    };

    /// <summary>The contrast that a scan looks like; null where it looks like none.</summary>
    public static MriContrast? LikenessOf(ScanContrast seen) => seen switch
    {
        ScanContrast.T1Weighted => MriContrast.T1w,
        ScanContrast.T2Weighted => MriContrast.T2w,
        ScanContrast.Flair => MriContrast.FLAIR,
        _ => null,
    };
}
