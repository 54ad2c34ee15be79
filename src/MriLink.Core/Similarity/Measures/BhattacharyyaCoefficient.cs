namespace MriLink.Core.Similarity.Measures;

/// <summary>Σ √(p·q) of the marginal histograms.</summary>
internal sealed class BhattacharyyaCoefficient : MarginalHistogramMeasure
{
    public BhattacharyyaCoefficient()
        : base("Bhattacharyya", higherIsBetter: true, 1, "Bhattacharyya coefficient of the intensity histograms (weak)",
            "Bhattacharyya 1943, Bull Calcutta Math Soc 35:99")
    {
        Aliases = ["BC"];
        Cost = "Two marginal histograms per pair";
        Scale = ScoreScale.FisherZ;
    }

    /// <inheritdoc/>
    protected override double Compare(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += Math.Sqrt(x[i] * y[i]);
        }

        return Math.Min(sum, 1);
    }
}
