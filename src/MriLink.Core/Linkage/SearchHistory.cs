namespace MriLink.Core.Linkage;

/// <summary>What searches of a gallery came to.</summary>
/// <param name="Probes">Scans that were looked for.</param>
/// <param name="Links">Of these, scans that were linked to somebody.</param>
public readonly record struct SearchHistory(int Probes, int Links);
