using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Calibration;

/// <summary>Scores of probes with a gallery in which only some of them have a mate, and who is who.</summary>
/// <param name="Measure">What the scores are.</param>
/// <param name="Scores">Probes in rows.</param>
/// <param name="Probes">Whose scans the rows are.</param>
/// <param name="Gallery">Whose scans the columns are.</param>
internal sealed record OpenSetAudit(
    SimilarityMeasure Measure, double[,] Scores, IReadOnlyList<ScanIdentity> Probes, IReadOnlyList<ScanIdentity> Gallery)
{
    /// <summary>The scores' least and largest, of mates or of impostors.</summary>
    public (double Least, double Largest) Range(bool ofMates)
    {
        var scores = Enumerable.Range(0, Probes.Count).SelectMany(i => Enumerable.Range(0, Gallery.Count)
            .Where(j => ofMates == string.Equals(Person(Probes[i]), Person(Gallery[j]), StringComparison.Ordinal))
                .Select(j => Scores[i, j])).ToArray();
        return (scores.Min(), scores.Max());
    }

    /// <summary>An audit of so many people on either side, half of whom are on both; a scan of each.</summary>
    public OpenSetAudit Draw(int size, int seed)
    {
        var random = new Random(seed);
        var people = Gallery.Select(Person).Intersect(Probes.Select(Person), StringComparer.Ordinal).ToArray();
        random.Shuffle(people);
        var columns = people.Take(size).Select(p => First(Gallery, p)).ToArray();
        var rows = people.Skip(size / 2).Take(size).Select(p => First(Probes, p)).ToArray();
        var scores = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                scores[i, j] = Scores[rows[i], columns[j]];
            }
        }

        return new(Measure, scores, [.. rows.Select(i => Probes[i])], [.. columns.Select(j => Gallery[j])]);

        static int First(IReadOnlyList<ScanIdentity> scans, string person) =>
            Enumerable.Range(0, scans.Count).First(i => string.Equals(Person(scans[i]), person, StringComparison.Ordinal));
    }

    /// <summary>The part of an audit that these scans are.</summary>
    public OpenSetAudit Only(IEnumerable<ScanIdentity> probes, IEnumerable<ScanIdentity> gallery)
    {
        int[] rows = Places(Probes, probes), columns = Places(Gallery, gallery);
        var scores = new double[rows.Length, columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                scores[i, j] = Scores[rows[i], columns[j]];
            }
        }

        return new(Measure, scores, [.. rows.Select(i => Probes[i])], [.. columns.Select(j => Gallery[j])]);

        static int[] Places(IReadOnlyList<ScanIdentity> all, IEnumerable<ScanIdentity> some)
        {
            var wanted = some.ToHashSet<ScanIdentity>(ReferenceEqualityComparer.Instance);
            return [.. Enumerable.Range(0, all.Count).Where(i => wanted.Contains(all[i]))];
        }
    }

    /// <summary>Probes whose person is in the gallery.</summary>
    public int Mated { get; } = Probes.Count(p => Gallery.Any(g => string.Equals(Person(g), Person(p), StringComparison.Ordinal)));

    /// <summary>Each probe's best, judged at a false discovery rate, and what is to be known of how.</summary>
    public NotedList<ScanMatch> Match(double rate) => MatchFinder.Find(Scores, Measure, Probes, Gallery, new() { FalseDiscoveryRate = rate });

    /// <summary>The best pairs that are links at a rate: judged once, p-values tell it for every rate.</summary>
    public static IReadOnlyList<ScanMatch> Links(IReadOnlyList<ScanMatch> best, double rate)
    {
        var limit = FalseDiscovery.Limit([.. best.Select(m => m.PValue).Where(p => !double.IsNaN(p))], rate);
        return [.. best.Where(m => m.PValue <= limit)];
    }

    /// <summary>Whether a match is of one person: of one label but for what follows a stroke, which tells a person's labels apart.</summary>
    public static bool IsRight(ScanMatch match) => string.Equals(Person(match.Probe), Person(match.Gallery), StringComparison.Ordinal);

    private static string Person(ScanIdentity scan) => scan.Participant.Split('/')[0];
}
