namespace MriLink.Core.Search;

/// <summary>A signature among a probe's best.</summary>
/// <param name="Index">Its place in the file.</param>
/// <param name="Score">The estimated correlation.</param>
public readonly record struct SignatureHit(int Index, float Score);
