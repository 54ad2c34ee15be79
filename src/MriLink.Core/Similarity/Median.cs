using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>The exact median of many numbers, which stay where they are: counting goes over them at memory's pace, sorting does not.</summary>
internal static class Median
{
    private const int SampleSize = 512;

    // So few are sorted out one by one.
    private const int Few = 256;

    /// <summary>The median; of an even number of values, the lower of the two in the middle.</summary>
    /// <param name="values">Numbers, at least one.</param>
    public static float Of(ReadOnlySpan<float> values)
    {
        var rank = (values.Length - 1) / 2;
        var (low, high) = Guess(values);
        var (below, upTo) = CountBelow(values, low, high);
        if (below > rank)
        {
            (low, high, below, upTo) = (float.NegativeInfinity, low, 0, below);
        }
        else if (upTo <= rank)
        {
            (low, high, below, upTo) = (high, float.PositiveInfinity, upTo, values.Length);
        }

        // From here on the median is at least `low` and less than `high`. A line through the counts says where it is likely to be; twice as many
        // as are sought lie on either side of that place if the line is right.
        while (upTo - below > Few && float.IsFinite(high - low))
        {
            var step = (high - low) / (upTo - below);
            var middle = low + (step * (rank - below + 0.5f));
            var (first, second) = (Math.Max(low, middle - (step * Few / 4)), Math.Min(high, middle + (step * Few / 4)));
            var (a, b) = CountBelow(values, first, second);
            var next = a > rank ? (low, first, below, a) : b > rank ? (first, second, a, b) : (second, high, b, upTo);
            if (next == (low, high, below, upTo))
            {
                break;
            }

            (low, high, below, upTo) = next;
        }

        var chosen = new float[upTo - below];
        Choose(values, low, high, chosen);
        return Percentiles.AtRank(chosen, rank - below);
    }

    // Between which numbers the median is but for bad luck: four standard deviations of a sample's rank to either side.
    private static (float Low, float High) Guess(ReadOnlySpan<float> values)
    {
        Span<float> sample = stackalloc float[Math.Min(values.Length, SampleSize)];
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = values[(int)((long)i * values.Length / sample.Length)];
        }

        sample.Sort();
        var spread = (int)(2 * Math.Sqrt(sample.Length)) + 1;
        var middle = sample.Length / 2;
        return (sample[Math.Max(0, middle - spread)], sample[Math.Min(sample.Length - 1, middle + spread)]);
    }

    private static (int BelowFirst, int BelowSecond) CountBelow(ReadOnlySpan<float> values, float first, float second)
    {
        Vector<float> low = new(first), high = new(second);
        Vector<int> a = default, b = default;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var v in vectors)
        {
            a -= Vector.LessThan(v, low);
            b -= Vector.LessThan(v, high);
        }

        var (below, upTo) = (Vector.Sum(a), Vector.Sum(b));
        foreach (var v in values[(vectors.Length * Vector<float>.Count)..])
        {
            below += v < first ? 1 : 0;
            upTo += v < second ? 1 : 0;
        }

        return (below, upTo);
    }

    private static void Choose(ReadOnlySpan<float> values, float low, float high, Span<float> chosen)
    {
        Vector<float> least = new(low), end = new(high);
        var count = 0;
        for (var i = 0; i < values.Length; i += Vector<float>.Count)
        {
            var part = values.Slice(i, Math.Min(Vector<float>.Count, values.Length - i));
            if (part.Length == Vector<float>.Count)
            {
                var v = new Vector<float>(part);
                if (Vector.EqualsAll(Vector.GreaterThanOrEqual(v, least) & Vector.LessThan(v, end), Vector<int>.Zero))
                {
                    continue;
                }
            }

            foreach (var v in part)
            {
                if (v >= low && v < high)
                {
                    chosen[count++] = v;
                }
            }
        }
    }
}
