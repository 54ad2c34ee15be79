using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>What came of one scan among many: a result, or why there is none.</summary>
/// <param name="Scan">The scan.</param>
/// <param name="Result">What came of it; null where it cannot be used.</param>
/// <param name="Error">Why it cannot be used; null where it can.</param>
public sealed record ScanOutcome<T>(MriVolume Scan, T? Result, Exception? Error)
    where T : class;
