using System.Data.Common;
using Npgsql;

namespace MriLink.Core.Gallery;

/// <summary>A gallery in a PostgreSQL database, in a schema of its own: "mrilink", or the first of the connection string's Search Path.</summary>
internal sealed class PostgresServer : GalleryServer
{
    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly string _schema;

    /// <exception cref="ArgumentException">The connection string makes no sense.</exception>
    public PostgresServer(string connectionString)
    {
        _connection = new(connectionString);
        _schema = string.IsNullOrEmpty(_connection.SearchPath) ? "mrilink" : _connection.SearchPath.Split(',')[0].Trim(' ', '"');
        _connection.SearchPath = Quoted(_schema);

        // A volume that cannot be sent within this time is on a connection that is no good.
        _connection.CommandTimeout = Math.Max(_connection.CommandTimeout, 300);
    }

    public override string Name => $"{_connection.Host}/{_connection.Database ?? _connection.Username} ({_schema})";

    public override string IdColumn => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

    public override string BytesType => "BYTEA";

    /// <summary>Whether a text names a host, as connection strings do and paths do not.</summary>
    public static bool IsConnectionString(string text)
    {
        try
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = text };
            return builder.ContainsKey("Host") || builder.ContainsKey("Server");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public override void Prepare() => Run(connection => connection.Execute($"CREATE SCHEMA IF NOT EXISTS {Quoted(_schema)}"));

    public override DbConnection Open()
    {
        var connection = new NpgsqlConnection(_connection.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (System.Net.Sockets.SocketException exception)
        {
            connection.Dispose();
            throw new GalleryException(Name, $"cannot be reached: {exception.Message}", exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override DbTransaction BeginWrite(DbConnection connection)
    {
        // One writer at a time, as in a file; readers go on. The lock goes with the transaction. The number is this schema's.
        var transaction = connection.BeginTransaction();
        connection.Execute("SELECT pg_advisory_xact_lock(hashtextextended(@schema, 0))", ("@schema", "mrilink " + _schema));
        return transaction;
    }

    // The server checks its pages by checksums of its own as they are read, which Test-MriGallery makes it do for every entry.
    public override IReadOnlyList<string> FindDamage(DbConnection connection) => [];

    public override void Optimize(DbConnection connection)
    {
        foreach (var table in connection.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = @schema", row => row.GetString(0), ("@schema", _schema)))
        {
            connection.Execute($"VACUUM (ANALYZE) {Quoted(table)}");
        }
    }

    public override bool HasTable(DbConnection connection, string table) =>
        connection.Scalar("SELECT 1 FROM information_schema.tables WHERE table_schema = @schema AND table_name = @name", ("@schema", _schema), ("@name", table)) is not null;

    public override GalleryException Explain(DbException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory => new(Name, "cannot grow: the server has no room. Nothing was written; what is in it is unharmed.", exception),
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction => new(Name, $"cannot be written: {exception.Message}", exception),
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => new(Name, "is damaged; Test-MriGallery says which entries.", exception),
        null => new(Name, $"cannot be reached: {exception.InnerException?.Message ?? exception.Message}", exception),
        _ => new(Name, $"cannot be used: {exception.Message}", exception),
    };

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
