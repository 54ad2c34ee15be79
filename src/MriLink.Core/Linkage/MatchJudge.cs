using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using MriLink.Core.Similarity;

namespace MriLink.Core.Linkage;

/// <summary>Decides about pairs by the rule that the options name.</summary>
internal sealed class MatchJudge
{
    // The probability of fewer probes' links would rest on each one's own p-value, which says nothing about how many probes have mates.
    private const int FewestForProbability = 10;

    // Strangers from elsewhere are taken for others than the audit's own when medians differ by so many standard errors, or matches among the
    // audit's own are rarer by chance than this.
    private const double UnlikeErrors = 3;
    private const double UnlikeChance = 1e-3;

    // From here on a pair is rather one person's than not.
    private const double Probable = 0.5;

    // An extrapolated tail is believed to two orders of magnitude beyond one in as many pairs as it was learnt from.
    private const double Extrapolation = 100;

    private readonly MatchOptions _options;
    private readonly SimilarityMeasure _measure;
    private readonly ImpostorTail _tail;
    private readonly FalseDiscovery.LocalRates? _local;
    private readonly double _limit;
    private readonly double? _knownLimit;
    private readonly string _rule;
    private readonly List<string> _notes;
    private readonly bool _unlikeKnown;

    // What is left of the probability of a pair that is less alike than one person's scans have been.
    private readonly double _leastLikely = 1;

