namespace MriLink.Core.Linkage;

/// <summary>Subtracts the mean of a scan's own impostor scores and divides by their standard deviation.</summary>
/// <remarks>
/// The cohort is the audit itself. A scan's best counterpart, and every other scan under that one's label, may be the same person and
/// is left out of its cohort; without labels of the truth that is as close as one gets, and it makes standard deviations somewhat too
/// small, the same for every scan of one audit.
/// </remarks>
internal static class CohortNormalizer
{
    /// <summary>The fewest scans in a cohort: a standard deviation of ten values is known to about a quarter.</summary>
    public const int FewestScans = 10;

    /// <summary>The normalised values.</summary>
    /// <param name="values">Comparable scores, larger is more alike; NaN for pairs that are not compared.</param>
    /// <param name="candidates">For each pair whether it may be the same person.</param>
    /// <param name="mode">Which cohort counts.</param>
    /// <exception cref="InvalidOperationException">A cohort is too small.</exception>
    public static double[,] Apply(double[,] values, CandidatePairs candidates, CohortNormalization mode)
    {
        var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
        var byProbe = mode is CohortNormalization.TNorm or CohortNormalization.SNorm
            ? Moments(probes, gallery, (i, j) => candidates.OfProbe(i, j) ? double.NaN : values[i, j], "gallery scans")
            : null;
        var byGallery = mode is CohortNormalization.ZNorm or CohortNormalization.SNorm
            ? Moments(gallery, probes, (j, i) => candidates.OfGallery(i, j) ? double.NaN : values[i, j], "probes")
            : null;
        var result = new double[probes, gallery];
        for (var i = 0; i < probes; i++)
        {
            for (var j = 0; j < gallery; j++)
            {
                var sum = (byProbe?[i].Standardize(values[i, j]) ?? 0) + (byGallery?[j].Standardize(values[i, j]) ?? 0);
                result[i, j] = mode switch
                {
                    CohortNormalization.None => values[i, j],
                    CohortNormalization.SNorm => sum / 2,
                    _ => sum,
                };
            }
        }

        return result;
    }

    private static Cohort[] Moments(int scans, int others, Func<int, int, double> value, string name)
    {
        var cohorts = new Cohort[scans];
        for (var scan = 0; scan < scans; scan++)
        {
            var count = 0;
            double mean = 0, squares = 0;
            var compared = false;
            for (var other = 0; other < others; other++)
            {
                var v = value(scan, other);
                if (!double.IsNaN(v))
                {
                    // Welford's update keeps its digits.
                    count++;
                    var step = v - mean;
                    mean += step / count;
                    squares += step * (v - mean);
                    compared = true;
                }
            }

            if (compared && count < FewestScans)
            {
                throw new InvalidOperationException(
                    $"Cohort normalisation needs at least {FewestScans} {name} of other people for each scan; there are {count}.");
            }

            // Scores that do not differ have no scale to divide by; they stay as they are about zero.
            cohorts[scan] = new(mean, squares > 0 ? Math.Sqrt(squares / (count - 1)) : 1);
        }

        return cohorts;
    }

    private readonly record struct Cohort(double Mean, double Deviation)
    {
        public double Standardize(double value) => (value - Mean) / Deviation;
    }
}
