using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;

namespace MriLink.Benchmarks.Linkage;

/// <summary>How far the scores of pairs of one person lie from those of strangers, as biometrics and forensic science say it.</summary>
internal sealed class ScoreSeparation
{
    private const int Replicates = 200;
    private const int Folds = 5;
    private const double Outside = 0.025;

    private readonly SimilarityMeasure _measure;
    private readonly Pair[] _pairs;
    private readonly double[] _genuine;
    private readonly double[] _impostor;

    /// <summary>Takes pairs that have a score, each unordered pair once.</summary>
    public ScoreSeparation(SimilarityMeasure measure, IEnumerable<Pair> pairs)
    {
        _measure = measure;
        _pairs = [.. pairs.Where(p => !double.IsNaN(p.Score))];
        _genuine = Sorted(_pairs, genuine: true);
        _impostor = Sorted(_pairs, genuine: false);
    }

    /// <summary>Pairs of one person, and of strangers.</summary>
    public (int Genuine, int Impostor) Count => (_genuine.Length, _impostor.Length);

    /// <summary>Mean, standard deviation and best score of strangers.</summary>
    public (double Mean, double Deviation, double Best) Strangers => Describe(_pairs.Where(p => !p.IsGenuine), best: true);

    /// <summary>Mean, standard deviation and worst score of pairs of one person.</summary>
    public (double Mean, double Deviation, double Worst) Genuine => Describe(_pairs.Where(p => p.IsGenuine), best: false);

    /// <summary>The worst score of one person's less the best of strangers', in the measure's direction; negative where they overlap.</summary>
    public double Gap => _measure.HigherIsBetter ? Genuine.Worst - Strangers.Best : Strangers.Best - Genuine.Worst;

    /// <summary>
    /// Where the worst pair of one person lies, in standard deviations above the mean of strangers, on the scale on which strangers are nearly
    /// normal.
    /// </summary>
    public double LowestInDeviations => (_genuine.FirstOrDefault(double.NaN) - Mean(_impostor)) / Deviation(_impostor);

    /// <summary>The difference of the means over the root of the mean variance, on the same scale.</summary>
    public double DPrime => (Mean(_genuine) - Mean(_impostor)) / Math.Sqrt(
        ((Deviation(_genuine) * Deviation(_genuine)) + (Deviation(_impostor) * Deviation(_impostor))) / 2);

    /// <summary>
    /// The part of one person's pairs below the score that strangers reach at a rate, with a 95 % interval over people, and whether the tail was
    /// extrapolated.
    /// </summary>
    /// <remarks>
    /// The interval is the bootstrap's by person, widened to Clopper and Pearson's for as many people as errors: a bootstrap of perfection
    /// knows no doubt. The threshold is drawn anew in each replicate.
    /// </remarks>
    public (double Value, double Lower, double Upper, bool IsExtrapolated)? MissesAt(double rate)
    {
        if (_genuine.Length == 0 || _impostor.Length < ImpostorQuantile.FewestScores)
        {
            return null;
        }

        var notes = new List<string>();
        var value = Misses(_genuine, ImpostorQuantile.Find(_impostor, rate, notes));
        var people = _pairs.SelectMany(p => new[] { p.First, p.Second }).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var random = new Random(1);
        var drawn = new List<double>();
        for (var replicate = 0; replicate < Replicates; replicate++)
        {
            var times = people.ToDictionary(p => p, _ => 0, StringComparer.Ordinal);
            foreach (var _ in people)
            {
                times[people[random.Next(people.Length)]]++;
            }

            var (genuine, impostor) = (new List<double>(), new List<double>());
            foreach (var pair in _pairs)
            {
                var count = pair.IsGenuine ? times[pair.First] : times[pair.First] * times[pair.Second];
                (pair.IsGenuine ? genuine : impostor).AddRange(Enumerable.Repeat(ComparableScore.From(pair.Score, _measure), count));
            }

            if (genuine.Count > 0 && impostor.Count >= ImpostorQuantile.FewestScores)
            {
                impostor.Sort();
                drawn.Add(Misses([.. genuine], ImpostorQuantile.Find([.. impostor], rate, [])));
            }
        }

        drawn.Sort();
        var mated = _pairs.Where(p => p.IsGenuine).Select(p => p.First).Distinct(StringComparer.Ordinal).Count();
        var errors = (int)Math.Round(value * mated);
        var lower = errors == 0 ? 0 : Beta.InvCDF(errors, mated - errors + 1, Outside);
        var upper = errors == mated ? 1 : Beta.InvCDF(errors + 1, mated - errors, 1 - Outside);
        return (value, Math.Min(lower, drawn[(int)(Outside * drawn.Count)]), Math.Max(upper, drawn[(int)((1 - Outside) * drawn.Count)]),
            notes.Count > 0);
    }

