using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>Sums the trials of all probes up: one result for the release as it is, then one for each mitigation.</summary>
public sealed class MitigationSummary
{
    private readonly MitigationTest _test;
    private readonly IReadOnlyList<ProbeTrial> _trials;
    private readonly IReadOnlyList<ScanIdentity> _probes;
    private readonly IReadOnlyList<ScanIdentity> _gallery;
    private readonly IReadOnlyList<ScanIdentity> _probePeople;
    private readonly IReadOnlyList<ScanIdentity> _galleryPeople;
    private readonly MatchOptions _options;
    private readonly EvaluationOptions _evaluation;
    private readonly bool _truthKnown;
    private readonly string? _contrasts;

    /// <summary>Takes the trials.</summary>
    /// <param name="test">The test they are of.</param>
    /// <param name="trials">A trial for each probe, all of one contrast.</param>
    /// <param name="options">How the attacker decides; by a threshold of normalised scores after they are normalised so.</param>
    /// <param name="evaluation">How intervals are found.</param>
    /// <param name="person">Whose scan it really is, as a label that is the same on both sides; null takes the scan's own label.</param>
    /// <exception cref="ArgumentException">Probes are of several contrasts, whose scores cannot be judged together.</exception>
    public MitigationSummary(
        MitigationTest test, IReadOnlyList<ProbeTrial> trials, MatchOptions options, EvaluationOptions evaluation, Func<ScanIdentity,
        ScanIdentity>? person = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(trials);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(evaluation);
        (_test, _trials, _evaluation) = (test, trials, evaluation);
        options = options.Threshold is { } threshold ? options with { Normalization = threshold.NormalizedBy } : options;
        _options = options with { Top = options.OneToOne ? options.Top : 1, Spacing = test.Spacing };
        _probes = [.. trials.Select(t => t.Identity)];
        _gallery = test.Gallery;
        _probePeople = [.. _probes.Select(p => person?.Invoke(p) ?? p)];
        _galleryPeople = [.. _gallery.Select(g => person?.Invoke(g) ?? g)];
        var kinds = ContrastKind.Among(_probes, _gallery);
        if (kinds.Count > 1)
        {
            throw new ArgumentException("The probes are of several contrasts: sum each one's trials up by themselves.", nameof(trials));
        }

        if (kinds is [var kind])
        {
            // A threshold that was learnt from pairs of another kind says nothing of these.
            (_options, Note) = kind.Options(_options, test.Measure, test.Measure);
            _contrasts = kind.Name;
        }

        _truthKnown = _probePeople.Select(p => p.Participant).Intersect(_galleryPeople.Select(g => g.Participant), StringComparer.Ordinal).Any();
    }

    /// <summary>Why pairs are judged otherwise than was asked; null where they are not.</summary>
    public string? Note { get; }

    /// <summary>The results: none, then each mitigation, each followed by the adapted attacker's where there is one.</summary>
    public IReadOnlyList<MitigationResult> Results(WorkOptions work)
    {
        var results = new List<MitigationResult>();
        var none = Judge([.. _trials.Select(t => (double[]?)t.Scores)]);
        ScanMatch?[] today = [.. none.Best.Select(m => m?.IsMatch == true ? m : null)];
        results.Add(Result(none, today, mitigation: null, at: -1, adapted: false, work));
        for (var at = 0; at < _test.Mitigations.Count; at++)
        {
            var mitigation = _test.Mitigations[at];
            results.Add(Result(Judge([.. _trials.Select(t => t.Outcomes[at].Scores)]), today, mitigation, at, adapted: false, work));
            if (_trials.Any(t => t.Outcomes[at].AdaptedScores is not null))
            {
                results.Add(Result(Judge([.. _trials.Select(t => t.Outcomes[at].AdaptedScores)]), today, mitigation, at, adapted: true, work));
            }
        }

        return results;
    }

    private Judgement Judge(double[]?[] rows)
    {
        var present = Enumerable.Range(0, rows.Length).Where(i => rows[i] is not null).ToArray();
        var scores = new double[present.Length, _gallery.Count];
        for (var i = 0; i < present.Length; i++)
        {
            for (var j = 0; j < _gallery.Count; j++)
            {
                scores[i, j] = rows[present[i]]![j];
            }
        }

        var best = new ScanMatch?[rows.Length];
        var matches = present.Length == 0 ? new([], [])
            : MatchFinder.Find(scores, _test.Measure, [.. present.Select(i => _probes[i])], _gallery, _options);
        foreach (var match in matches)
        {
            best[IndexOf(_probes, match.Probe)] = match;
        }

        return new(rows, best, matches.Notes);
    }

