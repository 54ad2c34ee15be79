namespace MriLink.Core.Audit;

/// <summary>A file that an audit found, as its folder lists it.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ChangedUtc">When it was last written.</param>
public readonly record struct AuditFile(string Path, long Length, DateTime ChangedUtc);
