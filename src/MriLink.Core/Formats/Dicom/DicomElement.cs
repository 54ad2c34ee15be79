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

    /// <summary>The value as numbers: decimal strings or binary floats; null when it is something else or not finite.</summary>
    public double[]? Decimals()
    {
        double[] numbers;
        if (Type is "FD" or "FL")
        {
            var size = Type is "FD" ? 8 : 4;
            numbers = [.. Enumerable.Range(0, Value.Length / size).Select(i => size == 8
                ? BinaryPrimitives.ReadDoubleLittleEndian(Value.AsSpan(8 * i))
                : BinaryPrimitives.ReadSingleLittleEndian(Value.AsSpan(4 * i)))];
        }
        else
        {
            var parts = Encoding.Latin1.GetString(Value).Trim(' ', '\0').Split('\\');
            numbers = new double[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
                {
                    return null;
                }
            }
        }

        return Array.TrueForAll(numbers, double.IsFinite) ? numbers : null;
    }

    private string Numbers<T>(int size, int most, Func<int, T> read)
        where T : IFormattable
    {
        var count = Value.Length / size;
        var text = string.Join('\\', Enumerable.Range(0, Math.Min(count, most)).Select(i => read(i * size).ToString(null, CultureInfo.InvariantCulture)));
        return count > most ? text + "\\…" : text;
    }
}
