using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace MriLink.Core.Gallery;

/// <summary>Short forms of what ADO.NET takes many lines for.</summary>
internal static class DatabaseCommands
{
    /// <summary>Runs a statement; gives the number of changed rows.</summary>
    public static int Execute(this DbConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row, or null when there is none.</summary>
    public static object? Scalar(this DbConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar() is { } value and not DBNull ? value : null;
    }

    /// <summary>Every row.</summary>
    public static List<T> Query<T>(this DbConnection connection, string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>A number for a column that may be null; a null itself is taken for text.</summary>
    public static object OrNull(this double? number) => number is { } value ? value : new MissingNumber(DbType.Double);

    /// <inheritdoc cref="OrNull(double?)"/>
    public static object OrNull(this long? number) => number is { } value ? value : new MissingNumber(DbType.Int64);

    /// <summary>A text column that may be null.</summary>
    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "Statements are constants of this library; values are parameters.")]
    private static DbCommand Command(DbConnection connection, string sql, (string Name, object? Value)[] parameters)
    {
        // A transaction begun on the connection is the command's as well: both providers have one at a time.
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value is null or MissingNumber ? DBNull.Value : value;
            if (value is null or MissingNumber)
            {
                // Servers want a type for a null too.
                parameter.DbType = (value as MissingNumber)?.Type ?? DbType.String;
            }

            command.Parameters.Add(parameter);
        }

        return command;
    }

    private sealed record MissingNumber(DbType Type);
}
