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
    public static GalleryServer For(string location) =>
        PostgresServer.IsConnectionString(location) ? new PostgresServer(location) : new SqliteServer(location);

    /// <summary>Makes the place for the tables; a file that exists is left alone.</summary>
    public abstract void Prepare();

    /// <summary>Opens a connection of its own for one piece of work.</summary>
    public abstract DbConnection Open();

    /// <summary>Begins a transaction that no other writer can come into.</summary>
    public abstract DbTransaction BeginWrite(DbConnection connection);

    /// <summary>What the database itself finds wrong with its storage.</summary>
    public abstract IReadOnlyList<string> FindDamage(DbConnection connection);

    /// <summary>Gives back room and refreshes statistics.</summary>
    public abstract void Optimize(DbConnection connection);

    /// <summary>Whether the tables are there, whatever their version.</summary>
    public abstract bool HasTable(DbConnection connection, string table);

    /// <summary>The database's error in words.</summary>
    public abstract GalleryException Explain(DbException exception);

    /// <summary>Runs a piece of work on a connection of its own.</summary>
    /// <exception cref="GalleryException">The database refuses it.</exception>
    public T Run<T>(Func<DbConnection, T> work)
    {
        try
        {
            using var connection = Open();
            return work(connection);
        }
        catch (DbException exception)
        {
            throw Explain(exception);
        }
    }

    /// <summary>Runs a piece of work that is done as a whole or not at all.</summary>
    /// <exception cref="GalleryException">The database refuses it; nothing has changed.</exception>
    public T Write<T>(Func<DbConnection, T> work) => Run(connection =>
    {
        using var transaction = BeginWrite(connection);
        var result = work(connection);
        transaction.Commit();
        return result;
    });
}
