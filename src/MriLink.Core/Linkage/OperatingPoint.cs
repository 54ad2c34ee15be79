using System.Globalization;

namespace MriLink.Core.Linkage;

/// <summary>Error rates at one threshold.</summary>
/// <param name="Threshold">The score from which on a pair is accepted.</param>
/// <param name="FalseMatchRate">The part of impostor pairs that are accepted.</param>
/// <param name="FalseNonMatchRate">The part of genuine pairs that are not.</param>
public sealed record OperatingPoint(double Threshold, double FalseMatchRate, double FalseNonMatchRate)
{
    /// <summary>The part of genuine pairs that are accepted: the ordinate of a ROC curve over <see cref="FalseMatchRate"/>.</summary>
    public double TrueMatchRate => 1 - FalseNonMatchRate;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"FMR {FalseMatchRate:0.####}, FNMR {FalseNonMatchRate:0.####} at {Threshold:0.####}");
}
