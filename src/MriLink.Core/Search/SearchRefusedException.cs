using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>A search cannot be made as it is asked for.</summary>
/// <param name="reason">Why.</param>
/// <param name="message">Why, and what to do.</param>
/// <param name="scan">The scan that it cannot be made with, or null where it is not for one scan.</param>
public sealed class SearchRefusedException(SearchRefusal reason, string message, ScanIdentity? scan = null) : InvalidOperationException(message)
{
    /// <summary>Why.</summary>
    public SearchRefusal Reason { get; } = reason;

    /// <summary>The scan that it cannot be made with, or null where it is not for one scan.</summary>
    public ScanIdentity? Scan { get; } = scan;
}
