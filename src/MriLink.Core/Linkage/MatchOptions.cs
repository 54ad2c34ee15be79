namespace MriLink.Core.Linkage;

/// <summary>How matches are listed and judged.</summary>
/// <remarks>
/// One of three rules decides: <see cref="Threshold"/> where given, else <see cref="FalseMatchRate"/> where given, else
/// <see cref="FalseDiscoveryRate"/>.
/// </remarks>
public sealed record MatchOptions
{
    private readonly int _top = 1;
    private readonly double _falseDiscoveryRate = 0.01;
    private readonly double? _falseMatchRate;

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

    /// <summary>The score from which on a pair is a match, whatever its rank.</summary>
    public LinkageThreshold? Threshold { get; init; }

    /// <summary>The part of all comparisons of two different people that may match, between 0 and 1.</summary>
    public double? FalseMatchRate
    {
        get => _falseMatchRate;
        init => _falseMatchRate = value is null ? null : Rate(value.Value);
    }

    /// <summary>
    /// Scores of pairs known to be two people, for <see cref="FalseMatchRate"/>; null takes the audit's own impostors, whose distribution
    /// is estimated.
    /// </summary>
    public IReadOnlyCollection<double>? ImpostorScores { get; init; }

    /// <summary>The part of the links that may be false on average, between 0 and 1.</summary>
    public double FalseDiscoveryRate
    {
        get => _falseDiscoveryRate;
        init => _falseDiscoveryRate = Rate(value);
    }

    /// <summary>
    /// What earlier searches of the same gallery came to, where it is searched again and again: the false discovery rate is then held over all
    /// of them together. One probe at a time, each judged alone, would bring a false link with every hundredth at a rate of 0.01, whether or
    /// not any is true.
    /// </summary>
    public SearchHistory Earlier { get; init; }

    /// <summary>How scores are normalised before they are ranked and judged.</summary>
    public CohortNormalization Normalization { get; init; }

    /// <summary>Whether each person is known to be in either side once, so that a gallery scan goes to one probe at most.</summary>
    public bool OneToOne { get; init; }

    /// <summary>
    /// The standard deviation of what scores are off by, where they estimate others, as signatures' do: strangers then spread more widely than
    /// those from which a measure's spread is known.
    /// </summary>
    public double ScoreError { get; init; }

    /// <summary>
    /// Spacing of the grid that scans were compared on, in mm; null where it is not known, and taken for a fine one. On a coarse grid strangers are
    /// as alike as one person's scans are elsewhere, and nothing is made of that (<see cref="Similarity.SimilarityMeasure.CoarsestKnown"/>).
    /// </summary>
    public double? Spacing { get; init; }

    /// <summary>Where only a part of the gallery was measured, chosen for each probe: what the scores are of; null when they are of all.</summary>
    public Screening? Screening { get; init; }

    private static double Rate(double value) =>
        value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A rate lies between 0 and 1.");
}
