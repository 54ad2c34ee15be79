using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MriLink.Core.Gallery;

/// <summary>A checksum over all columns of a row, which is stored in the row: what has been changed by a disk or by hand shows itself.</summary>
internal static class RowChecksum
{
    /// <summary>SHA-256 over the table's name and the values, each preceded by its length.</summary>
    public static string Of(string table, params ReadOnlySpan<object?> values)
    {
        var text = new StringBuilder(table);
        foreach (var value in values)
        {
            var part = value switch
            {
                null => null,
                double number => number.ToString("R", CultureInfo.InvariantCulture),
                IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString(),
            };
            text.Append('|').Append(part?.Length ?? -1).Append(':').Append(part);
        }

        return Hex(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>
    /// The checksum that a packed volume ends with (<see cref="Preprocessing.Records.PreprocessedVolumeCodec"/>); empty for what is none.
    /// </summary>
    public static string OfVolume(ReadOnlySpan<byte> content) =>
        content.Length < SHA256.HashSizeInBytes ? string.Empty : Hex(content[^SHA256.HashSizeInBytes..]);

    private static string Hex(ReadOnlySpan<byte> hash) => Convert.ToHexString(hash).ToLowerInvariant();
}
