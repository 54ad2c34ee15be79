using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MriLink.Core.Formats.Dicom;

/// <summary>One element of a DICOM data set.</summary>
/// <param name="Tag">Group and element number, 0xGGGGEEEE.</param>
/// <param name="Type">The two letters of its value representation; "UN" where that is not known.</param>
/// <param name="Offset">Where in the file its value is.</param>
/// <param name="Length">Bytes of the value.</param>
/// <param name="Value">The value, empty when it is long.</param>
/// <param name="Items">The items of a sequence.</param>
internal sealed record DicomElement(uint Tag, string Type, long Offset, uint Length, byte[] Value, IReadOnlyList<DicomDataSet> Items)
{
    /// <summary>The value as text, without padding; numbers are written out. At most <paramref name="most"/> of these.</summary>
    public string Text(bool isUtf8, int most = 16) => Type switch
    {
        "US" => Numbers(2, most, at => BinaryPrimitives.ReadUInt16LittleEndian(Value.AsSpan(at))),
        "SS" => Numbers(2, most, at => BinaryPrimitives.ReadInt16LittleEndian(Value.AsSpan(at))),
        "UL" => Numbers(4, most, at => BinaryPrimitives.ReadUInt32LittleEndian(Value.AsSpan(at))),
        "SL" => Numbers(4, most, at => BinaryPrimitives.ReadInt32LittleEndian(Value.AsSpan(at))),
        "FL" => Numbers(4, most, at => BinaryPrimitives.ReadSingleLittleEndian(Value.AsSpan(at))),
        "FD" => Numbers(8, most, at => BinaryPrimitives.ReadDoubleLittleEndian(Value.AsSpan(at))),
        "AT" => Numbers(4, most, at => BinaryPrimitives.ReadUInt32LittleEndian(Value.AsSpan(at))),
        "SQ" => $"{Items.Count} items",
        "OB" or "OD" or "OF" or "OL" or "OV" or "OW" => $"{Length} bytes",
        "UN" when Value.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~') => $"{Length} bytes",
        _ when Value.Length < Length => $"{Length} bytes",
        _ => (isUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(Value).Trim(' ', '\0'),
    };

    /// <summary>The value as numbers, whichever way they are written; null when one is none or not finite, or when there is none.</summary>
    /// <remarks>
    /// A comma alone in a number is a decimal comma, as programs write it that heed the system's language; "1,234.5" and "1,2,3" are no numbers.
    /// </remarks>
    public double[]? Decimals()
    {
        var numbers = Type switch
        {
            "FD" => Read(8, at => BinaryPrimitives.ReadDoubleLittleEndian(Value.AsSpan(at))),
            "FL" => Read(4, at => BinaryPrimitives.ReadSingleLittleEndian(Value.AsSpan(at))),
            "US" => Read(2, at => BinaryPrimitives.ReadUInt16LittleEndian(Value.AsSpan(at))),
            "SS" => Read(2, at => BinaryPrimitives.ReadInt16LittleEndian(Value.AsSpan(at))),
            "UL" => Read(4, at => BinaryPrimitives.ReadUInt32LittleEndian(Value.AsSpan(at))),
            "SL" => Read(4, at => BinaryPrimitives.ReadInt32LittleEndian(Value.AsSpan(at))),
            _ => Parse(Encoding.Latin1.GetString(Value).Trim(' ', '\0')),
        };
        return numbers is { Length: > 0 } && Array.TrueForAll(numbers, double.IsFinite) ? numbers : null;

        double[] Read(int size, Func<int, double> at) => [.. Enumerable.Range(0, Value.Length / size).Select(i => at(i * size))];
    }

    private static double[]? Parse(string text)
    {
        var parts = text.Split('\\');
        var numbers = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i].Trim(' ', '\0');
            var comma = part.IndexOf(',', StringComparison.Ordinal);
            if (comma >= 0 && comma == part.LastIndexOf(',') && !part.Contains('.', StringComparison.Ordinal))
            {
                part = part.Replace(',', '.');
            }

            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }

    private string Numbers<T>(int size, int most, Func<int, T> read)
        where T : IFormattable
    {
        var count = Value.Length / size;
        var text = string.Join('\\',
            Enumerable.Range(0, Math.Min(count, most)).Select(i => read(i * size).ToString(null, CultureInfo.InvariantCulture)));
        return count > most ? text + "\\…" : text;
    }
}
