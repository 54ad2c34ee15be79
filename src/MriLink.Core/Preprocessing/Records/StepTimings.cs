using System.Collections.ObjectModel;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>How long the steps took, in their order; reads as one line in a table or a CSV file.</summary>
/// <param name="steps">The steps; not copied, so that one that ends later still shows.</param>
public sealed class StepTimings(IReadOnlyList<StepTiming> steps)
    : ReadOnlyCollection<StepTiming>(steps as IList<StepTiming> ?? [.. steps])
{
    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", this);
}
