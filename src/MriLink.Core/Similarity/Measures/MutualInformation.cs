using System.Buffers;

namespace MriLink.Core.Similarity.Measures;

/// <summary>Σ p·ln(p / (p_x·p_y)) of the joint histogram, in nats.</summary>
/// <remarks>
/// Each volume is binned over its own 1st to 99th percentile (<see cref="PreparedVolume.Range"/>); what lies beyond counts in the end bins.
/// </remarks>
internal sealed class MutualInformation : SimilarityMeasure
{
    public MutualInformation()
        : base("MI", higherIsBetter: true, 0, double.PositiveInfinity, "Mutual information of the joint histogram, in nats",
            "Viola & Wells 1997, Int J Comput Vis 24:137")
    {
        Cost = "A joint histogram per pair; 1 byte per voxel kept";
        Scale = ScoreScale.Logarithm;
    }

    /// <summary>The entropies of x, of y, and of both together, in nats.</summary>
    public static (double X, double Y, double Joint) Entropies(VolumePair pair, int bins)
    {
        var (x, y) = pair.Bins(bins);
        var rented = ArrayPool<int>.Shared.Rent((bins * bins) + (2 * bins));
        try
        {
            var joint = rented.AsSpan(0, bins * bins);
            var ofX = rented.AsSpan(bins * bins, bins);
            var ofY = rented.AsSpan((bins * bins) + bins, bins);
            Histogram.Joint(x.AsSpan(0, pair.Count), y.AsSpan(0, pair.Count), bins, joint);
            ofX.Clear();
            ofY.Clear();
            for (var i = 0; i < joint.Length; i++)
            {
                ofX[i / bins] += joint[i];
                ofY[i % bins] += joint[i];
            }

            return (Histogram.Entropy(ofX, pair.Count), Histogram.Entropy(ofY, pair.Count), Histogram.Entropy(joint, pair.Count));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var (x, y, joint) = Entropies(pair, options.Bins);
        return Math.Max(0, x + y - joint);
    }
}
