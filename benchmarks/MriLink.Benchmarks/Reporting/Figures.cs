using System.Globalization;

namespace MriLink.Benchmarks.Reporting;

/// <summary>How numbers are written in the tables.</summary>
internal static class Figures
{
    /// <summary>Seconds or milliseconds, three digits.</summary>
    public static string Time(double seconds) => seconds switch
    {
        >= 100 => Text($"{seconds:0} s"),
        >= 10 => Text($"{seconds:0.0} s"),
        >= 1 => Text($"{seconds:0.00} s"),
        >= 0.1 => Text($"{seconds * 1000:0} ms"),
        >= 0.01 => Text($"{seconds * 1000:0.0} ms"),
        _ => Text($"{seconds * 1000:0.00} ms"),
    };

    /// <summary>"12.3x".</summary>
    public static string Ratio(double ratio) => ratio >= 100 ? Text($"{ratio:0}x") : Text($"{ratio:0.0}x");

    /// <summary>Megabytes of 2^20 bytes.</summary>
    public static string Megabytes(double bytes) => Text($"{bytes / (1 << 20):0} MB");

    /// <summary>A number with so many decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
