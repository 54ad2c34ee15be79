using System.Data.Common;
using System.Globalization;

namespace MriLink.Core.Gallery;

/// <summary>The tables of a gallery, by version: how each came from the one before.</summary>
/// <remarks>
/// Steps are only ever added: a gallery of any older version is brought up to date when it is opened, in one transaction. A newer one is
/// refused, for its rules are not known here.
/// </remarks>
internal static class GallerySchema
{
    private const string VersionKey = "schema_version";

    private static readonly Func<GalleryServer, string[]>[] Steps =
    [
        // 1: entries. The volume has a table of its own, so that listing entries does not pass over it.
        server =>
        [
            "CREATE TABLE info (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
            $"""
            CREATE TABLE entries (
                id {server.IdColumn},
                entry_key TEXT NOT NULL UNIQUE,
                participant TEXT NOT NULL,
                session TEXT,
                run TEXT,
                path TEXT,
                input_hash TEXT NOT NULL,
                grid TEXT NOT NULL,
                record TEXT NOT NULL,
                bytes BIGINT NOT NULL,
                added TEXT NOT NULL)
            """,
            "CREATE INDEX entries_participant ON entries (participant)",
            "CREATE INDEX entries_input ON entries (input_hash)",
            $"CREATE TABLE volumes (entry_id BIGINT PRIMARY KEY, content {server.BytesType} NOT NULL)",
        ],

        // 2: audits. A file is known by path, length and time of change, so that an unchanged one need not be read.
        server =>
        [
            "CREATE TABLE files (path TEXT PRIMARY KEY, length BIGINT NOT NULL, changed BIGINT NOT NULL, input_hash TEXT, entry_id BIGINT, problem TEXT)",
            $"CREATE TABLE audits (id {server.IdColumn}, started TEXT NOT NULL, finished TEXT NOT NULL, summary TEXT NOT NULL)",
            "CREATE TABLE links (probe_id BIGINT NOT NULL, entry_id BIGINT NOT NULL, score DOUBLE PRECISION NOT NULL, p_value DOUBLE PRECISION, rule TEXT NOT NULL, reported BIGINT NOT NULL, PRIMARY KEY (probe_id, entry_id))",
            "CREATE TABLE matched (entry_id BIGINT PRIMARY KEY)",
        ],

        // 3: signatures, which choose the entries that are worth comparing in full. Made when a search first needs them.
        server =>
        [
            $"CREATE TABLE signatures (entry_id BIGINT PRIMARY KEY, content {server.BytesType} NOT NULL)",
        ],

        // 4: local similarity. Signatures of NCC go, and are made anew for LocalNCC when they are next needed; links say by which measure they were found.
        _ =>
        [
            "DELETE FROM signatures",
            "ALTER TABLE links ADD COLUMN metric TEXT NOT NULL DEFAULT 'NCC'",
        ],
    ];

    /// <summary>The version that is written.</summary>
    public static int Version => Steps.Length;

    /// <summary>Makes the tables of a new gallery.</summary>
    /// <exception cref="GalleryException">There is one already.</exception>
    public static void Create(GalleryServer server, IReadOnlyDictionary<string, string> info, int? version = null) => server.Write(connection =>
    {
        if (server.HasTable(connection, "info"))
        {
            throw new GalleryException(server.Name, "exists already.");
        }

        Apply(server, connection, 0, version ?? Version);
        foreach (var (name, value) in info)
        {
            connection.Execute("INSERT INTO info (name, value) VALUES (@name, @value)", ("@name", name), ("@value", value));
        }

        return true;
    });

    /// <summary>Checks that a gallery is one and brings it up to date.</summary>
    /// <exception cref="GalleryException">It is none, or comes from a newer version.</exception>
    public static void Update(GalleryServer server)
    {
        if (server.Run(connection => Read(server, connection)) < Version)
        {
            server.Write(connection =>
            {
                // Asked again: another process may have been faster.
                Apply(server, connection, Read(server, connection), Version);
                return true;
            });
        }
    }

    private static int Read(GalleryServer server, DbConnection connection)
    {
        if (!server.HasTable(connection, "info"))
        {
            throw new GalleryException(server.Name, "is no gallery: it has none of its tables.");
        }

        var version = connection.Scalar("SELECT value FROM info WHERE name = @name", ("@name", VersionKey)) as string;
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
        {
            throw new GalleryException(server.Name, "is no gallery of MriLink, or is damaged: it does not say its version.");
        }

        return number <= Version
            ? number
            : throw new GalleryException(server.Name, $"has version {number} of the tables; this version of MriLink knows {Version}. Use a newer MriLink.");
    }

    private static void Apply(GalleryServer server, DbConnection connection, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            foreach (var statement in Steps[step](server))
            {
                connection.Execute(statement);
            }
        }

        connection.Execute("DELETE FROM info WHERE name = @name", ("@name", VersionKey));
        connection.Execute("INSERT INTO info (name, value) VALUES (@name, @value)", ("@name", VersionKey), ("@value", to.ToString(CultureInfo.InvariantCulture)));
    }
}
