using System.Globalization;

namespace MriLink.Core.Formats.Dicom;

/// <summary>
/// What tells the volumes of one series apart beside their place: kind of image, echo, inversion time, flip angle. Null where the file does not say.
/// </summary>
/// <param name="Component">Magnitude, phase, real or imaginary part.</param>
/// <param name="ImageType">The whole text of ImageType or FrameType, "ORIGINAL\PRIMARY\M" for example, without what names the component.</param>
/// <param name="Echo">EchoNumbers.</param>
/// <param name="EchoTime">ms, to three decimals.</param>
/// <param name="InversionTime">ms, to three decimals.</param>
/// <param name="FlipAngle">Degrees, to three decimals.</param>
internal sealed record DicomContrast(
    DicomComponent? Component, string? ImageType, string? Echo, string? EchoTime, string? InversionTime, string? FlipAngle)
{
    /// <summary>The parts in the order in which they tell apart.</summary>
    public string?[] Keys => [Component?.ToString(), ImageType, Echo, EchoTime, InversionTime, FlipAngle];

    /// <summary>Takes it from elements that are found by <paramref name="find"/>.</summary>
    /// <param name="find">The first element of a tag in its functional group, or at the top.</param>
    public static DicomContrast Of(Func<uint, uint, DicomElement?> find)
    {
        var type = Text(find(DicomTags.MrFrameType, DicomTags.FrameType) ?? find(0, DicomTags.ImageType));
        var parts = type?.ToUpperInvariant().Split('\\', StringSplitOptions.TrimEntries) ?? [];
        var component = ComponentOf(Text(find(DicomTags.MrFrameType, DicomTags.ComplexComponent)))
            ?? parts.Skip(2).Select(ComponentOf).FirstOrDefault(found => found is not null)
            ?? GeComponent(find);
        return new(
            component,
            type is null ? null : string.Join('\\', parts.Where((part, i) => i < 2 || ComponentOf(part) is null)),
            Text(find(0, DicomTags.EchoNumbers)),
            Number(find(DicomTags.MrEcho, DicomTags.EffectiveEchoTime) ?? find(0, DicomTags.EchoTime)),
            Number(find(DicomTags.MrModifier, DicomTags.InversionTimes) ?? find(0, DicomTags.InversionTime)),
            Number(find(DicomTags.MrTiming, DicomTags.FlipAngle) ?? find(0, DicomTags.FlipAngle)));
    }

    /// <summary>Magnitude before phase, originals before what was made of them, then by echo and times.</summary>
    public static IComparer<DicomContrast> Order { get; } = Comparer<DicomContrast>.Create((a, b) =>
    {
        var order = a.Rank.CompareTo(b.Rank);
        order = order != 0 ? order : a.IsDerived.CompareTo(b.IsDerived);
        var (keysOfA, keysOfB) = (a.Keys, b.Keys);
        for (var key = 1; key < keysOfA.Length && order == 0; key++)
        {
            order = NaturalOrder.Instance.Compare(keysOfA[key] ?? string.Empty, keysOfB[key] ?? string.Empty);
        }

        return order;
    });

    private int Rank => Component switch
    {
        null => 1,
        DicomComponent.Magnitude => 0,
        _ => 1 + (int)Component,
    };

    private bool IsDerived => ImageType?.StartsWith("DERIVED", StringComparison.Ordinal) == true;

    private static DicomComponent? ComponentOf(string? text) => text switch
    {
        "M" or "M_FFE" or "M_SE" or "M_IR" or "MAGNITUDE" or "MAG" => DicomComponent.Magnitude,
        "P" or "P_FFE" or "PHASE" or "PHASE MAP" => DicomComponent.Phase,
        "R" or "R_FFE" or "REAL" => DicomComponent.Real,
        "I" or "I_FFE" or "IMAGINARY" => DicomComponent.Imaginary,
        _ => null,
    };

    private static string? Text(DicomElement? element) => element?.Text(isUtf8: false) is { Length: > 0 } text ? text : null;

    // GE says it in an element of its own.
    private static DicomComponent? GeComponent(Func<uint, uint, DicomElement?> find) =>
        Text(find(0, DicomTags.Manufacturer))?.StartsWith("GE", StringComparison.OrdinalIgnoreCase) != true ? null
        : find(0, DicomTags.GeComponent)?.Decimals() switch
        {
            [0, ..] => DicomComponent.Magnitude,
            [1, ..] => DicomComponent.Phase,
            [2, ..] => DicomComponent.Real,
            [3, ..] => DicomComponent.Imaginary,
            _ => null,
        };

    // As it is written where it is no number: what differs there differs.
    private static string? Number(DicomElement? element) =>
        element?.Decimals() is [var number, ..] ? Math.Round(number, 3).ToString(CultureInfo.InvariantCulture) : Text(element);
}
