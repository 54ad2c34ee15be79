namespace MriLink.Core.Similarity;

/// <summary>Takes Gaussian sums of a mask's runs (<see cref="MaskedGaussian{T}"/>), each run once.</summary>
internal interface IGaussianSink
{
    /// <summary>Takes the sums of one run. Behind each there is room for a vector to be read.</summary>
    /// <param name="first">Where the run's voxels begin in the mask's vectors.</param>
    /// <param name="count">How many they are.</param>
    /// <param name="weights">G∗m.</param>
    /// <param name="sums">G∗(v·m).</param>
    /// <param name="squares">G∗(v²·m), if it was asked for.</param>
    void Take<T>(int first, int count, ref float weights, ref float sums, ref float squares)
        where T : struct, ILanes<T>;
}
