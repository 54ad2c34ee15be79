using System.Globalization;

namespace MriLink.Core.Mitigation;

/// <summary>A way of making scans harder to link, and the strengths it comes in.</summary>
public sealed class MitigationKind
{
    private readonly Func<MitigationKind, double, IMitigation> _make;

    internal MitigationKind(
        string name, string unit, string description, double least, double most, IReadOnlyList<double> strengths, Func<MitigationKind, double,
        IMitigation> make)
    {
        (Name, Unit, Description, Least, Most, Strengths, _make) = (name, unit, description, least, most, strengths, make);
    }

    /// <summary>The name, "Smooth" for example.</summary>
    public string Name { get; }

    /// <summary>What a strength is measured in, "mm FWHM" for example.</summary>
    public string Unit { get; }

    /// <summary>What it does, one line for people.</summary>
    public string Description { get; }

    /// <summary>The smallest strength that makes sense.</summary>
    public double Least { get; }

    /// <summary>The largest strength that makes sense.</summary>
    public double Most { get; }

    /// <summary>The strengths that are tried unless others are asked for, from what hardly shows to what leaves little.</summary>
    public IReadOnlyList<double> Strengths { get; }

    /// <summary>Whether an attacker who knows what was done can do the same to other scans; not where a secret seed decides.</summary>
    public bool IsRepeatable { get; internal init; } = true;

    /// <summary>The mitigation at a strength.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The strength makes no sense; the message says what does.</exception>
    public IMitigation Create(double strength) => strength >= Least && strength <= Most
        ? _make(this, strength)
        : throw new ArgumentOutOfRangeException(
            nameof(strength), strength, string.Create(CultureInfo.InvariantCulture, $"{Name} takes {Least} to {Most} {Unit}."));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
