using System.Globalization;
using MathNet.Numerics.RootFinding;
using MathNet.Numerics.Statistics;

namespace MriLink.Core.Linkage;

/// <summary>Finds the threshold of scores whose truth is known: the paper's way, or by a false match rate.</summary>
/// <remarks>
/// Sharma et al. 2026 (arXiv 2602.10043): kernel density estimates of genuine and impostor scores, and the point where they cross, here
/// weighted by the prior, which makes it the point of least error. Densities are estimated on the comparable scale (Fisher's z for
/// correlations): the ratio of two densities, and so the crossing, is the same on any scale, but kernels of one width fit better there.
/// Where the samples do not overlap nothing lies at the crossing, and the threshold is the middle of the gap.
/// </remarks>
public static class ThresholdEstimator
{
    /// <summary>The fewest scores of either kind.</summary>
    public const int FewestScores = 3;

    // The crossing is looked for on this many steps, then narrowed down.
    private const int Steps = 2048;

    /// <summary>Finds a threshold.</summary>
    /// <param name="genuine">Scores of pairs of one person.</param>
    /// <param name="impostor">Scores of pairs of two people.</param>
    /// <param name="options">What the scores are and how to decide.</param>
    /// <exception cref="ArgumentException">There are too few scores, or one is not finite.</exception>
    /// <exception cref="InvalidOperationException">The scores give no threshold; the message says why.</exception>
    public static LinkageThreshold Estimate(IReadOnlyCollection<double> genuine, IReadOnlyCollection<double> impostor, ThresholdOptions options)
    {
        ArgumentNullException.ThrowIfNull(genuine);
        ArgumentNullException.ThrowIfNull(impostor);
        ArgumentNullException.ThrowIfNull(options);
        var higher = options.Measure?.HigherIsBetter ?? options.HigherIsBetter;
        var scale = options.Normalization == CohortNormalization.None ? options.Measure : null;
        var flip = scale is null && options.Normalization == CohortNormalization.None && !higher;
        var good = Comparable(genuine, "genuine", needed: options.FalseMatchRate is null);
        var bad = Comparable(impostor, "impostor", needed: true);
        if (good.Length > 0 && bad.Length > 0 && SortedArrayStatistics.Median(good) <= SortedArrayStatistics.Median(bad))
        {
            throw new InvalidOperationException(
                "The genuine scores are no better than the impostors' (their median says less alike). Are the labels right, and is the measure's "
                    + "direction?");
        }

        var prior = options.Prior ?? (good.Length == 0 ? null : good.Length / (double)(good.Length + bad.Length));
        var notes = new List<string>();
        var densities = good.Length < FewestScores ? null : new Densities(new(good, options.BandwidthRule), new(bad, options.BandwidthRule));
        bool? overlap = good.Length == 0 ? null : bad[^1] >= good[0];
        if (overlap == false)
        {
            notes.Add("Genuine and impostor scores do not overlap: error rates and probabilities rest on the kernels' shape, not on counts.");
        }

        double at;
        ThresholdRule rule;
        double? falseMatchRate;
        if (options.FalseMatchRate is { } rate)
        {
            (at, falseMatchRate) = (ImpostorQuantile.Find(bad, rate, notes), rate);
            rule = ThresholdRule.FalseMatchRate;
        }
        else if (overlap == false)
        {
            at = ComparableOf((ScoreOf(good[0]) + ScoreOf(bad[^1])) / 2);
            rule = ThresholdRule.GapMidpoint;
            falseMatchRate = densities!.Impostor.Above(at);
        }
        else
        {
            at = Crossing(densities!, prior!.Value);
            rule = ThresholdRule.DensityCrossing;
            falseMatchRate = densities!.Impostor.Above(at);
        }

        var falseNonMatchRate = densities?.Genuine.Below(at);
        if (Bounded(ref falseMatchRate, bad.Length))
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{bad.Length} impostor scores show no false match rate below {falseMatchRate:0.##e-0} (three in as many); the distribution's "
                    + $"is smaller."));
        }

        if (Bounded(ref falseNonMatchRate, good.Length))
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{good.Length} genuine scores show no false non-match rate below {falseNonMatchRate:0.##e-0} (three in as many); the distribution's "
                    + $"is smaller."));
        }

        if (good.Length is > 0 and < 20)
        {
            notes.Add($"Only {good.Length} genuine scores: the density of genuine pairs is uncertain.");
        }

        return new(ScoreOf(at), options.Measure, densities is null || prior is null ? null
            : new PosteriorCurve(densities.Genuine, densities.Impostor, prior.Value, at))
        {
            Contrasts = options.Contrasts,
            HigherIsBetter = options.Normalization != CohortNormalization.None || higher,
            NormalizedBy = options.Normalization,
            FoundBy = rule,
            Prior = prior,
            HasOverlap = overlap,
            Gap = overlap == false ? Math.Abs(ScoreOf(good[0]) - ScoreOf(bad[^1])) : null,
            FalseMatchRate = falseMatchRate,
            FalseNonMatchRate = falseNonMatchRate,
            GenuineCount = good.Length,
            ImpostorCount = bad.Length,
            ImpostorMedian = SortedArrayStatistics.Median(bad),
            WidthsBy = densities is null ? null : options.BandwidthRule,
            GenuineBandwidth = densities?.Genuine.Width,
            ImpostorBandwidth = densities?.Impostor.Width,
            Notes = [.. notes],
        };

        double ComparableOf(double score) => flip ? -score : ComparableScore.From(score, scale);
        double ScoreOf(double value) => flip ? -value : ComparableScore.To(value, scale);
        double[] Comparable(IReadOnlyCollection<double> scores, string kind, bool needed)
        {
            if (needed && scores.Count < FewestScores)
            {
                var pairs = kind is "genuine" ? "pairs of one label" : "pairs of two labels";
                throw new ArgumentException($"There are {scores.Count} {kind} scores ({pairs}); a threshold needs at least {FewestScores}.", kind);
            }

            var sorted = scores.Select(ComparableOf).ToArray();
            if (!Array.TrueForAll(sorted, double.IsFinite))
            {
                throw new ArgumentException($"Some {kind} scores are not finite numbers.", kind);
            }

            Array.Sort(sorted);
            return sorted;
        }
    }

    // What a fitted distribution says beyond what so many scores can show is its shape, not theirs (Hanley and Lippman-Hand 1983, JAMA 249:1743).
    private static bool Bounded(ref double? rate, int scores)
    {
        var least = Math.Min(1, 3.0 / scores);
        if (rate is not { } fitted || fitted >= least)
        {
            return false;
        }

        rate = least;
        return true;
    }

    // Where impostors become less likely than genuine pairs; of several such points the one with the least error.
    private static double Crossing(Densities densities, double prior)
    {
        var (genuine, impostor) = (densities.Genuine, densities.Impostor);
        double Advantage(double x) => Math.Log(prior) + genuine.Log(x) - Math.Log(1 - prior) - impostor.Log(x);
        var low = Math.Min(genuine.Low, impostor.Low);
        var step = (Math.Max(genuine.High, impostor.High) - low) / Steps;
        var (best, least) = (double.NaN, double.PositiveInfinity);
        var before = Advantage(low);
        for (var i = 1; i <= Steps; i++)
        {
            var x = low + (i * step);
            var here = Advantage(x);
            if (before < 0 && here >= 0)
            {
                var root = here > 0 ? Brent.FindRoot(Advantage, x - step, x, 1e-12 * Math.Max(1, Math.Abs(x)), 200) : x;
                var error = (prior * genuine.Below(root)) + ((1 - prior) * impostor.Above(root));
                (best, least) = error < least ? (root, error) : (best, least);
            }

            before = here;
        }

        return double.IsNaN(best)
            ? throw new InvalidOperationException(
                $"With a prior of {prior:0.######} the weighted densities do not cross: one kind of pair is the likelier at every score. State "
                    + $"another prior, or a false match rate.")
            : best;
    }

    private sealed record Densities(ScoreDensity Genuine, ScoreDensity Impostor);
}
