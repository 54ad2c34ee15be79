namespace MriLink.Core.Similarity;

/// <summary>The scores of every probe with every gallery volume under one measure.</summary>
public sealed class SimilarityMatrix
{
    private readonly double[] _scores;

    internal SimilarityMatrix(SimilarityMeasure measure, int probes, int gallery)
    {
        Measure = measure;
        ProbeCount = probes;
        GalleryCount = gallery;
        _scores = new double[(long)probes * gallery];
    }

    /// <summary>The measure.</summary>
    public SimilarityMeasure Measure { get; }

    /// <summary>Rows.</summary>
    public int ProbeCount { get; }

    /// <summary>Columns.</summary>
    public int GalleryCount { get; }

    /// <summary>The score of a pair; NaN when there is none: the overlap is too small, or the measure is not defined for the pair.</summary>
    public double this[int probe, int gallery]
    {
        get => _scores[((long)probe * GalleryCount) + gallery];
        internal set => _scores[((long)probe * GalleryCount) + gallery] = value;
    }
}
