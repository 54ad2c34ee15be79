namespace MriLink.Core.Similarity.Measures;

/// <summary>Correlation of the directions of edges (<see cref="EdgeOrientations"/>): for scans of different contrast.</summary>
internal sealed class EdgeOrientationCorrelation : SimilarityMeasure
{
    private readonly EdgeOrientations _edges;

    public EdgeOrientationCorrelation(EdgeOrientations edges)
        : base(
            "NGF",
            higherIsBetter: true,
            -1,
            1,
            "Correlation of the directions of edges, whichever side of them is brighter: for scans of different contrast",
            "Haber and Modersitzki 2006, MICCAI:726")
    {
        Aliases = ["NormalizedGradientField", "NormalisedGradientField", "Edges"];
        Cost = "All pairs as one matrix product of five times as many numbers as NCC, after some 0.2 s per volume; 20 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;

        // Real pairs of strangers have 0.011 (T1w and FLAIR) to 0.025 (T1w) and 0.132 at most, two simulated T1w 0.219; the worst of 17 real
        // pairs of two contrasts, a T1w and a FLAIR laid 3 mm apart, 0.12.
        StrangerSpread = 0.02;
        WorstOfOnePerson = 0.12;
        PairsOfOnePerson = 17;
        BestOfStrangers = 0.219;
        CoarsestKnown = 2;
        _edges = edges;
    }

    /// <summary>The measure by which what a brain was made into is compared: all pairs as a matrix product.</summary>
    public static MomentMeasure OfEdges { get; } = new NormalizedCrossCorrelation();

    /// <inheritdoc/>
    internal override bool NeedsIntensities => false;

    /// <summary>What is compared of a volume.</summary>
    public PreparedVolume Edges(PreparedVolume volume) => volume.Edges(_edges);

    internal override void Prepare(PreparedVolume volume) => volume.Edges(_edges);

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        using var edges = new VolumePair(Edges(pair.First), Edges(pair.Second));
        return OfEdges.Compute(edges, options);
    }
}
