namespace MriLink.Core.Formats.Inventory;

/// <summary>Decides by their names which volumes of a folder are taken.</summary>
internal sealed class Taking(InventoryOptions options)
{
    private const string Map = "is a mask, a label map or a map of tissues by its name.";

    // What BIDS calls volumes that are not T1-weighted: raw data, derivatives and maps of quantities.
    private static readonly HashSet<string> OtherSuffixes =
    [
        .. ("T2w PDw PDT2 FLAIR T2star T2starw inplaneT1 inplaneT2 angio defacemask MP2RAGE MPM MTS MTR MESE MEGRE VFA IRT1 TB1TFL TB1RFM TB1SRGE "
            + "TB1DAM TB1EPI TB1AFI TB1map RB1COR RB1map "
            + "T1map T2map T2starmap R1map R2map R2starmap PDmap MTRmap MTsat MTVmap MWFmap S0map M0map Chimap T1rho UNIDEN cbv bold sbref boldref "
            + "phase dwi dwiref epi fieldmap magnitude magnitude1 magnitude2 "
            + "phase1 phase2 phasediff asl m0scan pet swi svs mrsi xfm warp timeseries FA MD AD RD TEM PEM").Split(' '),
    ];

    private readonly IReadOnlyList<string> _wanted = options.Suffixes ?? InventoryOptions.T1Weighted;

    /// <summary>Why a volume is not taken, as the end of a sentence, or null when it is.</summary>
    public string? ReasonAgainst(VolumeGroup group)
    {
        if (options.TakesEverything)
        {
            return null;
        }

        var stem = VolumeFormats.GetStem(group.Files[0]);
        if (group.Dicom is null && NameWords.IsMap(
            stem, group.Files[0].EndsWith(".mgz", StringComparison.OrdinalIgnoreCase)
            || group.Files[0].EndsWith(".mgh", StringComparison.OrdinalIgnoreCase)))
        {
            return Map;
        }

        var name = BidsName.Parse(group.Files[0]);
        if (name["sub"] is null || _wanted.Contains(InventoryOptions.AllSuffixes, StringComparer.Ordinal)
            || name.Suffixes.Any(suffix => _wanted.Contains(suffix, StringComparer.OrdinalIgnoreCase)))
        {
            return null;
        }

        // A suffix that BIDS does not have may be anything: "brain", "defaced".
        var other = name.Suffixes.FirstOrDefault(OtherSuffixes.Contains);
        return options.Suffixes is null && other is null
            ? null
            : $"is a {other ?? (name.Suffixes.Count == 0 ? "volume without suffix" : name.Suffixes[0])} by its BIDS name; only "
                + $"{string.Join(", ", _wanted)} is taken (-Suffix takes others).";
    }
}
