using System.Security.Cryptography;
using System.Text;

namespace MriLink.Core.Basics;

/// <summary>A secret of random bytes, of which each use gets a key of its own (HKDF-SHA-256, RFC 5869).</summary>
/// <remarks>What is made with one derived key tells nothing about what is made with another, and neither gives the secret away.</remarks>
public sealed class SecretKey
{
    /// <summary>Bytes that a new key has, and the fewest that one may have: 256 bits.</summary>
    public const int Length = 32;

    /// <summary>The most bytes that a key may have.</summary>
    public const int MaxLength = 1 << 16;

    /// <summary>What pseudonyms are made with.</summary>
    public const string ForPseudonyms = "pseudonyms";

    /// <summary>What signatures are made with.</summary>
    public const string ForSignatures = "signatures";

    private readonly byte[] _bytes;

    /// <summary>Uses bytes as a secret.</summary>
    /// <exception cref="ArgumentException">They are too few or too many, or do not look random.</exception>
    public SecretKey(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (Weakness(bytes) is { } weakness)
        {
            throw new ArgumentException($"A key {weakness}. New-MriKey makes a good one.", nameof(bytes));
        }

        _bytes = (byte[])bytes.Clone();
    }

    /// <summary>The key for one use.</summary>
    /// <param name="use">What for: <see cref="ForPseudonyms"/> or <see cref="ForSignatures"/>.</param>
    public byte[] Derive(string use) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _bytes, Length, info: Encoding.UTF8.GetBytes($"MriLink 1 {use}"));

    /// <summary>Writes a new key of random bytes to a file that only its owner may read; it is on the disk when this returns.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="overwrite">Whether a key that is there is replaced: what was made with it can then no longer be told.</param>
    /// <exception cref="IOException">There is a file already, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void CreateFile(string path, bool overwrite = false)
    {
        if (overwrite && !OperatingSystem.IsWindows() && File.Exists(path))
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        WholeFile.Write(path, RandomNumberGenerator.GetBytes(Length), overwrite, durable: true);
    }

    /// <summary>Reads the key in a file.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="ArgumentException">What it holds is no good key.</exception>
    public static SecretKey ReadFile(string path)
    {
        // A device or a pipe may have no end.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var bytes = new byte[MaxLength + 1];
        return new(bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]);
    }

    // Words and numbers that somebody thought of can be tried one after the other; random bytes cannot. 32 of them are text by a chance of
    // 3 in 10^14, and fewer than two thirds as many different ones as is usual (30 of 32) by less than 1 in 10^9; the same of differences,
    // which are few where bytes count up.
    private static string? Weakness(byte[] bytes)
    {
        if (bytes.Length is < Length or > MaxLength)
        {
            return $"has {Length} to {MaxLength:N0} bytes; this one has {(bytes.Length > MaxLength ? "more" : $"{bytes.Length}")}";
        }

        if (Array.TrueForAll(bytes, b => b is >= 0x20 and < 0x7f or (byte)'\t' or (byte)'\r' or (byte)'\n'))
        {
            return "is random bytes; this one is text, which can be guessed";
        }

        var steps = new byte[bytes.Length - 1];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = (byte)(bytes[i + 1] - bytes[i]);
        }

        return LooksRandom(bytes) && LooksRandom(steps) ? null : "is random bytes; this one has a pattern, and can be guessed";
    }

    private static bool LooksRandom(byte[] bytes)
    {
        var usual = 256 * (1 - Math.Pow(255 / 256.0, bytes.Length));
        return bytes.Distinct().Count() > usual * 2 / 3;
    }
}
