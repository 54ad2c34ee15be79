using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using MriLink.Core.Basics;

namespace MriLink.Core.Linkage;

/// <summary>Computes a <see cref="LinkageEvaluation"/>.</summary>
/// <remarks>
/// A bootstrap sample is a weight per participant, how often it was drawn; a genuine pair weighs as its person, an impostor pair as the
/// product of its two, a probe as its person, and the gallery stays whole. Scores are sorted once, so a sample costs one pass.
/// </remarks>
public static class LinkageEvaluator
{
    /// <summary>The part of the pairs that must have a score: a list cut off after the best says nothing about error rates.</summary>
    public const double LeastCompleteness = 0.9;

    private const double Alpha = 0.05;
    private const int Ranks = 20;

    // From so many errors on a bootstrap has seen enough of them.
    private const double FewErrors = 10;
    private const int CurvePoints = 400;
    private static readonly double[] AcceptRates = [1e-2, 1e-3, 1e-4];
    private const double SearchRate = 1e-2;

    // Figures in the order in which a pass gives them.
    private const int Auc = 0, Eer = 1, DPrime = 2, Tar = 3, Rank1 = 6, Rank5 = 7, Fnir = 8, Figures = 9;

    /// <summary>Evaluates.</summary>
    /// <exception cref="InvalidOperationException">The comparisons are too few or cut off; the message says how.</exception>
    /// <param name="comparisons">The scores.</param>
    /// <param name="options">How intervals are found.</param>
    /// <param name="work">Threads and cancellation; results do not depend on the number of threads.</param>
    /// <param name="progress">Told after each of some pieces of the bootstrap.</param>
    public static LinkageEvaluation Evaluate(
        ComparisonSet comparisons, EvaluationOptions options, WorkOptions work, IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Replicates, 100, nameof(options));
        var data = new Data(comparisons);
        if (data.Genuine == 0 || data.Impostors == 0)
        {
            throw new InvalidOperationException(
                $"There are {data.Genuine} pairs of one person and {data.Impostors} of two: both kinds are needed. Labels must be the same for scans "
                    + $"of one person; -Participant can make them so.");
        }

