using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>What came of reading a scan for comparison: the scan ready to be compared, or why it cannot be.</summary>
/// <param name="Scan">The scan.</param>
/// <param name="Volume">The same, ready for comparison; null where it cannot be used.</param>
/// <param name="Error">Why it cannot be used; null where it can.</param>
public sealed record ReadScan(MriScan Scan, PreparedVolume? Volume, Exception? Error);
