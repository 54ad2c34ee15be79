using System.Globalization;

namespace MriLink.Core.Formats;

/// <summary>Names, types and places of the fields of a binary header.</summary>
/// <remarks>
/// Written as lines "name type offset count": types are b (byte), h, i, l (integers of 16, 32, 64 bits), f, d (floats), c (text),
/// and t: text that may identify a person.
/// </remarks>
internal sealed class HeaderLayout
{
    private readonly (string Name, char Type, int At, int Count)[] _fields;

    public HeaderLayout(string table) =>
        _fields = [.. table.Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ParseField)];

    /// <summary>The fields of a header.</summary>
    /// <param name="bytes">The header.</param>
    /// <param name="bigEndian">Its byte order.</param>
    public List<HeaderField> Read(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        var reader = new FieldReader(bytes, bigEndian);
        var fields = new List<HeaderField>(_fields.Length);
        foreach (var (name, type, at, count) in _fields)
        {
            fields.Add(type is 'c' or 't'
                ? new(name, reader.Text(at, count), mayIdentify: type is 't')
                : new(name, Numbers(reader, type, at, count)));
        }

        return fields;
    }

    private static string Numbers(FieldReader reader, char type, int at, int count)
    {
        var numbers = new string[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = type switch
            {
                'b' => reader.Byte(at + i).ToString(CultureInfo.InvariantCulture),
                'h' => reader.Int16(at + (2 * i)).ToString(CultureInfo.InvariantCulture),
                'i' => reader.Int32(at + (4 * i)).ToString(CultureInfo.InvariantCulture),
                'l' => reader.Int64(at + (8 * i)).ToString(CultureInfo.InvariantCulture),
                'f' => reader.Single(at + (4 * i)).ToString(CultureInfo.InvariantCulture),
                _ => reader.Double(at + (8 * i)).ToString(CultureInfo.InvariantCulture),
            };
        }

        return string.Join(' ', numbers);
    }

    private static (string Name, char Type, int At, int Count) ParseField(string line)
    {
        var parts = line.Split(' ');
        return (parts[0], parts[1][0], int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture));
    }
}
