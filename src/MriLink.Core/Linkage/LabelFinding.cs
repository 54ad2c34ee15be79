using System.Globalization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>Two scans whose labels do not fit what they look like.</summary>
public sealed record LabelFinding
{
    /// <summary>1 for the strongest evidence.</summary>
    public required int Rank { get; init; }

    /// <summary>What is wrong: a name of <see cref="LabelProblem"/>.</summary>
    public required string Problem { get; init; }

    /// <summary>One scan.</summary>
    public required ScanIdentity First { get; init; }

    /// <summary>The other.</summary>
    public required ScanIdentity Second { get; init; }

    /// <summary>The measure's name.</summary>
    public required string Metric { get; init; }

    /// <summary>How alike they are.</summary>
    public required double Score { get; init; }

    /// <summary>Whether the score is that of <see cref="First"/> with left and right exchanged.</summary>
    public bool IsMirrored { get; init; }

    /// <summary>
    /// How rarely two scans so labelled would score so if the labels were right: a pair of strangers as well as this for
    /// <see cref="LabelProblem.TwoLabelsOnePerson"/>, or for <see cref="LabelProblem.OneLabelMirrored"/>, a pair of one person as badly for <see
    /// cref="LabelProblem.OneLabelTwoPeople"/>. NaN where too few pairs carry one label to say.
    /// </summary>
    public double PValue { get; init; } = double.NaN;

    /// <summary>Minus the decimal logarithm of <see cref="PValue"/>: 3 is one in a thousand.</summary>
    public double Evidence => -Math.Log10(Math.Max(PValue, 1e-300));

    /// <summary>Which of the two does not look like the label's other scans; null when that cannot be told.</summary>
    public ScanIdentity? Suspect { get; init; }

    /// <summary>The participant whose scans <see cref="Suspect"/>, or else either of the two, looks like; null when there is none.</summary>
    public string? LooksLike { get; init; }

    /// <summary>Of two labels for one person, what a person should know before believing it; null when there is nothing.</summary>
    public string? Remark { get; init; }

    /// <summary><see cref="First"/>'s participant, as a column of its own for CSV.</summary>
    public string FirstParticipant => First.Participant;

    /// <summary><see cref="First"/>'s session.</summary>
    public string? FirstSession => First.Session;

    /// <summary><see cref="First"/>'s file.</summary>
    public string? FirstPath => First.Path;

    /// <summary><see cref="Second"/>'s participant.</summary>
    public string SecondParticipant => Second.Participant;

    /// <summary><see cref="Second"/>'s session.</summary>
    public string? SecondSession => Second.Session;

    /// <summary><see cref="Second"/>'s file.</summary>
    public string? SecondPath => Second.Path;

    private bool IsOneLabel => string.Equals(Problem, nameof(LabelProblem.OneLabelTwoPeople), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{First} and {Second} {(IsOneLabel ? "look like different people" : "look like one person")}{(IsMirrored ? ", mirrored" : string.Empty)} "
            + $"({Metric} {Score:0.####})");
}
