using System.Numerics;

namespace MriLink.Core.Similarity;

/// <summary>The map v ↦ (v − Shift)·Factor that gives a volume about zero mean and unit variance within its mask.</summary>
/// <remarks>
/// Windowed statistics are taken on standardised values and mapped back, so that single precision suffices whatever the
/// intensities' offset and scale.
/// </remarks>
internal readonly record struct Standardization(float Shift, float Factor)
{
    /// <summary>Leaves values as they are.</summary>
    public static Standardization None => new(0, 1);

    /// <summary>The map of some values; of equal ones it only takes the mean off.</summary>
    public static Standardization Of(ReadOnlySpan<float> values)
    {
        var mean = BlockSums.Sum(values) / values.Length;
        var shift = (float)mean;
        var moments = BlockSums.Joint(values, values, new(shift, 1), new(shift, 1));
        var deviation = Math.Sqrt(moments.XX / values.Length);
        return deviation > 1e-6 * Math.Abs(mean) ? new(shift, (float)(1 / deviation)) : new(shift, 1);
    }

    /// <summary>Maps values; <paramref name="result"/> may be longer, or be <paramref name="values"/>.</summary>
    public void Apply(ReadOnlySpan<float> values, Span<float> result)
    {
        var shift = new Vector<float>(Shift);
        var factor = new Vector<float>(Factor);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            ((new Vector<float>(values[i..]) - shift) * factor).CopyTo(result[i..]);
        }

        for (; i < values.Length; i++)
        {
            result[i] = (values[i] - Shift) * Factor;
        }
    }
}
