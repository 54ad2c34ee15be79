using System.Globalization;
using MriLink.Core.Linkage;

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

    /// <summary>A number in a format; a dash where there is none.</summary>
    public static string Number(double value, string format) => double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A part of 1 in per cent with its interval; a dash where there is none.</summary>
    public static string Percent(IntervalEstimate? figure) => figure is null ? "–"
        : Text($"{100 * figure.Value:0.##} [{100 * figure.Lower:0.##}, {100 * figure.Upper:0.##}]");

    /// <summary>A figure with its interval; a dash where there is none.</summary>
    public static string Plain(IntervalEstimate? figure, string format) => figure is null ? "–"
        : $"{Number(figure.Value, format)} [{Number(figure.Lower, format)}, {Number(figure.Upper, format)}]";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