    /// <summary>The rate at which as many of one person's pairs fall short as strangers pass, at the threshold where they are nearest.</summary>
    public double EqualErrorRate
    {
        get
        {
            // Between two scores the rates do not change.
            var best = (Difference: double.PositiveInfinity, Rate: double.NaN);
            foreach (var threshold in _genuine.Concat(_impostor))
            {
                var (misses, passes) = (Misses(_genuine, threshold), _impostor.Count(v => v >= threshold) / (double)_impostor.Length);
                best = Math.Abs(misses - passes) < best.Difference ? (Math.Abs(misses - passes), (misses + passes) / 2) : best;
            }

            return best.Rate;
        }
    }

    /// <summary>
    /// Likelihood ratios (log10) of pairs whose people had no part in the densities they come from; empty where there are too few people, or where
    /// the measure takes strangers for more alike, as one of T1w does with two contrasts.
    /// </summary>
    public (double[] Genuine, double[] Impostor) LikelihoodRatios()
    {
        var people = _pairs.Where(p => p.IsGenuine).Select(p => p.First).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var others = _pairs.SelectMany(p => new[] { p.First, p.Second }).Except(people, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var fold = people.Concat(others).Select((p, i) => (p, i)).ToDictionary(p => p.p, p => p.i % Folds, StringComparer.Ordinal);
        var (genuine, impostor) = (new List<double>(), new List<double>());
        for (var left = 0; left < Folds; left++)
        {
            var known = _pairs.Where(p => fold[p.First] != left && fold[p.Second] != left).ToArray();
            double[] good = [.. known.Where(p => p.IsGenuine).Select(p => p.Score)], bad = [.. known.Where(p => !p.IsGenuine).Select(p => p.Score)];
            if (good.Length < ThresholdEstimator.FewestScores || bad.Length < ThresholdEstimator.FewestScores
                || ComparableScore.From(good.Median(), _measure) <= ComparableScore.From(bad.Median(), _measure))
            {
                return ([], []);
            }

            var threshold = ThresholdEstimator.Estimate(good, bad, new() { Measure = _measure, Prior = 0.5 });
            foreach (var pair in _pairs.Where(p => fold[p.First] == left))
            {
                // At even odds before, the odds after are the likelihood ratio.
                var probability = threshold.Probability(pair.Score)!.Value;
                (pair.IsGenuine ? genuine : impostor).Add(Math.Log10(probability / (1 - probability)));
            }
        }

        return ([.. genuine.Order()], [.. impostor.Order()]);
    }

    /// <summary>
    /// The log-likelihood-ratio cost (Brümmer and du Preez 2006): 0 for ratios that are always right and sure, 1 for ones that say nothing.
    /// </summary>
    public static double Cost((double[] Genuine, double[] Impostor) ratios) =>
        (ratios.Genuine.Average(r => Math.Log2(1 + Math.Pow(10, -r))) + ratios.Impostor.Average(r => Math.Log2(1 + Math.Pow(10, r)))) / 2;

    private static double Misses(double[] genuine, double threshold) => genuine.Count(v => v < threshold) / (double)genuine.Length;

    private static double Mean(double[] values) => values.Length == 0 ? double.NaN : values.Average();

    private static double Deviation(double[] values)
    {
        var mean = Mean(values);
        return values.Length < 2 ? double.NaN : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    private (double Mean, double Deviation, double End) Describe(IEnumerable<Pair> pairs, bool best)
    {
        double[] scores = [.. pairs.Select(p => p.Score)];
        return (Mean(scores), Deviation(scores), scores.Length == 0 ? double.NaN : best == _measure.HigherIsBetter ? scores.Max() : scores.Min());
    }

    private double[] Sorted(Pair[] pairs, bool genuine) =>
        [.. pairs.Where(p => p.IsGenuine == genuine).Select(p => ComparableScore.From(p.Score, _measure)).Order()];

    /// <summary>Two scans, whose they are, and their score.</summary>
    /// <param name="First">One scan's person.</param>
    /// <param name="Second">The other's.</param>
    /// <param name="Score">As the measure gives it.</param>
    internal readonly record struct Pair(string First, string Second, double Score)
    {
        /// <summary>Whether both scans are of one person.</summary>
        public bool IsGenuine => string.Equals(First, Second, StringComparison.Ordinal);
    }
}
