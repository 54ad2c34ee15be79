using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Similarity;

namespace MriLink.Core.Linkage;

/// <summary>The score from which on a pair is called one person, where it comes from, and what a score says about that.</summary>
/// <remarks>Made by <see cref="ThresholdEstimator"/>; a plain number becomes one that knows no probabilities.</remarks>
public sealed class LinkageThreshold
{
    private readonly PosteriorCurve? _posterior;
    private readonly SimilarityMeasure? _measure;

    /// <summary>A threshold that somebody chose.</summary>
    public LinkageThreshold(double threshold)
        : this(threshold, measure: null, posterior: null)
    {
    }

    internal LinkageThreshold(double threshold, SimilarityMeasure? measure, PosteriorCurve? posterior)
    {
        if (!double.IsFinite(threshold))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold is a finite number.");
        }

        (Threshold, _measure, _posterior) = (threshold, measure, posterior);
    }

    /// <summary>The score from which on a pair is a match.</summary>
    public double Threshold { get; }

    /// <summary>The measure that it belongs to; null when it may be any.</summary>
    public string? Metric => _measure?.Name;

    /// <summary>The contrasts of the pairs that it was learnt from: "T1w", or "T1w-FLAIR"; null when it may be any.</summary>
    public string? Contrasts { get; internal init; }

    /// <summary>Whether a larger score means more alike; null when the measure is not known.</summary>
    public bool? HigherIsBetter { get; internal init; }

    /// <summary>How the scores behind it were normalised; the threshold is one of scores so normalised.</summary>
    public string Normalization => NormalizedBy.ToString();

    /// <summary>How it was found.</summary>
    public string Rule => FoundBy.ToString();

    /// <summary>The probability that a pair is one person before its score is known; null for a threshold that somebody chose.</summary>
    public double? Prior { get; internal init; }

    /// <summary>Whether some impostor scores at least as well as some genuine pair; null when not known.</summary>
    public bool? HasOverlap { get; internal init; }

    /// <summary>The distance between the worst genuine and the best impostor score, when there is no overlap; otherwise null.</summary>
    public double? Gap { get; internal init; }

    /// <summary>
    /// The part of impostor pairs that score at least as well as the threshold, as the fitted distribution has it, but never less than so many
    /// impostors can show: three in as many as there are (the rule of three, 95 %).
    /// </summary>
    public double? FalseMatchRate { get; internal init; }

    /// <summary>The part of genuine pairs that score worse than the threshold, as the fitted distribution has it, bounded in the same way.</summary>
    public double? FalseNonMatchRate { get; internal init; }

    /// <summary>Genuine scores behind it.</summary>
    public int GenuineCount { get; internal init; }

    /// <summary>Impostor scores behind it.</summary>
    public int ImpostorCount { get; internal init; }

    /// <summary>The impostors' median on the scale on which scores are compared; null for a threshold that somebody chose.</summary>
    public double? ImpostorMedian { get; internal init; }

    /// <inheritdoc cref="Normalization"/>
    internal CohortNormalization NormalizedBy { get; init; }

    /// <inheritdoc cref="Rule"/>
    internal ThresholdRule FoundBy { get; init; }

    /// <inheritdoc cref="BandwidthRule"/>
    internal BandwidthRule? WidthsBy { get; init; }

    /// <summary>How kernel widths were chosen; null when there are no densities.</summary>
    public string? BandwidthRule => WidthsBy?.ToString();

    /// <summary>Kernel width of the genuine scores, on the scale on which they are compared (Fisher's z for correlations).</summary>
    public double? GenuineBandwidth { get; internal init; }

    /// <summary>Kernel width of the impostor scores, on the same scale.</summary>
    public double? ImpostorBandwidth { get; internal init; }

    /// <summary>What <see cref="Probability"/> reads probabilities from, as text, so that a file keeps it; null without densities.</summary>
    public string? ProbabilityCurve => _posterior?.ToString();

    /// <summary>What a reader should know before relying on it; empty when there is nothing.</summary>
    public PlainList<string> Notes { get; internal init; } = [];

    /// <summary>A threshold that somebody chose, written as a number.</summary>
    public static implicit operator LinkageThreshold(double threshold) => new(threshold);

    /// <summary>A threshold that somebody chose.</summary>
    public static LinkageThreshold FromDouble(double threshold) => new(threshold);

    /// <summary>A threshold that somebody chose, from text.</summary>
    /// <exception cref="FormatException">The text is no number.</exception>
    public static LinkageThreshold Parse(string text, IFormatProvider? provider = null) =>
        new(double.Parse(text, NumberStyles.Float, provider ?? CultureInfo.InvariantCulture));

    /// <summary>A threshold from its properties, as a file or another process keeps them.</summary>
    /// <param name="field">Gives a property by name as text, numbers as <see cref="CultureInfo.InvariantCulture"/> writes them; null where it is
    /// missing or empty.</param>
    /// <exception cref="FormatException">A property is missing, or is none of what it can be.</exception>
    public static LinkageThreshold FromProperties(Func<string, string?> field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var threshold = Number(nameof(Threshold)) ?? throw new FormatException("It has no number Threshold.");
        var metric = field(nameof(Metric));
        var measure = metric is null ? null : SimilarityMeasures.Find(metric) ?? throw new FormatException($"There is no measure '{metric}'.");
        return new(threshold, measure, field(nameof(ProbabilityCurve)) is { } curve ? PosteriorCurve.Parse(curve) : null)
        {
            Contrasts = field(nameof(Contrasts)),
            HigherIsBetter = Truth(nameof(HigherIsBetter)),
            NormalizedBy = Word<CohortNormalization>(nameof(Normalization)) ?? CohortNormalization.None,
            FoundBy = Word<ThresholdRule>(nameof(Rule)) ?? ThresholdRule.Given,
            Prior = Number(nameof(Prior)),
            HasOverlap = Truth(nameof(HasOverlap)),
            Gap = Number(nameof(Gap)),
            FalseMatchRate = Number(nameof(FalseMatchRate)),
            FalseNonMatchRate = Number(nameof(FalseNonMatchRate)),
            GenuineCount = (int)(Number(nameof(GenuineCount)) ?? 0),
            ImpostorCount = (int)(Number(nameof(ImpostorCount)) ?? 0),
            ImpostorMedian = Number(nameof(ImpostorMedian)),
            WidthsBy = Word<BandwidthRule>(nameof(BandwidthRule)),
            GenuineBandwidth = Number(nameof(GenuineBandwidth)),
            ImpostorBandwidth = Number(nameof(ImpostorBandwidth)),
            Notes = field(nameof(Notes)) is { } notes ? [notes] : [],
        };

        double? Number(string name) => field(name) is not { } text ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new FormatException($"{name} is '{text}', no number.");

        bool? Truth(string name) =>
            field(name) is not { } text ? null : bool.TryParse(text, out var truth) ? truth
            : throw new FormatException($"{name} is '{text}', neither true nor false.");

        T? Word<T>(string name)
            where T : struct, Enum =>
            field(name) is not { } text ? null
                : Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word) ? word
                : throw new FormatException($"{name} is '{text}', none of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    /// <summary>
    /// The probability that a pair with this score is one person, by Bayes' rule; null without densities. It never falls as scores get
    /// better, and never claims more than the samples' sizes support.
    /// </summary>
    public double? Probability(double score) => _posterior?.At(
        NormalizedBy != CohortNormalization.None ? score
        : _measure is null && HigherIsBetter == false ? -score
        : ComparableScore.From(score, _measure));

    /// <inheritdoc/>
    public override string ToString()
    {
        var sign = HigherIsBetter switch
        {
            true => ">= ",
            false => "<= ",
            null => string.Empty,
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Metric} {sign}{Threshold:0.######}").TrimStart();
    }
}
