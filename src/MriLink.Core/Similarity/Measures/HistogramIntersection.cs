namespace MriLink.Core.Similarity.Measures;

/// <summary>Σ min(p, q) of the marginal histograms.</summary>
internal sealed class HistogramIntersection : MarginalHistogramMeasure
{
    public HistogramIntersection()
        : base("HistogramIntersection", higherIsBetter: true, 1, "Common part of the intensity histograms (weak)",
            "Swain & Ballard 1991, Int J Comput Vis 7:11")
    {
        Aliases = ["HI"];
        Cost = "Two marginal histograms per pair";
        Scale = ScoreScale.FisherZ;
    }

    /// <inheritdoc/>
    protected override double Compare(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += Math.Min(x[i], y[i]);
        }

        return sum;
    }
}
