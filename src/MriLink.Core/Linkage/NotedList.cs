using System.Collections.ObjectModel;

namespace MriLink.Core.Linkage;

/// <summary>Results, and what a person should know of how they came about.</summary>
/// <typeparam name="T">What the results are.</typeparam>
/// <param name="items">The results, in order.</param>
/// <param name="notes">Sentences; empty when there is nothing to say.</param>
public sealed class NotedList<T>(IList<T> items, IReadOnlyList<string> notes) : ReadOnlyCollection<T>(items)
{
    /// <summary>Sentences; empty when there is nothing to say.</summary>
    public IReadOnlyList<string> Notes { get; } = notes;

    /// <summary>
    /// Those of <see cref="Notes"/> that are true of what results were taken from rather than of these results, and so of the next ones too.
    /// </summary>
    public IReadOnlyList<string> Standing { get; init; } = [];
}
