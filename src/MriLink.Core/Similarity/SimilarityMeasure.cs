namespace MriLink.Core.Similarity;

/// <summary>A number that says how alike two volumes on one grid are, over the voxels that lie in both masks.</summary>
/// <remarks>The measures are listed by <see cref="SimilarityMeasures"/> and evaluated by <see cref="PairwiseScorer"/>.</remarks>
public abstract class SimilarityMeasure
{
    private protected SimilarityMeasure(string name, bool higherIsBetter, double minimum, double maximum, string description, string source)
    {
        Name = name;
        HigherIsBetter = higherIsBetter;
        Minimum = minimum;
        Maximum = maximum;
        Description = description;
        Source = source;
    }

    /// <summary>The name, "SSIM" for example.</summary>
    public string Name { get; }

    /// <summary>Other names it goes by; case, spaces and hyphens never matter.</summary>
    public IReadOnlyList<string> Aliases { get; private protected init; } = [];

    /// <summary>One line for people.</summary>
    public string Description { get; }

    /// <summary>What a pair costs, and what is kept per volume for it, in words.</summary>
    public string Cost { get; private protected init; } = string.Empty;

    /// <summary>Where the measure is defined.</summary>
    public string Source { get; }

    /// <summary>Whether a larger score means more alike.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>The lowest possible score; −∞ when there is no bound.</summary>
    public double Minimum { get; }

    /// <summary>The highest possible score; +∞ when there is no bound.</summary>
    public double Maximum { get; }

    /// <summary>Whether (x, y) and (y, x) have the same score.</summary>
    public bool IsSymmetric { get; private protected init; } = true;

    /// <summary>The scale on which impostor scores are modelled.</summary>
    public ScoreScale Scale { get; private protected init; }

    /// <summary>
    /// How widely strangers' scores spread on that scale within one set of scans, as a standard deviation, from real scans; null when not known.
    /// It stands in where an audit has too few strangers of its own.
    /// </summary>
    public double? StrangerSpread { get; private protected init; }

    /// <summary>
    /// The worst score that two scans of one person have had, of real people whose scans were laid right, over decades of age, scanners and
    /// contrast agent; null when not known.
    /// </summary>
    public double? WorstOfOnePerson { get; private protected init; }

    /// <summary>How many pairs of real scans of one person <see cref="WorstOfOnePerson"/> is the worst of; 0 when not known.</summary>
    public int PairsOfOnePerson { get; private protected init; }

    /// <summary>
    /// The best score that scans of two people have had, real or simulated, laid right; null when not known, or when it hangs on scanner and grid.
    /// </summary>
    public double? BestOfStrangers { get; private protected init; }

    /// <summary>The limit beyond which <see cref="IsLikeOnePerson"/> holds; null where that is not known.</summary>
    public double? LikeOnePersonFrom => WorstOfOnePerson is { } worst && BestOfStrangers is { } best
        ? IsAtLeastAsGood(best, worst) ? best : worst : null;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>
    /// Whether two scans that score so are as alike as one person's have been, and more alike than any two people's; never where that is not known.
    /// </summary>
    public bool IsLikeOnePerson(double score) =>
        LikeOnePersonFrom is { } from && IsAtLeastAsGood(score, from) && !IsAtLeastAsGood(BestOfStrangers!.Value, score);

    /// <summary>Whether <paramref name="score"/> says at least as alike as <paramref name="other"/>.</summary>
    public bool IsAtLeastAsGood(double score, double other) => HigherIsBetter ? score >= other : score <= other;

    /// <summary>
    /// Whether the measure looks at intensities when volumes are compared, and not only at what <see cref="Prepare"/> made of them.
    /// </summary>
    internal virtual bool NeedsIntensities => true;

    /// <summary>Checks that a volume can be compared by this measure.</summary>
    /// <exception cref="InvalidOperationException">It was made for another one.</exception>
    internal void RequireFitting(PreparedVolume volume)
    {
        if (volume.ComparedBy is { } only && !string.Equals(only, Name, StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                $"'{volume.Identity.Path ?? volume.Identity.Name}' was made to be compared by {only}; its {Name} means nothing.");
        }
    }

    /// <summary>Computes what the measure derives from a volume alone, if that is to be done before volumes are compared.</summary>
    internal virtual void Prepare(PreparedVolume volume)
    {
    }

    /// <summary>The score of a pair, NaN where the measure is not defined (a constant volume, for example).</summary>
    internal abstract double Compute(VolumePair pair, SimilarityOptions options);
}
