using System.Globalization;

namespace MriLink.Core.Linkage;

/// <summary>A point of a cumulative match characteristic.</summary>
/// <param name="Rank">How many of the gallery's people are looked at.</param>
/// <param name="IdentificationRate">The part of mated probes whose person is among them.</param>
public sealed record RankPoint(int Rank, double IdentificationRate)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"rank {Rank}: {IdentificationRate:0.####}");
}
