using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MriLink.Core.Formats;

/// <summary>Names, types and places of the fields of a binary header: the one place from which it is read, written and listed.</summary>
/// <remarks>
/// Written as lines "name type offset count": types are b (byte), h, i, l (integers of 16, 32, 64 bits), f, d (floats), c (text),
/// and t: text that may identify a person.
/// </remarks>
internal sealed class HeaderLayout
{
    private readonly (string Name, char Type, int At, int Count)[] _fields;
    private readonly Dictionary<string, (char Type, int At, int Count)> _byName;

    public HeaderLayout(string table)
    {
        _fields = [.. table.Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ParseField)];
        _byName = _fields.ToDictionary(field => field.Name, field => (field.Type, field.At, field.Count), StringComparer.Ordinal);
    }

    /// <summary>How many bytes come before a field.</summary>
    public int At(string name) => _byName[name].At;

    /// <summary>A number of a field, whatever its type; of 64-bit integers beyond 2^53 the nearest.</summary>
    /// <param name="bytes">The header.</param>
    /// <param name="bigEndian">Its byte order.</param>
    /// <param name="name">The field.</param>
    /// <param name="index">Which of the field's numbers.</param>
    public double Number(ReadOnlySpan<byte> bytes, bool bigEndian, string name, int index = 0)
    {
        var (type, at, _) = Field(name, index);
        var reader = new FieldReader(bytes, bigEndian);
        return type switch
        {
            'f' => reader.Single(at + (4 * index)),
            'd' => reader.Double(at + (8 * index)),
            _ => Integer(bytes, bigEndian, name, index),
        };
    }

    /// <summary>A number of a field of integers.</summary>
    /// <inheritdoc cref="Number"/>
    public long Integer(ReadOnlySpan<byte> bytes, bool bigEndian, string name, int index = 0)
    {
        var (type, at, _) = Field(name, index);
        var reader = new FieldReader(bytes, bigEndian);
        return type switch
        {
            'b' => reader.Byte(at + index),
            'h' => reader.Int16(at + (2 * index)),
            'i' => reader.Int32(at + (4 * index)),
            'l' => reader.Int64(at + (8 * index)),
            _ => throw new ArgumentException($"'{name}' holds no integers.", nameof(name)),
        };
    }

    /// <summary>Writes a field's first numbers, least significant byte first, as the field's type has them.</summary>
    /// <param name="bytes">The header.</param>
    /// <param name="name">The field.</param>
    /// <param name="values">As many numbers as the field has, or fewer.</param>
    public void Write(Span<byte> bytes, string name, params ReadOnlySpan<double> values)
    {
        var (type, at, _) = Field(name, values.Length - 1);
        for (var i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case 'b':
                    bytes[at + i] = (byte)values[i];
                    break;
                case 'h':
                    BinaryPrimitives.WriteInt16LittleEndian(bytes[(at + (2 * i))..], (short)values[i]);
                    break;
                case 'i':
                    BinaryPrimitives.WriteInt32LittleEndian(bytes[(at + (4 * i))..], (int)values[i]);
                    break;
                case 'l':
                    BinaryPrimitives.WriteInt64LittleEndian(bytes[(at + (8 * i))..], (long)values[i]);
                    break;
                case 'f':
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(at + (4 * i))..], (float)values[i]);
                    break;
                case 'd':
                    BinaryPrimitives.WriteDoubleLittleEndian(bytes[(at + (8 * i))..], values[i]);
                    break;
                default:
                    throw new ArgumentException($"'{name}' holds no numbers.", nameof(name));
            }
        }
    }

    /// <summary>Writes a field of text.</summary>
    /// <param name="bytes">The header.</param>
    /// <param name="name">The field.</param>
    /// <param name="ascii">No more letters than the field has room for.</param>
    public void Write(Span<byte> bytes, string name, string ascii)
    {
        var (_, at, count) = _byName[name];
        Encoding.ASCII.GetBytes(ascii, bytes.Slice(at, count));
    }

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

    private (char Type, int At, int Count) Field(string name, int index)
    {
        var field = _byName[name];
        return index < field.Count ? field
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"'{name}' holds {field.Count} numbers.");
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
