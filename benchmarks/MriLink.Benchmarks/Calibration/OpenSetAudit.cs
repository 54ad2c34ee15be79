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
    public int Mated { get; } = Probes.Count(p => Gallery.Any(g => string.Equals(g.Participant, p.Participant, StringComparison.Ordinal)));

    /// <summary>Links at a false discovery rate: how many are right, how many are not, and how many of these carry a remark.</summary>
    public (int Right, int Wrong, int Remarked) Link(double rate)
    {
        var links = MatchFinder.Find(Scores, SimilarityMeasures.Default, Probes, Gallery, new() { FalseDiscoveryRate = rate }).Where(m => m.IsMatch == true).ToList();
        var wrong = links.Where(m => !string.Equals(m.ProbeParticipant, m.GalleryParticipant, StringComparison.Ordinal)).ToList();
        return (links.Count - wrong.Count, wrong.Count, wrong.Count(m => m.Remark is not null));
    }
}
