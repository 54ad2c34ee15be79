namespace MriLink.Core.Linkage;

/// <summary>How matches are listed and judged.</summary>
public sealed record MatchOptions
{
    private readonly int _top = 1;
    private readonly double _falseDiscoveryRate = 0.01;

    /// <summary>How many gallery scans to list per probe, 1 or more.</summary>
    public int Top
    {
        get => _top;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _top = value;
        }
    }

    /// <summary>The score from which on a pair is a match; null leaves it to <see cref="ImpostorTail"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>The share of false links among all links that <see cref="ImpostorTail"/> may make on average, between 0 and 1.</summary>
    public double FalseDiscoveryRate
    {
        get => _falseDiscoveryRate;
        init
        {
            if (!(value is > 0 and < 1))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A false discovery rate lies between 0 and 1.");
            }

            _falseDiscoveryRate = value;
        }
    }

    /// <summary>Whether <see cref="ImpostorTail"/> evens out brains that resemble everyone and brains that resemble no one.</summary>
    public bool CohortNormalization { get; init; } = true;
}
