using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Keeps scans whose preprocessing failed out of decisions.</summary>
/// <remarks>What came out of a failed preprocessing is no aligned brain: its scores mean nothing, and would be taken for impostors'.</remarks>
internal static class FailedScans
{
    /// <summary>The volumes whose quality verdict is not Fail.</summary>
    /// <param name="volumes">The volumes; those that are not preprocessed have no verdict and stay.</param>
    /// <param name="tell">Told about each that is left out.</param>
    public static MriScan[] LeaveOut(MriScan[] volumes, Action<string> tell)
    {
        foreach (var volume in volumes.Where(HasFailed))
        {
            tell($"{volume.Name} is left out, its preprocessing failed: {string.Join("; ", ((PreprocessedVolume)volume).QualityRecord.Reasons)}. "
                + $"-IncludeFailed compares it all the same.");
        }

        return [.. volumes.Where(v => !HasFailed(v))];
    }

    private static bool HasFailed(MriScan volume) => volume is PreprocessedVolume brain && brain.QualityRecord.GetVerdict() == QualityVerdict.Fail;
}
