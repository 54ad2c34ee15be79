using System.Globalization;

namespace MriLink.Core.Linkage;

/// <summary>The score that impostors reach at a given rate, from impostors that are known.</summary>
internal static class ImpostorQuantile
{
    /// <summary>The fewest scores from which a tail is fitted.</summary>
    public const int FewestScores = 50;

    // From this many impostors beyond the threshold on, counting is good enough (a relative error of a third).
    private const int FewestBeyond = 10;
    private const double TailShare = 0.1;

    /// <summary>Finds the threshold.</summary>
    /// <param name="sorted">Comparable scores of impostors, ascending.</param>
    /// <param name="rate">The rate at which they may match.</param>
    /// <param name="notes">Gets a sentence where the answer is extrapolated.</param>
    /// <exception cref="InvalidOperationException">There are too few scores for this rate.</exception>
    public static double Find(double[] sorted, double rate, List<string> notes)
    {
        var allowed = (int)(rate * sorted.Length);
        if (allowed >= FewestBeyond)
        {
            // Halfway between the last impostor that may match and the first that may not.
            return (sorted[^allowed] + sorted[^(allowed + 1)]) / 2;
        }

        if (sorted.Length < FewestScores)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"A false match rate of {rate} cannot be told from {sorted.Length} impostor scores; at least {FewestScores} are needed."));
        }

        notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{sorted.Length} impostor scores do not reach down to a false match rate of {rate}: the threshold is extrapolated by a generalised "
                + $"Pareto tail."));
        var count = Math.Max(20, (int)(TailShare * sorted.Length));
        var threshold = sorted[^(count + 1)];
        var excesses = sorted[^count..].Select(v => v - threshold).Where(e => e > 0).ToArray();
        if (excesses.Length < 10)
        {
            throw new InvalidOperationException("The best impostor scores hardly differ, so their tail tells nothing.");
        }

        // Scores over many voxels have tails near the exponential's or lighter; a lighter one would promise an end that few scores cannot show.
        return ParetoPosterior.Fit(threshold, excesses, [], 1, excesses.Length / (double)sorted.Length, lightest: 0).Quantile(rate);
    }
}
