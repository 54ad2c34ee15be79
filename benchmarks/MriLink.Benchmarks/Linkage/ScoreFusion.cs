namespace MriLink.Benchmarks.Linkage;

/// <summary>Scores of several measures in one, without training.</summary>
internal static class ScoreFusion
{
    /// <summary>The mean of the measures' scores, each less its median over all pairs and divided by its median absolute deviation.</summary>
    /// <remarks>
    /// Nearly all pairs are impostors, so median and deviation are theirs whoever the others are (z-score fusion, Jain et al. 2005, with robust
    /// moments).
    /// </remarks>
    public static double[,] ByZScore(IReadOnlyList<MeasuredScores> measures) => Mean(measures, Standardized);

    /// <summary>The mean over measures of the probe's ranks of the gallery, 0 for its best: Borda's count.</summary>
    public static double[,] ByRank(IReadOnlyList<MeasuredScores> measures) => Mean(measures, Ranks);

    private static double[,] Mean(IReadOnlyList<MeasuredScores> measures, Func<MeasuredScores, double[,]> part)
    {
        var sum = new double[measures[0].Scores.GetLength(0), measures[0].Scores.GetLength(1)];
        foreach (var values in measures.Select(part))
        {
            for (var i = 0; i < sum.GetLength(0); i++)
            {
                for (var j = 0; j < sum.GetLength(1); j++)
                {
                    sum[i, j] += values[i, j] / measures.Count;
                }
            }
        }

        return sum;
    }

    private static double[,] Standardized(MeasuredScores measure)
    {
        var sign = measure.HigherIsBetter ? 1 : -1;
        var all = measure.Scores.Cast<double>().Where(v => !double.IsNaN(v)).ToArray();
        var center = Median(all);
        var deviation = Median(Array.ConvertAll(all, v => Math.Abs(v - center)));
        var result = new double[measure.Scores.GetLength(0), measure.Scores.GetLength(1)];
        for (var i = 0; i < result.GetLength(0); i++)
        {
            for (var j = 0; j < result.GetLength(1); j++)
            {
                result[i, j] = sign * (measure.Scores[i, j] - center) / deviation;
            }
        }

        return result;
    }

    private static double[,] Ranks(MeasuredScores measure)
    {
        var result = new double[measure.Scores.GetLength(0), measure.Scores.GetLength(1)];
        for (var i = 0; i < result.GetLength(0); i++)
        {
            var order = Enumerable.Range(0, result.GetLength(1)).Where(j => !double.IsNaN(measure.Scores[i, j]));
            var sorted = measure.HigherIsBetter ? order.OrderByDescending(j => measure.Scores[i, j]) : order.OrderBy(j => measure.Scores[i, j]);
            for (var j = 0; j < result.GetLength(1); j++)
            {
                result[i, j] = double.NaN;
            }

            var rank = 0;
            foreach (var j in sorted)
            {
                result[i, j] = -rank++;
            }
        }

        return result;
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
