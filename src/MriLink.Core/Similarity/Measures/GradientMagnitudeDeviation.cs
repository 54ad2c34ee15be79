using System.Numerics;

namespace MriLink.Core.Similarity.Measures;

/// <summary>
/// The standard deviation over voxels of (2·g_x·g_y + c) / (g_x² + g_y² + c), g the gradient magnitudes (<see cref="Gradient"/>) and
/// c = 170/255²·L².
/// </summary>
/// <remarks>
/// Only voxels whose 3×3×3 neighbourhood lies in both masks count. Xue et al. halve the resolution of photographs first; brains on a
/// template's grid are coarse enough and are taken as they are.
/// </remarks>
internal sealed class GradientMagnitudeDeviation : SimilarityMeasure
{
    private const int BlockLength = 1024;

    public GradientMagnitudeDeviation()
        : base("GMSD", higherIsBetter: false, 0, 0.5, "Gradient magnitude similarity deviation", "Xue et al. 2014, IEEE Trans Image Process 23:684")
    {
        Cost = "One pass over the joint mask per pair; 4 bytes per voxel kept";
        Scale = ScoreScale.Logarithm;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var (x, y) = pair.Gradients();
        var range = pair.DataRange(options);
        var unit = 1 / range;
        if (!double.IsFinite(unit))
        {
            return double.NaN;
        }

        // With d = 1 − similarity = (g_x − g_y)² / (g_x² + g_y² + c), the deviation of d is that of the similarity, without cancellation.
        var scale = new Vector<float>((float)unit);
        var c = new Vector<float>((float)(170.0 / (255 * 255)));
        var width = Vector<float>.Count;
        double sum = 0, squares = 0, count = 0;
        Span<float> edge = stackalloc float[2 * width];
        for (var start = 0; start < pair.Count; start += BlockLength)
        {
            var end = Math.Min(start + BlockLength, pair.Count);
            Vector<float> sums = default, sumsOfSquares = default, counts = default;
            for (var i = start; i < end; i += width)
            {
                Vector<float> gx, gy;
                if (i <= end - width)
                {
                    gx = new(x, i);
                    gy = new(y, i);
                }
                else
                {
                    edge.Fill(float.NaN);
                    x.AsSpan(i, end - i).CopyTo(edge);
                    y.AsSpan(i, end - i).CopyTo(edge[width..]);
                    gx = new(edge);
                    gy = new(edge[width..]);
                }

                // NaN, which marks voxels at a mask's edge, equals nothing, not even itself.
                var inside = Vector.Equals(gx, gx) & Vector.Equals(gy, gy);
                gx *= scale;
                gy *= scale;
                var difference = gx - gy;
                var d = Vector.ConditionalSelect(inside, difference * difference / ((gx * gx) + (gy * gy) + c), Vector<float>.Zero);
                sums += d;
                sumsOfSquares += d * d;
                counts += Vector.ConditionalSelect(inside, Vector<float>.One, Vector<float>.Zero);
            }

            sum += Vector.Sum(sums);
            squares += Vector.Sum(sumsOfSquares);
            count += Vector.Sum(counts);
        }

        return Math.Sqrt(Math.Max(0, (squares / count) - (sum / count * (sum / count))));
    }
}