    private MitigationResult Result(
        Judgement judgement, ScanMatch?[] today, IMitigation? mitigation, int at, bool adapted, WorkOptions work)
    {
        List<string> notes = [.. judgement.Notes, .. Note is null ? Array.Empty<string>() : [Note]];
        var versions = at < 0 ? [] : _trials.Select(t => t.Outcomes[at].Version).ToArray();
        var changed = versions.Where(v => v.WhyNot is null).ToArray();
        if (changed.Length < versions.Length)
        {
            var reason = versions.First(v => v.WhyNot is not null).WhyNot;
            notes.Add(changed.Length == 0
                ? $"{mitigation!.Kind} changes none of {versions.Length} scans: each {reason}."
                : $"{versions.Length - changed.Length} of {versions.Length} scans stay as they are: each {reason}.");
        }

        var best = judgement.Best;
        var open = best.FirstOrDefault(m => m is { IsMatch: null });
        if (open is not null)
        {
            notes.Add($"{open.DecidingRule}. Links are not counted.");
        }

        var links = Enumerable.Range(0, best.Length).Where(i => best[i]?.IsMatch == true).ToArray();
        var right = links.Count(i => SamePerson(_probePeople[i], _galleryPeople[IndexOf(_gallery, best[i]!.Gallery)]));
        var evaluation = _truthKnown ? Evaluate(judgement.Rows, notes, work) : null;
        var (genuine, impostor) = MeanScores(judgement.Rows, today);
        return new()
        {
            Mitigation = mitigation?.Kind.Name ?? MitigationResult.None,
            Strength = mitigation?.Strength,
            Unit = mitigation?.Kind.Unit,
            AdaptedAttacker = adapted,
            Metric = _test.Measure.Name,
            Contrasts = _contrasts,
            Probes = _trials.Count,
            GalleryScans = _gallery.Count,
            MatedProbes = _truthKnown ? _probePeople.Count(p => _galleryPeople.Any(g => SamePerson(p, g))) : null,
            Links = open is null ? links.Length : null,
            TrueLinks = open is null && _truthKnown ? right : null,
            FalseLinks = open is null && _truthKnown ? links.Length - right : null,
            SurvivingLinks = open is null ? links.Count(i => today[i] is { } before && SamePerson(before.Gallery, best[i]!.Gallery)) : null,
            Rank1 = evaluation?.Rank1,
            ChanceRank1 = _truthKnown ? 1.0 / _galleryPeople.Select(g => g.Participant).Distinct(StringComparer.Ordinal).Count() : null,
            Auc = evaluation?.Auc,
            Eer = evaluation?.Eer,
            GenuineScore = genuine,
            ImpostorScore = impostor,
            Psnr = Mean(changed.Select(v => v.Psnr)),
            Ssim = Mean(changed.Select(v => v.Ssim)),
            BrainVolumeChange = Mean(changed.Select(v => Math.Abs(v.BrainChange))),
            Failed = at < 0 ? _trials.Count(t => t.Quality.GetVerdict() == QualityVerdict.Fail) : versions.Count(v => v.Failed),
            Unusable = judgement.Rows.Count(r => r is null),
            Unchanged = versions.Length - changed.Length,
            DecidingRule = best.FirstOrDefault(m => m is not null)?.DecidingRule,
            Evaluation = evaluation,
            Notes = [.. notes],
        };
    }

    // A scan that nothing can be made of, and a pair whose masks hardly overlap, tell the attacker as much as the worst score there is.
    private LinkageEvaluation? Evaluate(double[]?[] rows, List<string> notes, WorkOptions work)
    {
        var finite = rows.OfType<double[]>().SelectMany(r => r).Where(s => !double.IsNaN(s)).ToArray();
        if (finite.Length == 0)
        {
            notes.Add("No pair has a score.");
            return null;
        }

        var worst = _test.Measure.HigherIsBetter ? finite.Min() : finite.Max();
        var pairs = new List<ScoredPair>();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < _gallery.Count; j++)
            {
                if (!MatchFinder.IsSameScan(_probes[i], _gallery[j]))
                {
                    var score = rows[i] is { } row && !double.IsNaN(row[j]) ? row[j] : worst;
                    pairs.Add(new(_probePeople[i], _galleryPeople[j], _test.Measure.Name, _test.Measure.HigherIsBetter, score));
                }
            }
        }

        try
        {
            var evaluation = LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), _evaluation, work);
            notes.AddRange(evaluation.Notes);
            return evaluation;
        }
        catch (InvalidOperationException exception)
        {
            notes.Add(exception.Message);
            return null;
        }
    }

    private (double? Genuine, double? Impostor) MeanScores(double[]?[] rows, ScanMatch?[] today)
    {
        var (genuine, impostor) = (new List<double>(), new List<double>());
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; rows[i] is { } row && j < row.Length; j++)
            {
                if (double.IsNaN(row[j]) || MatchFinder.IsSameScan(_probes[i], _gallery[j]))
                {
                    continue;
                }

                var same = _truthKnown ? SamePerson(_probePeople[i], _galleryPeople[j])
                    : today[i] is { } link && ReferenceEquals(link.Gallery, _gallery[j]);
                (same ? genuine : impostor).Add(row[j]);
            }
        }

        return (Mean(genuine), Mean(impostor));
    }

    private static int IndexOf(IReadOnlyList<ScanIdentity> scans, ScanIdentity scan)
    {
        var at = 0;
        while (!ReferenceEquals(scans[at], scan))
        {
            at++;
        }

        return at;
    }

    private static bool SamePerson(ScanIdentity a, ScanIdentity b) => string.Equals(a.Participant, b.Participant, StringComparison.Ordinal);

    private static double? Mean(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).ToArray();
        return finite.Length > 0 ? finite.Average() : null;
    }

    // A row of scores and the best match for each probe, neither where nothing is left of the probe; and what is to be known of the matches.
    private sealed record Judgement(double[]?[] Rows, ScanMatch?[] Best, IReadOnlyList<string> Notes);
}
