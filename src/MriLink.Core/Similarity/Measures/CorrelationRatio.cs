using System.Buffers;

namespace MriLink.Core.Similarity.Measures;

/// <summary>1 − E[Var(y given x)] / Var(y): how much of y is a function of x. x is binned as for <see cref="MutualInformation"/>.</summary>
internal sealed class CorrelationRatio : SimilarityMeasure
{
    public CorrelationRatio()
        : base("CR", higherIsBetter: true, 0, 1, "Correlation ratio of the second volume given the first",
            "Roche et al. 1998, MICCAI, LNCS 1496:1115")
    {
        IsSymmetric = false;
        Cost = "One pass over the joint mask per pair; 1 byte per voxel kept";
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var bins = options.Bins;
        var (indices, _) = pair.Bins(bins);
        var values = pair.Y.Values;
        var (shift, factor) = pair.Y.Standardization;
        var rented = ArrayPool<double>.Shared.Rent(2 * bins);
        try
        {
            var counts = rented.AsSpan(0, bins);
            var sums = rented.AsSpan(bins, bins);
            counts.Clear();
            sums.Clear();
            var squares = 0.0;
            for (var i = 0; i < values.Length; i++)
            {
                double v = (values[i] - shift) * factor;
                counts[indices[i]]++;
                sums[indices[i]] += v;
                squares += v * v;
            }

            double total = 0, between = 0;
            for (var bin = 0; bin < bins; bin++)
            {
                if (counts[bin] > 0)
                {
                    total += sums[bin];
                    between += sums[bin] * sums[bin] / counts[bin];
                }
            }

            // With within = squares − between and all = squares − total²/n, the ratio is 1 − within/all.
            var ofMean = total * total / values.Length;
            var all = squares - ofMean;
            return all > 1e-12 * squares ? Math.Clamp((between - ofMean) / all, 0, 1) : double.NaN;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }
}
