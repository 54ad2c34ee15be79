namespace MriLink.Core.Similarity.Measures;

/// <summary>½·KL(p‖m) + ½·KL(q‖m) with m = (p + q)/2, of the marginal histograms, in nats: 0 to ln 2.</summary>
internal sealed class JensenShannonDivergence : MarginalHistogramMeasure
{
    public JensenShannonDivergence()
        : base("JensenShannon", higherIsBetter: false, Math.Log(2), "Jensen-Shannon divergence of the intensity histograms, in nats (weak)",
            "Lin 1991, IEEE Trans Inf Theory 37:145")
    {
        Aliases = ["JS", "JSD"];
        Cost = "Two marginal histograms per pair";
        Scale = ScoreScale.Logarithm;
    }

    /// <inheritdoc/>
    protected override double Compare(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var middle = (x[i] + y[i]) / 2;
            sum += Term(x[i], middle) + Term(y[i], middle);
        }

        return Math.Clamp(sum / 2, 0, Maximum);
    }

    private static double Term(double p, double middle) => p > 0 ? p * Math.Log(p / middle) : 0;
}
