using System.Globalization;

namespace MriLink.Core.Linkage;

/// <summary>A figure with its 95 % interval.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Lower">The interval's lower end.</param>
/// <param name="Upper">The interval's upper end.</param>
public sealed record IntervalEstimate(double Value, double Lower, double Upper)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.####} [{Lower:0.####}, {Upper:0.####}]");
}
