using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace MriLink.Core.Gallery;

/// <summary>A gallery in one file.</summary>
/// <remarks>
/// The rollback journal is kept rather than the write-ahead log: it needs no shared memory, so a gallery on a network drive is safe
/// too, and there is one file to copy. synchronous=EXTRA makes a commit outlive a power cut; secure_delete overwrites what is removed.
/// </remarks>
internal sealed class SqliteServer(string path) : GalleryServer
{
    // "MriL": tells the file apart from any other SQLite database.
    private const int ApplicationId = 0x4D72694C;

    // How long to wait for another writer; a commit takes milliseconds, a VACUUM of a large gallery minutes.
    private const int PatienceSeconds = 300;

    // SQLite's primary result codes.
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    public override string Name => path;

    public override string IdColumn => "INTEGER PRIMARY KEY AUTOINCREMENT";

    public override string BytesType => "BLOB";

    public override void Prepare()
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        file.Dispose();
        Run(connection => connection.Execute($"PRAGMA application_id = {ApplicationId}"));
    }

    public override DbConnection Open()
    {
        if (!File.Exists(path))
        {
            throw new GalleryException(path, "does not exist; New-MriGallery makes one.");
        }

        // Not pooled: a pool would hold the file open when nobody uses it.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = PatienceSeconds };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            connection.Execute("PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Immediate: a transaction that begins as a reader may not become a writer once another one has.
    public override DbTransaction BeginWrite(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: false);

    public override IReadOnlyList<string> FindDamage(DbConnection connection)
    {
        try
        {
            var found = connection.Query("PRAGMA integrity_check(100)", row => row.GetString(0));
            return found is ["ok"] ? [] : found;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is Corrupt or NotADatabase or InputOutput)
        {
            return [exception.Message];
        }
    }

    public override void Optimize(DbConnection connection) => connection.Execute("VACUUM; ANALYZE;");

    public override bool HasTable(DbConnection connection, string table) =>
        connection.Scalar("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = @name", ("@name", table)) is not null;

    public override GalleryException Explain(DbException exception) => (exception as SqliteException)?.SqliteErrorCode switch
    {
        Busy or Locked => new(path, $"was in use by another process for more than {PatienceSeconds} seconds; try again.", exception),
        Full => new(path, "cannot grow: the disk is full. Nothing was written; what is in it is unharmed.", exception),
        ReadOnly => new(path, "cannot be written: the file or its folder is read-only.", exception),
        Corrupt => new(path, "is damaged. Test-MriGallery says which entries, if it can still be opened; otherwise take a copy from before.", exception),
        NotADatabase => new(path, "is no gallery but another kind of file, or is damaged from its start.", exception),
        CannotOpen => new(path, "cannot be opened: access is denied, or its folder is gone.", exception),
        _ => new(path, $"cannot be used: {exception.Message}", exception),
    };
}
