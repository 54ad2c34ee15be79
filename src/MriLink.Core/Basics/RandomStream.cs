using System.Text;

namespace MriLink.Core.Basics;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood 2014, OOPSLA): 64 bits of state, the same numbers on every machine and
/// runtime, and cheap to start, so that every participant, scan and slice has a stream keyed by what it is for.
/// </summary>
/// <remarks>A mutable struct without allocation; pass it by reference.</remarks>
internal struct RandomStream(ulong seed)
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>The seed that follows from another one and a path of keys; neighbouring keys give unrelated seeds.</summary>
    public static long Derive(long seed, SeedUse use, params ReadOnlySpan<long> keys)
    {
        var state = Mix((ulong)seed + GoldenGamma) ^ Mix((ulong)use * GoldenGamma);
        foreach (var key in keys)
        {
            state = Mix(state + GoldenGamma) ^ Mix((ulong)key + (GoldenGamma << 1));
        }

        return (long)Mix(state);
    }

    /// <summary>A number for a label that is the same in every process (FNV-1a, 64 bits), unlike a string's hash code.</summary>
    public static long KeyOf(string label)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var value in Encoding.UTF8.GetBytes(label))
        {
            hash = (hash ^ value) * 0x100000001B3;
        }

        return (long)hash;
    }

    /// <summary>A stream for one use of a seed.</summary>
    public static RandomStream For(long seed, SeedUse use, params ReadOnlySpan<long> keys) => new((ulong)Derive(seed, use, keys));

    /// <summary>Uniform in [0, 1) with 53 bits.</summary>
    public double NextDouble()
    {
        _state += GoldenGamma;
        return (Mix(_state) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Uniform between two limits.</summary>
    public double Uniform(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Two independent standard normal numbers (Marsaglia's polar method).</summary>
    public (double First, double Second) NextNormalPair()
    {
        double x, y, square;
        do
        {
            x = (2 * NextDouble()) - 1;
            y = (2 * NextDouble()) - 1;
            square = (x * x) + (y * y);
        }
        while (square is >= 1 or 0);
        var factor = Math.Sqrt(-2 * Math.Log(square) / square);
        return (x * factor, y * factor);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
