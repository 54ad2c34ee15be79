using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace MriLink.Fuzz;

/// <summary>Damages files the way that accidents and people do: numbers, spans, lines, lengths, and what is inside a compressed stream.</summary>
internal sealed class Mutator(Random random)
{
    // Text headers and the fixed parts of binary ones are here; most damage goes there.
    private const int HeaderLength = 600;

    private const int LongestFile = 1 << 16;

    private static readonly long[] Integers =
        [0, 1, -1, 2, 3, 7, 8, 127, 128, 255, 256, 348, 540, 1000, 32767, 32768, 65535, 65536, 1 << 20, int.MaxValue, int.MinValue, uint.MaxValue,
            1L << 32, 1L << 40, long.MaxValue, long.MinValue];

    private static readonly double[] Reals =
        [0, -0.0, 1, -1, 1e-30, 1e30, -1e30, 1e300, 352, 1e9, 2147483648.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
            double.Epsilon];

    private static readonly string[] Texts =
    [
        "0", "-1", "1e999", "nan", "99999999999999999999", "2147483647", "4294967296", "1000000000000", "..", "../../../../etc/passwd", "/dev/zero",
        "C:\\x", "LIST", "LOCAL",
        "x%09999999d.raw 0 99999999 1", "%s%s%n", "none", "(nan,inf,0)", "(", ")", "\u001b[2J", "=cmd()", "True", "gzip", "bzip2", "raw", "double",
        "MET_DOUBLE", "block", ":", ":=", "=", "#", "\r", "\0",
    ];

    /// <summary>A damaged copy of a seed. Some other seed lends parts.</summary>
    public Seed Mutate(Seed seed, Seed other)
    {
        var files = new Dictionary<string, byte[]>(seed.Files, StringComparer.Ordinal);

        // The header more often than what it names.
        var name = random.Next(4) > 0 ? seed.Main : files.Keys.ElementAt(random.Next(files.Count));
        files[name] = Mutate(files[name], other.Files[other.Main]);
        if (files.Count > 1 && random.Next(50) == 0)
        {
            files.Remove(files.Keys.First(file => !string.Equals(file, seed.Main, StringComparison.Ordinal)));
        }

        return seed with { Files = files };
    }

    private byte[] Mutate(byte[] content, byte[] other)
    {
        // Half of the compressed files are damaged inside, so that damage gets past the checksum.
        if (content is [0x1f, 0x8b, ..] && random.Next(2) == 0 && Inflate(content) is { } plain)
        {
            return Deflate(Mutate(plain, other));
        }

        var bytes = content.ToList();
        for (var steps = 1 + random.Next(4); steps > 0; steps--)
        {
            Step(bytes, other);
            if (bytes.Count > LongestFile)
            {
                bytes.RemoveRange(LongestFile, bytes.Count - LongestFile);
            }
        }

        return [.. bytes];
    }

    private void Step(List<byte> bytes, byte[] other)
    {
        switch (random.Next(14))
        {
            case 0 when bytes.Count > 0:
                bytes[Place(bytes)] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[Place(bytes)] = (byte)random.Next(256);
                break;
            case 2 or 3 or 4:
                Overwrite(bytes, Integer());
                break;
            case 5 or 6:
                Overwrite(bytes, Real());
                break;
            case 7 when bytes.Count > 0:
                var start = Place(bytes);
                bytes.RemoveRange(start, random.Next(Math.Min(bytes.Count - start, 64) + 1));
                break;
            case 8:
                bytes.InsertRange(Place(bytes), Span(bytes.ToArray()));
                break;
            case 9:
                bytes.InsertRange(Place(bytes), Span(other));
                break;
            case 10 when bytes.Count > 0:
                var length = random.Next(bytes.Count);
                bytes.RemoveRange(length, bytes.Count - length);
                break;
            case 11 or 12:
                ChangeText(bytes);
                break;
            default:
                bytes.AddRange(Enumerable.Repeat((byte)random.Next(256), random.Next(100)));
                break;
        }
    }

    private int Place(List<byte> bytes) =>
        bytes.Count == 0 ? 0 : random.Next(random.Next(8) > 0 ? Math.Min(bytes.Count, HeaderLength) : bytes.Count);

    private byte[] Span(byte[] from)
    {
        var start = random.Next(from.Length + 1);
        return from[start..(start + random.Next(Math.Min(from.Length - start, 256) + 1))];
    }

    private byte[] Integer()
    {
        var value = Integers[random.Next(Integers.Length)] + (random.Next(4) == 0 ? random.Next(-2, 3) : 0);
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Ordered(bytes[..(1 << random.Next(4))]);
    }

    private byte[] Real()
    {
        var value = Reals[random.Next(Reals.Length)];
        var bytes = new byte[random.Next(2) == 0 ? 4 : 8];
        if (bytes.Length == 4)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
        }
        else
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        }

        return Ordered(bytes);
    }

    private byte[] Ordered(byte[] littleEndian)
    {
        if (random.Next(2) == 0)
        {
            Array.Reverse(littleEndian);
        }

        return littleEndian;
    }

    // Mostly where numbers of that size are: at multiples of it.
    private void Overwrite(List<byte> bytes, byte[] value)
    {
        var at = Place(bytes);
        if (random.Next(4) > 0)
        {
            at -= at % value.Length;
        }

        for (var i = 0; i < value.Length && at + i < bytes.Count; i++)
        {
            bytes[at + i] = value[i];
        }
    }

    // A word of the header's text becomes another, or a line goes, comes twice or changes places.
    private void ChangeText(List<byte> bytes)
    {
        var length = Math.Min(bytes.Count, HeaderLength);
        var words = Words(bytes, length);
        if (words.Count == 0)
        {
            return;
        }

        var (start, end) = words[random.Next(words.Count)];
        if (random.Next(3) == 0)
        {
            while (start > 0 && bytes[start - 1] != '\n')
            {
                start--;
            }

            while (end < bytes.Count && bytes[end] != '\n')
            {
                end++;
            }

            end = Math.Min(end + 1, bytes.Count);
            var line = bytes.GetRange(start, end - start);
            if (random.Next(2) == 0)
            {
                bytes.RemoveRange(start, end - start);
            }

            if (random.Next(2) == 0)
            {
                bytes.InsertRange(Math.Min(words[random.Next(words.Count)].Start, bytes.Count), line);
            }

            return;
        }

        var text = random.Next(2) == 0 ? Texts[random.Next(Texts.Length)]
            : Integers[random.Next(Integers.Length)].ToString(CultureInfo.InvariantCulture);
        bytes.RemoveRange(start, end - start);
        bytes.InsertRange(start, Encoding.UTF8.GetBytes(text));
    }

    private static List<(int Start, int End)> Words(List<byte> bytes, int length)
    {
        var words = new List<(int, int)>();
        var start = 0;
        for (var i = 0; i <= length; i++)
        {
            if (i == length || bytes[i] is (byte)' ' or (byte)'\n' or (byte)',' or (byte)'(' or (byte)')' or (byte)'\\'
                || bytes[i] is < 0x20 or > 0x7e)
            {
                if (i > start)
                {
                    words.Add((start, i));
                }

                start = i + 1;
            }
        }

        return words;
    }

    private static byte[]? Inflate(byte[] packed)
    {
        using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    private static byte[] Deflate(byte[] plain)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(plain);
        }

        return packed.ToArray();
    }
}
