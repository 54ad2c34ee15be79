using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>Where a gallery's tables live, and what differs from one database to another.</summary>
internal abstract class GalleryServer
{
    /// <summary>What people call it: the file, or server and database; never a password.</summary>
    public abstract string Name { get; }

    /// <summary>The definition of a column of rising numbers that is the primary key.</summary>
    public abstract string IdColumn { get; }

    /// <summary>The type of a column of bytes.</summary>
    public abstract string BytesType { get; }

    /// <summary>The server behind a connection string, or the file at a path.</summary>
    /// <param name="location">A PostgreSQL connection string ("Host=…;Database=…"), or the full path of a file.</param>
    /// <exception cref="ArgumentException">It is meant to be a connection string and is none; the message does not repeat it.</exception>
    public static GalleryServer For(string location) =>
        VolumeGallery.IsConnectionString(location) ? new PostgresServer(location) : new SqliteServer(location);

    /// <summary>What stands in an INSERT that gives the id itself.</summary>
    public abstract string OwnId { get; }

    /// <summary>Makes a gallery's place and lets tables be made in it; nobody finds the place before they are.</summary>
    /// <param name="fill">Makes the tables, in one transaction.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">There is a gallery already, or it cannot be made.</exception>
    public abstract void Create(Action<GalleryServer> fill, CancellationToken cancellationToken);

    /// <summary>Whether there is something at the place.</summary>
    public abstract bool Exists(CancellationToken cancellationToken);

    /// <summary>What the database itself finds wrong with its storage.</summary>
    public abstract IReadOnlyList<string> FindDamage(GalleryConnection connection);

    /// <summary>Gives back room and refreshes statistics.</summary>
    public abstract void Optimize(GalleryConnection connection);

    /// <summary>Whether the tables are there, whatever their version.</summary>
    public abstract bool HasTable(GalleryConnection connection, string table);

    /// <summary>The database's error in words.</summary>
    public abstract GalleryException Explain(DbException exception);

    /// <summary>Runs a piece of work on a connection of its own.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends waiting for a lock, and a statement that runs, within a fraction of a second.</param>
    /// <exception cref="GalleryException">The database refuses it, or is gone.</exception>
    public T Run<T>(Func<GalleryConnection, T> work, CancellationToken cancellationToken = default)
    {
        try
        {
            using var connection = new GalleryConnection(Open(cancellationToken), cancellationToken);
            using var stop = cancellationToken.Register(() => Interrupt(connection.Inner));
            return work(connection);
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            // A statement that was told to stop ends with an error of the database's.
            cancellationToken.ThrowIfCancellationRequested();
            throw exception is DbException told ? Explain(told) : new GalleryException(Name, $"cannot be reached: {exception.Message}", exception);
        }
    }

    /// <summary>Runs a piece of work that is done as a whole or not at all.</summary>
    /// <exception cref="GalleryException">The database refuses it; nothing has changed.</exception>
    public T Write<T>(Func<GalleryConnection, T> work, CancellationToken cancellationToken = default) => Run(
        connection =>
        {
            using var transaction = BeginWrite(connection);
            var result = work(connection);
            connection.Patiently(() =>
            {
                transaction.Commit();
                return true;
            });
            return result;
        },
        cancellationToken);

    /// <summary>Opens a connection of its own for one piece of work.</summary>
    protected abstract DbConnection Open(CancellationToken cancellationToken);

    /// <summary>Begins a transaction that no other writer can come into.</summary>
    protected abstract DbTransaction BeginWrite(GalleryConnection connection);

    /// <summary>Ends the statement that is running, from another thread.</summary>
    protected virtual void Interrupt(DbConnection connection)
    {
    }

    // A server that goes away shows itself as a broken stream, too.
    private static bool IsOfDatabase(Exception exception) =>
        exception is DbException or System.Net.Sockets.SocketException or TimeoutException or EndOfStreamException or ObjectDisposedException;
}
