using System.Data.Common;
using Microsoft.Data.Sqlite;
using MriLink.Core.Basics;

namespace MriLink.Core.Gallery;

/// <summary>A gallery in one file.</summary>
/// <remarks>
/// The rollback journal is kept rather than the write-ahead log: it needs no shared memory, so a gallery on a network drive is safe
/// too, and there is one file to copy. synchronous=EXTRA makes a commit outlive a power cut; secure_delete overwrites what is removed.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="name">What people call it, where that is not its path.</param>
internal sealed class SqliteServer(string path, string? name = null) : GalleryServer
{
    // "MriL": tells the file apart from any other SQLite database.
    private const int ApplicationId = 0x4D72694C;

    // SQLite's primary result codes.
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    public override string Name => name ?? path;

    public override string IdColumn => "INTEGER PRIMARY KEY AUTOINCREMENT";

    public override string BytesType => "BLOB";

    public override string OwnId => string.Empty;

    public override bool Exists(CancellationToken cancellationToken) => File.Exists(path);

    // Made under another name and put in its place when it is whole: one that a kill leaves half made is nobody's gallery.
    public override void Create(Action<GalleryServer> fill, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            WholeFile.CreatePrivate(temporary).Dispose();
            var server = new SqliteServer(temporary, path);
            server.Run(connection => connection.Execute($"PRAGMA application_id = {ApplicationId}"), cancellationToken);
            fill(server);
            WholeFile.PutInPlace(temporary, path);
            WholeFile.SyncFolder(folder);
        }
        catch (Exception exception) when (exception is IOException and not GalleryException or UnauthorizedAccessException)
        {
            throw new GalleryException(path, File.Exists(path) ? "exists already." : $"cannot be made: {exception.Message}", exception);
        }
        finally
        {
            foreach (var file in (string[])[temporary, temporary + "-journal"])
            {
                if (File.Exists(file))
                {
                    File.Delete(file);
                }
            }
        }
    }

    protected override DbConnection Open(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new GalleryException(Name, "does not exist; New-MriGallery makes one.");
        }

        // Not pooled: a pool would hold the file open when nobody uses it. No time: waiting is GalleryConnection's, where it can be stopped.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = -1 };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            new GalleryConnection(connection, cancellationToken).Execute("PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Immediate: a transaction that begins as a reader may not become a writer once another one has.
    protected override DbTransaction BeginWrite(GalleryConnection connection) =>
        connection.Patiently(() => ((SqliteConnection)connection.Inner).BeginTransaction(deferred: false));

    protected override void Interrupt(DbConnection connection)
    {
        if (((SqliteConnection)connection).Handle is { IsInvalid: false, IsClosed: false } handle)
        {
            SQLitePCL.raw.sqlite3_interrupt(handle);
        }
    }

    public override IReadOnlyList<string> FindDamage(GalleryConnection connection)
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

    public override void Optimize(GalleryConnection connection) => connection.Execute("VACUUM; ANALYZE;");

    public override bool HasTable(GalleryConnection connection, string table) =>
        connection.Scalar("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = @name", ("@name", table)) is not null;

    public override GalleryException Explain(DbException exception) => (exception as SqliteException)?.SqliteErrorCode switch
    {
        Busy or Locked => new(Name, $"was in use by another process for more than {GalleryConnection.Patience.TotalSeconds:0} seconds; try again.",
            exception),
        Full => new(Name, "cannot grow: the disk is full. Nothing was written; what is in it is unharmed.", exception),
        ReadOnly => new(Name, "cannot be written: the file or its folder is read-only.", exception),
        Corrupt => new(Name, "is damaged. Test-MriGallery says which entries, if it can still be opened; otherwise take a copy from before.",
            exception),
        NotADatabase => new(Name, "is no gallery but another kind of file, or is damaged from its start.", exception),
        CannotOpen => new(Name, "cannot be opened: access is denied, or its folder is gone.", exception),
        _ => new(Name, $"cannot be used: {exception.Message}", exception),
    };
}