        if (comparisons.Completeness < LeastCompleteness)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"Only {comparisons.Completeness:P0} of the pairs of a probe and a gallery scan have a score, so the list is cut off. Take "
                    + $"Find-MriMatch -Top with the gallery's size, or Measure-MriSimilarity."));
        }

        var people = comparisons.Participants.Count;
        var ones = new double[people];
        Array.Fill(ones, 1);
        var values = new double[Figures];
        var eerAt = data.Measure(ones, values);
        var samples = new double[options.Replicates][];
        var done = 0;
        work.ForBlocks(options.Replicates, replicate =>
        {
            var random = RandomStream.For(options.Seed, SeedUse.Bootstrap, replicate);
            var weights = new double[people];
            for (var draw = 0; draw < people; draw++)
            {
                weights[(int)(random.NextDouble() * people)]++;
            }

            data.Measure(weights, samples[replicate] = new double[Figures]);
            progress?.Report(new(Interlocked.Increment(ref done) / (double)options.Replicates, "Bootstrap"));
        });

        var deviation = data.DeviationOfDPrime(people);
        var notes = new List<string>();
        foreach (var rate in AcceptRates.Where(rate => rate * data.Impostors < 1))
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"FAR {rate:0e-0} is below what {data.Impostors} impostor pairs can tell (one in {data.Impostors})."));
        }

        if (AcceptRates.FirstOrDefault(rate => rate * data.Impostors is >= 1 and < 10) is > 0 and var few)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"At FAR {few:0e-0} fewer than ten of {data.Impostors} impostor pairs decide."));
        }

        if (SearchRate * data.Searches < 1)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"FPIR {SearchRate:0e-0} is below what {data.Searches} searches can tell."));
        }

        if (data.GenuinePeople < 20)
        {
            notes.Add($"Only {data.GenuinePeople} participants have several scans: intervals are rough.");
        }

        if (comparisons.Completeness < 1)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{1 - comparisons.Completeness:P1} of the pairs have no score and are left out."));
        }

        return new()
        {
            Metric = comparisons.Metric,
            Contrasts = comparisons.Contrasts,
            Normalization = comparisons.Normalization.ToString(),
            Participants = people,
            GenuinePairs = data.Genuine,
            ImpostorPairs = data.Impostors,
            MatedProbes = data.Mated,
            NonMatedProbes = comparisons.Searches.Count - data.Mated,
            Rank1 = Estimate(Rank1, data.GenuinePeople, 1),
            Rank5 = Estimate(Rank5, data.GenuinePeople, 1),
            Auc = Estimate(Auc, data.GenuinePeople, 1),
            Eer = Estimate(Eer, data.GenuinePeople, 0),
            EerThreshold = eerAt,
            DPrime = Estimate(DPrime, data.GenuinePeople, best: null),
            TarAtFar1e2 = AtRate(0),
            TarAtFar1e3 = AtRate(1),
            TarAtFar1e4 = AtRate(2),
            FnirAtFpir1e2 = SearchRate * data.Searches < 1 ? null : Estimate(Fnir, data.GenuinePeople, 0),
            Roc = [.. data.Curve()],
            Cmc = [.. data.Cmc()],
            GenuineQuantiles = [.. data.Quantiles(genuine: true)],
            ImpostorQuantiles = [.. data.Quantiles(genuine: false)],
            Replicates = options.Replicates,
            Seed = options.Seed,
            Notes = [.. notes],
        };

        IntervalEstimate? AtRate(int index) =>
            AcceptRates[index] * data.Impostors < 1 ? null : Estimate(Tar + index, data.GenuinePeople, 1);

        IntervalEstimate? Estimate(int figure, int participants, double? best)
        {
            var value = values[figure];
            var sorted = samples.Select(s => s[figure]).Where(double.IsFinite).Order().ToArray();
            if (!double.IsFinite(value) || sorted.Length == 0)
            {
                return null;
            }

            var (lower, upper) = (Math.Min(value, At(Alpha / 2)), Math.Max(value, At(1 - (Alpha / 2))));
            if (best is not { } perfect)
            {
                // A spread has no count of errors; a few people drawn again and again spread too little, so the interval by leaving each out is
                // joined.
                var reach = StudentT.InvCDF(0, 1, Math.Max(1, participants - 1), 1 - (Alpha / 2)) * deviation;
                return new(value, Math.Max(0, Math.Min(lower, value - reach)), Math.Max(upper, value + reach));
            }

            // Near perfection a bootstrap hardly ever meets the few errors there are. So Clopper and Pearson's interval for as many errors among as
            // many people is joined, with a part of an error for figures that do not count people.
            var errors = Math.Abs(perfect - value) * participants;
            if (errors >= FewErrors)
            {
                return new(value, lower, upper);
            }

            var least = errors <= 0 ? 0 : Beta.InvCDF(errors, participants - errors + 1, Alpha / 2);
            var most = errors >= participants ? 1 : Beta.InvCDF(errors + 1, participants - errors, 1 - (Alpha / 2));
            return perfect > 0
                ? new(value, Math.Min(lower, 1 - most), Math.Max(upper, 1 - least))
                : new(value, Math.Min(lower, least), Math.Max(upper, most));

            double At(double level) => SortedArrayStatistics.QuantileCustom(sorted, level, QuantileDefinition.R7);
        }
    }

    /// <summary>The scores in the order in which passes go through them.</summary>
    private sealed class Data
    {
        private readonly ComparisonSet.Pair[] _pairs;
        private readonly Probe[] _mated;
        private readonly (double Score, int Person)[] _searches;
        private readonly double _sign;

        public Data(ComparisonSet comparisons)
        {
            // From here on larger is more alike.
            _sign = comparisons.HigherIsBetter ? 1 : -1;
            _pairs = [.. comparisons.Pairs.Select(p => p with { Score = _sign * p.Score }).OrderByDescending(p => p.Score)];
            Genuine = _pairs.Count(p => p.IsGenuine);
            Impostors = _pairs.Length - Genuine;
            _mated = [.. comparisons.Searches.Where(s => s.IsMated)
                .Select(s => new Probe(s.Person, s.Rank(comparisons.HigherIsBetter), _sign * s.Mate))];
            _searches =
            [
                .. comparisons.Searches
                    .Select(s => (Score: _sign * s.BestOther(comparisons.HigherIsBetter), s.Person))
                    .Where(s => s.Score is not null).Select(s => (s.Score!.Value, s.Person)).OrderByDescending(s => s.Value),
            ];
            GenuinePeople = Math.Max(1, _pairs.Where(p => p.IsGenuine).Select(p => p.First).Distinct().Count());
        }

        public int Genuine { get; }

        public int Impostors { get; }

        public int GenuinePeople { get; }

        public int Mated => _mated.Length;

        public int Searches => _searches.Length;

        /// <summary>All figures under weights per person; gives the score of equal errors.</summary>
        public double Measure(double[] weights, double[] figures)
        {
            double genuine = 0, impostor = 0, meanG = 0, meanI = 0;
            foreach (var pair in _pairs)
            {
                if (pair.IsGenuine)
                {
                    genuine += weights[pair.First];
                    meanG += weights[pair.First] * pair.Score;
                }
                else
                {
                    var w = weights[pair.First] * weights[pair.Second];
                    impostor += w;
                    meanI += w * pair.Score;
                }
            }

            (meanG, meanI) = (meanG / genuine, meanI / impostor);
            double varianceG = 0, varianceI = 0, seenG = 0, seenI = 0, area = 0;
            double eer = double.NaN, eerAt = double.NaN, lastFalse = 0, lastMissed = 1;
            Array.Clear(figures);
            for (var i = 0; i < _pairs.Length;)
            {
                double g = 0, n = 0;
                var score = _pairs[i].Score;
                for (; i < _pairs.Length && _pairs[i].Score == score; i++)
                {
                    var pair = _pairs[i];
                    if (pair.IsGenuine)
                    {
                        g += weights[pair.First];
                    }
                    else
                    {
                        n += weights[pair.First] * weights[pair.Second];
                    }
                }

                varianceG += g * (score - meanG) * (score - meanG);
                varianceI += n * (score - meanI) * (score - meanI);
                area += g * (impostor - seenI - (n / 2));
                seenG += g;
                seenI += n;
                var (falseRate, missed) = (seenI / impostor, 1 - (seenG / genuine));
                if (double.IsNaN(eer) && falseRate >= missed)
                {
                    var (before, after) = (lastMissed - lastFalse, falseRate - missed);
                    var part = before + after > 0 ? before / (before + after) : 1;
                    (eer, eerAt) = (lastFalse + (part * (falseRate - lastFalse)), score);
                }

                for (var rate = 0; rate < AcceptRates.Length; rate++)
                {
                    figures[Tar + rate] = falseRate <= AcceptRates[rate] ? 1 - missed : figures[Tar + rate];
                }

                (lastFalse, lastMissed) = (falseRate, missed);
            }

            figures[Auc] = area / (genuine * impostor);
            figures[Eer] = Math.Max(0, eer);

            // Variances of samples, as everybody computes d′; with weights the sum of weights stands for the count.
            figures[DPrime] = Math.Abs(meanG - meanI) / Math.Sqrt(((varianceG / (genuine - 1)) + (varianceI / (impostor - 1))) / 2);
            Identify(weights, figures);
            return _sign * eerAt;
        }

        /// <summary>The standard deviation of d′ by leaving out one person after another (Efron and Stein 1981); 0 where it cannot be told.</summary>
        public double DeviationOfDPrime(int people)
        {
            // Sums of scores and their squares: all, and those of pairs that each person is in; a genuine pair is one person's.
            var (all, of) = (new Sums(), new Sums[people]);
            foreach (var pair in _pairs)
            {
                all.Add(pair);
                of[pair.First].Add(pair);
                if (pair.Second != pair.First)
                {
                    of[pair.Second].Add(pair);
                }
            }

            var values = Enumerable.Range(0, people).Select(person => all.Without(of[person]).DPrime).Where(double.IsFinite).ToArray();
            if (values.Length < 2)
            {
                return 0;
            }

            var mean = values.Average();
            return Math.Sqrt((values.Length - 1.0) / values.Length * values.Sum(v => (v - mean) * (v - mean)));
        }

        /// <summary>Points of the curve, each where the false match rate changes, thinned evenly on a logarithmic scale.</summary>
        public List<OperatingPoint> Curve()
        {
            var points = new List<OperatingPoint>();
            int g = 0, n = 0;
            var next = 1.0;
            for (var i = 0; i < _pairs.Length;)
            {
                var score = _pairs[i].Score;
                var before = n;
                for (; i < _pairs.Length && _pairs[i].Score == score; i++)
                {
                    (g, n) = _pairs[i].IsGenuine ? (g + 1, n) : (g, n + 1);
                }

                // The last threshold before another impostor comes in is the one that matters at its rate.
                var last = i == _pairs.Length;
                var impostorNext = !last && !_pairs[i].IsGenuine;
                if (last || (n == 0 && impostorNext) || (n > 0 && n >= next && (impostorNext || n > before)))
                {
                    points.Add(new(_sign * score, n / (double)Impostors, 1 - (g / (double)Genuine)));
                    next = n == 0 ? 1 : Math.Max(n + 1, n * Math.Pow(Impostors, 2.0 / CurvePoints));
                }
            }

            return points;
        }

        /// <summary>Scores of one kind, the best first, thinned evenly.</summary>
        public double[] Quantiles(bool genuine)
        {
            double[] scores = [.. _pairs.Where(p => p.IsGenuine == genuine).Select(p => _sign * p.Score)];
            var points = Math.Min(scores.Length, CurvePoints / 2);
            return [.. Enumerable.Range(0, points).Select(i => scores[points == 1 ? 0 : (int)Math.Round(i * (scores.Length - 1.0) / (points - 1))])];
        }

        public RankPoint[] Cmc() => _mated.Length == 0
            ? []
            : [.. Enumerable.Range(1, Ranks).Select(k => new RankPoint(k, _mated.Count(m => m.Rank <= k) / (double)_mated.Length))];

        private void Identify(double[] weights, double[] figures)
        {
            double all = 0, first = 0, five = 0;
            foreach (var probe in _mated)
            {
                all += weights[probe.Person];
                first += probe.Rank <= 1 ? weights[probe.Person] : 0;
                five += probe.Rank <= 5 ? weights[probe.Person] : 0;
            }

            (figures[Rank1], figures[Rank5]) = (first / all, five / all);

            // The loosest threshold: just above the first search that would be one too many.
            double searches = 0, seen = 0;
            foreach (var search in _searches)
            {
                searches += weights[search.Person];
            }

            var threshold = double.NegativeInfinity;
            foreach (var search in _searches)
            {
                seen += weights[search.Person];
                if (seen > SearchRate * searches)
                {
                    threshold = search.Score;
                    break;
                }
            }

            double found = 0;
            foreach (var probe in _mated)
            {
                found += probe.Rank <= 1 && probe.Mate > threshold ? weights[probe.Person] : 0;
            }

            figures[Fnir] = 1 - (found / all);
        }

        private readonly record struct Probe(int Person, int Rank, double Mate);

        private record struct Sums(
            double Genuine, double GenuineSum, double GenuineSquares, double Impostors, double ImpostorSum, double ImpostorSquares)
        {
            public readonly double DPrime => Math.Abs((GenuineSum / Genuine) - (ImpostorSum / Impostors))
                / Math.Sqrt((Variance(Genuine, GenuineSum, GenuineSquares) + Variance(Impostors, ImpostorSum, ImpostorSquares)) / 2);

            public void Add(ComparisonSet.Pair pair)
            {
                if (pair.IsGenuine)
                {
                    (Genuine, GenuineSum, GenuineSquares) = (Genuine + 1, GenuineSum + pair.Score, GenuineSquares + (pair.Score * pair.Score));
                }
                else
                {
                    (Impostors, ImpostorSum, ImpostorSquares) =
                        (Impostors + 1, ImpostorSum + pair.Score, ImpostorSquares + (pair.Score * pair.Score));
                }
            }

            public readonly Sums Without(Sums other) => new(
                Genuine - other.Genuine, GenuineSum - other.GenuineSum, GenuineSquares - other.GenuineSquares,
                Impostors - other.Impostors, ImpostorSum - other.ImpostorSum, ImpostorSquares - other.ImpostorSquares);

            private static double Variance(double count, double sum, double squares) => (squares - (sum * sum / count)) / (count - 1);
        }
    }
}
