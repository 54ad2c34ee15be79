namespace MriLink.Core.Preprocessing.Records;

/// <summary>How long a step took.</summary>
/// <param name="Step">The step.</param>
/// <param name="Duration">Wall time.</param>
public sealed record StepTiming(string Step, TimeSpan Duration)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Step} {Duration.TotalSeconds:0.00} s";
}
