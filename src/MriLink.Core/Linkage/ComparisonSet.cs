using System.Runtime.CompilerServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>Scored pairs of one measure whose participants are known, sorted out for evaluation.</summary>
/// <remarks>
/// A scan is its file, or its identity object where it never was one. Pairs of a scan with itself are left out. For verification the pair
/// (a, b) is the pair (b, a): where both were scored their mean counts once. For identification each probe searches what it was compared
/// with.
/// </remarks>
public sealed class ComparisonSet
{
    private readonly List<Search> _searches = [];

    private ComparisonSet(string metric, bool higherIsBetter) => (Metric, HigherIsBetter) = (metric, higherIsBetter);

    /// <summary>The measure's name.</summary>
    public string Metric { get; }

    /// <summary>The kind of pair, by name (<see cref="ContrastKind.Name"/>); null where there are several.</summary>
    public string? Contrasts { get; private set; }

    /// <summary>Whether a larger score means more alike.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>How the scores were normalised.</summary>
    public CohortNormalization Normalization { get; private init; }

    /// <summary>Scores of pairs of one person, each unordered pair once.</summary>
    public IReadOnlyList<double> GenuineScores => [.. Pairs.Where(p => p.IsGenuine).Select(p => p.Score)];

    /// <summary>Scores of pairs of two people, each unordered pair once.</summary>
    public IReadOnlyList<double> ImpostorScores => [.. Pairs.Where(p => !p.IsGenuine).Select(p => p.Score)];

    /// <summary>Labels of the participants.</summary>
    public IReadOnlyList<string> Participants { get; private set; } = [];

    /// <summary>Scans on the gallery's side.</summary>
    public int GalleryScans { get; private set; }

    /// <summary>The part of all pairs of a probe and a gallery scan (but itself) that have a score.</summary>
    public double Completeness { get; private set; }

    /// <summary>Each unordered pair once.</summary>
    internal IReadOnlyList<Pair> Pairs { get; private set; } = [];

    /// <summary>What each probe was compared with.</summary>
    internal IReadOnlyList<Search> Searches => _searches;

    /// <summary>Sorts pairs of one measure.</summary>
    /// <exception cref="ArgumentException">The pairs are of several measures or normalisations.</exception>
    public static ComparisonSet From(IEnumerable<ScoredPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var given = pairs as IReadOnlyCollection<ScoredPair> ?? [.. pairs];
        ComparisonSet? set = null;
        var scans = new Dictionary<object, (int Scan, int Person)>(ScanKeys.Instance);

        // By label, so that what is drawn for a person does not depend on the order of the pairs.
        var labels = given.SelectMany(p => new[] { p.Probe.Participant, p.Gallery.Participant }).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToArray();
        var people = Enumerable.Range(0, labels.Length).ToDictionary(i => labels[i], StringComparer.Ordinal);
        var unordered = new Dictionary<(int First, int Second), (double Sum, int Count)>();
        var personOf = new List<int>();
        var searches = new Dictionary<int, Search>();
        var gallery = new HashSet<int>();
        var scored = new HashSet<(int Probe, int Gallery)>();
        foreach (var pair in given)
        {
            set ??= new(pair.Metric, pair.HigherIsBetter) { Normalization = pair.Normalization };
            if (!string.Equals(set.Metric, pair.Metric, StringComparison.Ordinal) || set.Normalization != pair.Normalization)
            {
                throw new ArgumentException(
                    $"The pairs are of several measures or normalisations: {set.Metric} {set.Normalization}, {pair.Metric} {pair.Normalization}.",
                    nameof(pairs));
            }

            var (probe, probePerson) = Number(pair.Probe);
            var (other, otherPerson) = Number(pair.Gallery);
            gallery.Add(other);
            if (probe == other || !scored.Add((probe, other)))
            {
                continue;
            }

            if (!searches.TryGetValue(probe, out var search))
            {
                searches.Add(probe, search = new(probe, probePerson));
                set._searches.Add(search);
            }

            search.Add(otherPerson, pair.Score, set.HigherIsBetter);
            var key = probe < other ? (probe, other) : (other, probe);
            var sum = unordered.GetValueOrDefault(key);
            unordered[key] = (sum.Sum + pair.Score, sum.Count + 1);
        }

        if (set is null)
        {
            return new(string.Empty, higherIsBetter: true);
        }

        set.Contrasts = given.Select(pair => pair.Kind).Distinct().ToArray() is [var only] ? only.Name : null;
        set.Participants = labels;
        set.GalleryScans = gallery.Count;
        set.Completeness = scored.Count / (double)Math.Max(1, set._searches.Sum(s => gallery.Count - (gallery.Contains(s.Scan) ? 1 : 0)));
        set.Pairs = [.. unordered.Select(u => new Pair(personOf[u.Key.First], personOf[u.Key.Second], u.Value.Sum / u.Value.Count))];
        return set;

        (int Scan, int Person) Number(ScanIdentity scan)
        {
            object key = scan.Path is null ? scan : scan.Path;
            if (!scans.TryGetValue(key, out var known))
            {
                var person = people[scan.Participant];
                scans.Add(key, known = (scans.Count, person));
                personOf.Add(person);
            }

            return known;
        }
    }

    /// <summary>Two scans and how alike they are.</summary>
    internal readonly record struct Pair(int First, int Second, double Score)
    {
        /// <summary>Whether both are of one person.</summary>
        public bool IsGenuine => First == Second;
    }

    /// <summary>A probe and the best score it has with each person of the gallery.</summary>
    internal sealed class Search(int scan, int person)
    {
        private readonly Dictionary<int, double> _best = [];

        /// <summary>The probe.</summary>
        public int Scan { get; } = scan;

        /// <summary>Whose scan it is.</summary>
        public int Person { get; } = person;

        /// <summary>Whether the probe's person is in the gallery.</summary>
        public bool IsMated => _best.ContainsKey(Person);

        /// <summary>The best score with the probe's own person.</summary>
        public double Mate => _best[Person];

        /// <summary>The best score with anybody else, or null when there is nobody.</summary>
        public double? BestOther(bool higherIsBetter)
        {
            double? best = null;
            foreach (var (other, score) in _best)
            {
                best = other == Person ? best : best is { } b && IsBetter(b, score, higherIsBetter) ? b : score;
            }

            return best;
        }

        /// <summary>The probe's own person's place among the gallery's people; those that score as well come first.</summary>
        public int Rank(bool higherIsBetter) => 1 + _best.Count(b => b.Key != Person && !IsBetter(Mate, b.Value, higherIsBetter));

        /// <summary>Notes a score.</summary>
        public void Add(int galleryPerson, double score, bool higherIsBetter)
        {
            if (!_best.TryGetValue(galleryPerson, out var best) || IsBetter(score, best, higherIsBetter))
            {
                _best[galleryPerson] = score;
            }
        }

        private static bool IsBetter(double score, double other, bool higherIsBetter) => higherIsBetter ? score > other : score < other;
    }

    // Paths by their text, identities without a path by the object.
    private sealed class ScanKeys : IEqualityComparer<object>
    {
        public static ScanKeys Instance { get; } = new();

        public new bool Equals(object? x, object? y) => x is string a && y is string b
            ? string.Equals(a, b, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
            : ReferenceEquals(x, y);

        public int GetHashCode(object obj) => obj is string path
            ? string.GetHashCode(path, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)
            : RuntimeHelpers.GetHashCode(obj);
    }
}
