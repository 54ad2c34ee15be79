namespace MriLink.Core.Similarity.Measures;

/// <summary>A measure that is the mean of a value per window, so that it can be shown as a map.</summary>
internal abstract class WindowMeasure : SimilarityMeasure
{
    private protected WindowMeasure(string name, double minimum, double maximum, string description, string source)
        : base(name, higherIsBetter: true, minimum, maximum, description, source)
    {
    }

    /// <summary>The value of the window around each voxel of the joint mask; windows cut by the grid's faces too.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="options">The measure's parameters.</param>
    /// <param name="values">One value per voxel of the joint mask.</param>
    public abstract void Map(VolumePair pair, SimilarityOptions options, float[] values);
}
