using System.Buffers.Binary;
using System.IO.Compression;

namespace MriLink.Module.Tests;

/// <summary>Small NIfTI-1 files made by hand, right or wrong on purpose, independently of the module.</summary>
internal static class TinyNifti
{
    /// <summary>A file of 8-bit voxels 0, 1, 2, … at 2 mm whose first axis runs to the left.</summary>
    public static byte[] Make(int x = 3, int y = 4, int z = 5)
    {
        var bytes = new byte[352 + (x * y * z)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 348);
        short[] dim = [3, (short)x, (short)y, (short)z, 1, 1, 1, 1];
        for (var i = 0; i < dim.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(40 + (2 * i)), dim[i]);
        }

        bytes[70] = 2;
        bytes[72] = 8;
        bytes[254] = 1;
        Single(bytes, 108, 352);
        Single(bytes, 280, -2);
        Single(bytes, 300, 2);
        Single(bytes, 320, 2);
        "n+1\0"u8.CopyTo(bytes.AsSpan(344));
        for (var i = 352; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i - 352);
        }

        return bytes;
    }

    /// <summary>A good file with something changed.</summary>
    public static byte[] Make(Action<byte[]> change)
    {
        var bytes = Make();
        change(bytes);
        return bytes;
    }

    /// <summary>A file of floats of which one is NaN.</summary>
    public static byte[] WithNaN()
    {
        var bytes = Make(3, 4, 20);
        bytes[46] = 5;
        bytes[70] = 16;
        bytes[72] = 32;
        bytes.AsSpan(352).Clear();
        Single(bytes, 352 + 40, float.NaN);
        return bytes;
    }

    /// <summary>A gzip file of <paramref name="sideLength"/>³ zeros, which packs to almost nothing.</summary>
    public static byte[] LargeZeros(int sideLength)
    {
        var header = Make(1, 1, 1);
        for (var i = 0; i < 3; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(42 + (2 * i)), (short)sideLength);
        }

        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(header.AsSpan(0, 352));
            var slice = new byte[sideLength * sideLength];
            for (var i = 0; i < sideLength; i++)
            {
                stream.Write(slice);
            }
        }

        return packed.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>Writes a file below the session's folder, making folders as needed; gives its full path.</summary>
    public static string Place(this ModuleSession session, string name, byte[]? content = null)
    {
        var path = Path.Combine(session.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var plain = content ?? Make();
        File.WriteAllBytes(path, content is null && name.EndsWith(".gz", StringComparison.Ordinal) ? Gzip(plain) : plain);
        return path;
    }

    private static void Single(byte[] bytes, int at, float value) => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);
}
