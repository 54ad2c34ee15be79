using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Calibration;

/// <summary>Scores of probes with a gallery in which only some of them have a mate, and who is who.</summary>
/// <param name="Scores">NCC, probes in rows.</param>
/// <param name="Probes">Whose scans the rows are.</param>
/// <param name="Gallery">Whose scans the columns are.</param>
internal sealed record OpenSetAudit(double[,] Scores, IReadOnlyList<ScanIdentity> Probes, IReadOnlyList<ScanIdentity> Gallery)
{
    /// <summary>Probes whose person is in the gallery.</summary>
    public int Mated { get; } = Probes.Count(p => Gallery.Any(g => string.Equals(Person(g), Person(p), StringComparison.Ordinal)));

    /// <summary>Each probe's best, judged at a false discovery rate, and what is to be known of how.</summary>
    public NotedList<ScanMatch> Match(double rate) => MatchFinder.Find(Scores, SimilarityMeasures.Find("NCC")!, Probes, Gallery, new() { FalseDiscoveryRate = rate });

    /// <summary>Whether a match is of one person: of one label but for what follows a stroke, which tells a person's labels apart.</summary>
    public static bool IsRight(ScanMatch match) => string.Equals(Person(match.Probe), Person(match.Gallery), StringComparison.Ordinal);

    private static string Person(ScanIdentity scan) => scan.Participant.Split('/')[0];
}
