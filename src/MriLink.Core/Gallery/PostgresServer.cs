using System.Data.Common;
using System.Diagnostics;
using Npgsql;

namespace MriLink.Core.Gallery;

/// <summary>A gallery in a PostgreSQL database, in a schema of its own: "mrilink", or the first of the connection string's Search Path.</summary>
internal sealed class PostgresServer : GalleryServer
{
    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly string _schema;

    /// <exception cref="ArgumentException">The connection string makes no sense; the message does not repeat it.</exception>
    public PostgresServer(string connectionString)
    {
        _connection = Parse(connectionString)
            ?? throw new ArgumentException(
                "The connection string of a gallery cannot be read. It looks like \"Host=…;Database=…;Username=…\"; values with ; or = are put in "
                    + "quotation marks.", nameof(connectionString));
        if (string.IsNullOrEmpty(_connection.Host))
        {
            throw new ArgumentException("The connection string of a gallery names no host (Host=…).", nameof(connectionString));
        }

        _schema = string.IsNullOrEmpty(_connection.SearchPath) ? "mrilink" : _connection.SearchPath.Split(',')[0].Trim(' ', '"');
        _connection.SearchPath = Quoted(_schema);

        // A volume that cannot be sent within this time is on a connection that is no good.
        _connection.CommandTimeout = Math.Max(_connection.CommandTimeout, 300);
    }

    public override string Name => $"{_connection.Host}/{_connection.Database ?? _connection.Username} ({_schema})";

    public override string IdColumn => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";

    public override string BytesType => "BYTEA";

    public override string OwnId => "OVERRIDING SYSTEM VALUE";

    public override bool Exists(CancellationToken cancellationToken) => Run(connection => HasTable(connection, "info"), cancellationToken);

    // A schema without tables is no gallery, and is filled when it is asked for again.
    public override void Create(Action<GalleryServer> fill, CancellationToken cancellationToken)
    {
        Run(connection => connection.Execute($"CREATE SCHEMA IF NOT EXISTS {Quoted(_schema)}"), cancellationToken);
        fill(this);
    }

    protected override DbConnection Open(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connection.ConnectionString);
        try
        {
            connection.OpenAsync(cancellationToken).GetAwaiter().GetResult();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override DbTransaction BeginWrite(GalleryConnection connection)
    {
        // One writer at a time, as in a file; readers go on. The lock goes with the transaction. The number is this schema's. Asked for
        // again and again rather than waited for, so that waiting can be stopped.
        var transaction = connection.Inner.BeginTransaction();
        var waited = Stopwatch.StartNew();
        while (connection.Scalar("SELECT pg_try_advisory_xact_lock(hashtextextended(@schema, 0))", ("@schema", "mrilink " + _schema)) is not true)
        {
            if (waited.Elapsed > GalleryConnection.Patience)
            {
                throw new GalleryException(
                    Name, $"was in use by another process for more than {GalleryConnection.Patience.TotalSeconds:0} seconds; try again.");
            }

            connection.WaitABit();
        }

        return transaction;
    }

    // The server checks its pages by checksums of its own as they are read, which Test-MriGallery makes it do for every entry.
    public override IReadOnlyList<string> FindDamage(GalleryConnection connection) => [];

    public override void Optimize(GalleryConnection connection)
    {
        foreach (var table in connection.Query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = @schema", row => row.GetString(0), ("@schema", _schema)))
        {
            connection.Execute($"VACUUM (ANALYZE) {Quoted(table)}");
        }
    }

    public override bool HasTable(GalleryConnection connection, string table) =>
        connection.Scalar("SELECT 1 FROM information_schema.tables WHERE table_schema = @schema AND table_name = @name", ("@schema", _schema),
            ("@name", table)) is not null;

    public override GalleryException Explain(DbException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory =>
            new(Name, "cannot grow: the server has no room. Nothing was written; what is in it is unharmed.", exception),
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction =>
            new(Name, $"cannot be written: {exception.Message}", exception),
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
            new(Name, "is damaged; Test-MriGallery says which entries.", exception),
        null => new(Name, $"cannot be reached: {exception.InnerException?.Message ?? exception.Message}", exception),
        _ => new(Name, $"cannot be used: {exception.Message}", exception),
    };

    // What cannot be read may hold a password, and so may what the reader says about it: neither is passed on.
    private static NpgsqlConnectionStringBuilder? Parse(string connectionString)
    {
        try
        {
            return new(connectionString);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
