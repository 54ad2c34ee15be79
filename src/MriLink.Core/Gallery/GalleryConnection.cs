using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace MriLink.Core.Gallery;

/// <summary>A connection for one piece of work: short forms of what ADO.NET takes many lines for, and waiting that can be stopped.</summary>
/// <param name="connection">The database's connection; goes with this.</param>
/// <param name="cancellationToken">Ends a statement that waits or runs.</param>
internal sealed class GalleryConnection(DbConnection connection, CancellationToken cancellationToken) : IDisposable
{
    /// <summary>How long to wait for another writer; a commit takes milliseconds, giving back the room of a large gallery minutes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    // Well below the second that a person waits after Ctrl+C, and far longer than most locks are held.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // SQLite's primary result codes.
    private const int Busy = 5, Locked = 6;

    /// <summary>The database's own connection.</summary>
    public DbConnection Inner => connection;

    /// <summary>Runs a statement; gives the number of changed rows.</summary>
    public int Execute(string sql, params (string Name, object? Value)[] parameters) => Run(sql, parameters, command => command.ExecuteNonQuery());

    /// <summary>The first column of the first row, or null when there is none.</summary>
    public object? Scalar(string sql, params (string Name, object? Value)[] parameters) =>
        Run(sql, parameters, command => command.ExecuteScalar() is { } value and not DBNull ? value : null);

    /// <summary>Every row.</summary>
    public List<T> Query<T>(string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        using var stop = cancellationToken.Register(command.Cancel);
        using var reader = Patiently(command.ExecuteReader);
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>Tries again while another process holds the lock, for as long as is reasonable.</summary>
    public T Patiently<T>(Func<T> attempt)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return attempt();
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode is Busy or Locked && waited.Elapsed < Patience)
            {
                WaitABit();
            }
        }
    }

    /// <summary>A short wait, which the token ends.</summary>
    public void WaitABit()
    {
        cancellationToken.WaitHandle.WaitOne(Pause);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => connection.Dispose();

    private T Run<T>(string sql, (string Name, object? Value)[] parameters, Func<DbCommand, T> run)
    {
        using var command = Command(sql, parameters);
        using var stop = cancellationToken.Register(command.Cancel);
        return Patiently(() => run(command));
    }

    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities",
        Justification = "Statements are constants of this library; values are parameters.")]
    private DbCommand Command(string sql, (string Name, object? Value)[] parameters)
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

    /// <summary>A null for a column of numbers.</summary>
    internal sealed record MissingNumber(DbType Type);
}
