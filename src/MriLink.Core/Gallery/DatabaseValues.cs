using System.Data;
using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>Values that may be missing, in and out of a database.</summary>
internal static class DatabaseValues
{
    /// <summary>A number for a column that may be null; a null itself is taken for text.</summary>
    public static object OrNull(this double? number) => number is { } value ? value : new GalleryConnection.MissingNumber(DbType.Double);

    /// <inheritdoc cref="OrNull(double?)"/>
    public static object OrNull(this long? number) => number is { } value ? value : new GalleryConnection.MissingNumber(DbType.Int64);

    /// <summary>A text, and nothing that could be read as one: SQLite makes a number of "7x" and a text of bytes.</summary>
    /// <exception cref="InvalidCastException">The column holds something else.</exception>
    public static string String(this DbDataReader reader, int column) =>
        reader.GetValue(column) as string ?? throw new InvalidCastException("A text was expected.");

    /// <summary>A whole number, and nothing that could be read as one.</summary>
    /// <exception cref="InvalidCastException">The column holds something else.</exception>
    public static long Integer(this DbDataReader reader, int column) =>
        reader.GetValue(column) is long value ? value : throw new InvalidCastException("A whole number was expected.");

    /// <summary>A number with decimals, and nothing that could be read as one.</summary>
    /// <exception cref="InvalidCastException">The column holds something else.</exception>
    public static double Real(this DbDataReader reader, int column) =>
        reader.GetValue(column) is double value ? value : throw new InvalidCastException("A number was expected.");

    /// <summary>A text column that may be null.</summary>
    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.String(column);

    /// <summary>A number that another table's rows are known by, or null where a damaged row has none.</summary>
    public static long? Reference(this DbDataReader reader, int column) => reader.GetValue(column) is long id ? id : null;

    /// <summary>A column of numbers that may be null.</summary>
    public static long? Number(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Integer(column);

    /// <summary>
    /// What <paramref name="read"/> makes of a row, or null where the row is none that this library wrote: SQLite holds values of any type in any
    /// column, and a damaged file any bytes.
    /// </summary>
    public static T? ReadOrNull<T>(this DbDataReader reader, Func<DbDataReader, T?> read)
        where T : class
    {
        try
        {
            return read(reader);
        }
        catch (Exception exception) when (
            exception is InvalidCastException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