    public MatchJudge(
        MatchOptions options, SimilarityMeasure measure, ImpostorTail tail, IEnumerable<(int Probe, int Gallery)> listed,
        Func<int, int, double> scores)
    {
        (_options, _measure, _tail) = (options, measure, tail);
        _notes = [.. tail.Notes];
        if (tail.Problem is null)
        {
            (int Probe, int Gallery)[] pairs = [.. listed];
            var best = pairs.Select(pair => tail.PValue(pair.Probe, pair.Gallery)).ToArray();
            _limit = FalseDiscovery.Limit(best, options.FalseDiscoveryRate, options.Earlier);
            _local = best.Length < FewestForProbability ? null : FalseDiscovery.Local(best);

            // How many probes have a mate is known, to three standard errors, even where it is not known which.
            var mated = (1 - FalseDiscovery.NullShare(best)) * best.Length;
            _leastLikely = _local is null ? 1 : LeastLikely(pairs.Where(pair => IsUnlikely(scores(pair.Probe, pair.Gallery)))
                .Sum(pair => 1 - _local.At(tail.PValue(pair.Probe, pair.Gallery))), mated);
            var links = best.Count(p => p <= _limit);
            if (options.Threshold is null && options.FalseMatchRate is null && mated - links > 3 * FalseDiscovery.NullError(best.Length - links))
            {
                _notes.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{links} scans are linked, but about {mated:0} score as if somebody in the gallery were theirs: at a false discovery rate "
                        + $"of {options.FalseDiscoveryRate} it cannot be told which."));
            }
        }

        if (options.Threshold is null && options.FalseMatchRate is { } rate && options.ImpostorScores is { } known)
        {
            // Known scores are the measure's own; normalised ones would be those of their own audit.
            if (options.Normalization != CohortNormalization.None)
            {
                throw new ArgumentException(
                    "Impostor scores that are known are not normalised, so they cannot judge normalised scores.", nameof(options));
            }

            var threshold = ThresholdEstimator.Estimate([], known, new() { Measure = measure, FalseMatchRate = rate });
            var limit = ComparableScore.From(threshold.Threshold, measure);
            if (Unlike(threshold, limit, rate, "known impostor scores") is { } unlike)
            {
                // The audit's own strangers are of its own kind, whatever the known ones are of.
                _unlikeKnown = true;
                _notes.Add($"{unlike}. The false match rate is taken from the audit's own strangers instead.");
            }
            else
            {
                _knownLimit = limit;
            }
        }

        if (options.Threshold is { } learnt
            && Unlike(learnt, ComparableScore.From(learnt.Threshold, measure), learnt.FalseMatchRate,
            "impostors that the threshold was learnt from") is { } other)
        {
            _notes.Add($"{other}. The threshold's error rates and probabilities do not hold here.");
        }

        _rule = Rule() + (options.Screening is { } screening ? $", {screening.Cohort.Count} of {screening.GalleryCount} gallery scans measured"
            : string.Empty)
            + (options.OneToOne ? ", one to one" : string.Empty);
    }

    /// <summary>What a person should know of how pairs were judged.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public Judgement Of(int probe, int gallery, double score, double value, bool lost)
    {
        double? p = _tail.Problem is null ? _tail.PValue(probe, gallery) : null;

        // Beyond what so few impostors can show, a smaller p-value is no better evidence.
        double? local = p is null || _local is null ? null : Math.Min(1 - _local.At(p.Value), 1 - (1 / (Extrapolation * (_tail.Pairs + 1.0))));
        return new(
            IsMatch(probe, gallery, value, p) is { } match ? match && !lost : null,
            _options.Threshold?.Probability(_options.Normalization == CohortNormalization.None ? score : value)
                ?? (IsUnlikely(score) ? Unlikely(local) : local),
            p,
            lost ? $"{_rule}: its best gallery scans go to other probes" : _rule);
    }

    // Among the audit's strangers alone a pair can stand out because it is of one site, or of relatives. Of one person's pairs, of which there
    // are as many as mated probes, at most one in n + 1 is expected to be worse than the worst of n known ones; so the probabilities of all such
    // pairs may come to no more than that together.
    private double LeastLikely(double stated, double mated) =>
        stated <= 0 ? 1 : Math.Min(1, mated / (_measure.PairsOfOnePerson + 1) / stated);

    // What the audit's strangers call probable and what is known of one person's scans does not is not known: the scans may be blurred, all of them,
    // or of relatives.
    private double? Unlikely(double? local) => local >= Probable && local * _leastLikely < Probable ? null : local * _leastLikely;

    // Only where the measure's own scale says something, whatever the scanner.
    private bool IsUnlikely(double score) =>
        _measure is { WorstOfOnePerson: { } worst, BestOfStrangers: not null } && !_measure.IsAtLeastAsGood(score, worst);

    private bool? IsMatch(int probe, int gallery, double value, double? p)
    {
        if (_options.Threshold is { } threshold)
        {
            return value >= (_options.Normalization == CohortNormalization.None ? ComparableScore.From(threshold.Threshold, _measure)
                : threshold.Threshold);
        }

        if (_options.FalseMatchRate is { } rate)
        {
            return _knownLimit is { } limit ? value >= limit : p is null ? null : _tail.SinglePValue(probe, gallery) <= rate;
        }

        return p is null ? null : p <= _limit;
    }

    // Why the audit's own strangers are not like those that a limit was learnt from, as a sentence's beginning; null when they may be.
    private string? Unlike(LinkageThreshold learnt, double limit, double? rate, string name)
    {
        var own = _tail.Scores;
        if (learnt.ImpostorMedian is not { } median || _options.Normalization != CohortNormalization.None)
        {
            return null;
        }

        if (own.Count < ImpostorTail.FewestPairs)
        {
            _notes.Add($"The audit has {own.Count} pairs of strangers of its own, too few to tell whether the {name} are like them.");
            return null;
        }

        double[] sorted = [.. own];
        var middle = SortedArrayStatistics.Median(sorted);

        // Pairs share scans, so a median is no better known than those of so many scans on either side.
        var error = 1.2533 * Bandwidth.RobustDeviation(sorted, middle) * Math.Sqrt((1.0 / _tail.Probes) + (1.0 / _tail.GalleryScans));
        var matches = sorted.Count(v => v >= limit);
        var expected = rate is { } r ? Math.Min(1, r) : 1;
        return Math.Abs(middle - median) > UnlikeErrors * error
            || (matches > 0 && 1 - Binomial.CDF(expected, sorted.Length, matches - 1) < UnlikeChance)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"The {name} are not like this audit's strangers: half of them score {ComparableScore.To(median, _measure):0.###} or better, "
                    + $"here {ComparableScore.To(middle, _measure):0.###}, and {matches} of {sorted.Length} pairs of strangers here reach "
                    + $"the limit")
            : null;
    }

    private string Rule()
    {
        if (_options.Threshold is { } threshold)
        {
            var sign = _measure.HigherIsBetter || _options.Normalization != CohortNormalization.None ? ">=" : "<=";
            var name = _options.Normalization == CohortNormalization.None ? _measure.Name : $"{_measure.Name} {_options.Normalization}";
            var how = threshold.FoundBy == ThresholdRule.Given ? string.Empty
                : string.Create(CultureInfo.InvariantCulture, $" ({threshold.Rule}, prior {threshold.Prior:0.######})");
            return string.Create(CultureInfo.InvariantCulture, $"Threshold: {name} {sign} {threshold.Threshold}{how}");
        }

        if (_options.FalseMatchRate is { } rate)
        {
            return _knownLimit is not null
                ? string.Create(CultureInfo.InvariantCulture, $"FalseMatchRate: {rate} of {_options.ImpostorScores!.Count} known impostor scores")
                : _tail.Problem is null
                    ? string.Create(CultureInfo.InvariantCulture,
                        $"FalseMatchRate: {rate} by the impostor tail ({_tail.Model}, {_tail.Pairs} "
                            + $"pairs){(_unlikeKnown ? ", known impostor scores being of another kind" : string.Empty)}")
                    : $"Undecided: {_tail.Problem}";
        }

        return _tail.Problem is null
            ? string.Create(CultureInfo.InvariantCulture,
                $"ImpostorTail: false discovery rate {_options.FalseDiscoveryRate} ({_tail.Model}, {_tail.Pairs} "
                    + $"pairs{(_options.Earlier.Probes > 0 ? $", {_options.Earlier.Probes} earlier probes" : string.Empty)})")
            : $"Undecided: {_tail.Problem}";
    }

    /// <summary>What is said of one pair.</summary>
    /// <param name="IsMatch">Whether it is a link; null when that cannot be told.</param>
    /// <param name="Probability">How probably both are one person's; null when that cannot be told.</param>
    /// <param name="PValue">How often strangers would score so; null when that cannot be told.</param>
    /// <param name="Rule">What decided.</param>
    public readonly record struct Judgement(bool? IsMatch, double? Probability, double? PValue, string Rule);
}
