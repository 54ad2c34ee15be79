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

    // The step from which on every row has a checksum.
    private const int WithChecksums = 5;

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
            "CREATE TABLE files (path TEXT PRIMARY KEY, length BIGINT NOT NULL, changed BIGINT NOT NULL, input_hash TEXT, entry_id BIGINT, "
                + "problem TEXT)",
            $"CREATE TABLE audits (id {server.IdColumn}, started TEXT NOT NULL, finished TEXT NOT NULL, summary TEXT NOT NULL)",
            "CREATE TABLE links (probe_id BIGINT NOT NULL, entry_id BIGINT NOT NULL, score DOUBLE PRECISION NOT NULL, p_value DOUBLE PRECISION, rule "
                + "TEXT NOT NULL, reported BIGINT NOT NULL, PRIMARY KEY (probe_id, entry_id))",
            "CREATE TABLE matched (entry_id BIGINT PRIMARY KEY)",
        ],

        // 3: signatures, which choose the entries that are worth comparing in full. Made when a search first needs them.
        server =>
        [
            $"CREATE TABLE signatures (entry_id BIGINT PRIMARY KEY, content {server.BytesType} NOT NULL)",
        ],

        // 4: local similarity. Signatures of NCC go, and are made anew for LocalNCC when they are next needed; links say by which measure they were
        // found.
        _ =>
        [
            "DELETE FROM signatures",
            "ALTER TABLE links ADD COLUMN metric TEXT NOT NULL DEFAULT 'NCC'",
        ],

        // 5: checksums over all columns of every row. Files are known by a stamp in the place of length and time, which would tell a
        // pseudonymised file from others; the first audit afterwards takes it, at the price of a hash for each file.
        _ =>
        [
            "ALTER TABLE entries ADD COLUMN content_hash TEXT",
            "ALTER TABLE entries ADD COLUMN checksum TEXT",
            "ALTER TABLE signatures ADD COLUMN checksum TEXT",
            "ALTER TABLE links ADD COLUMN checksum TEXT",
            "ALTER TABLE matched ADD COLUMN checksum TEXT",
            "ALTER TABLE audits ADD COLUMN checksum TEXT",
            "ALTER TABLE files RENAME TO old_files",
            "CREATE TABLE files (name TEXT PRIMARY KEY, root TEXT, stamp TEXT NOT NULL, content TEXT, entry_id BIGINT, problem TEXT, checksum TEXT)",
            "INSERT INTO files (name, stamp, content, entry_id, problem) SELECT path, '', input_hash, entry_id, problem FROM old_files WHERE "
                + "entry_id IS NOT NULL OR problem IS NOT NULL",
            "DROP TABLE old_files",
            "CREATE INDEX files_entry ON files (entry_id)",
        ],

        // 6: what a person should know of a link before believing it.
        _ => ["ALTER TABLE links ADD COLUMN remark TEXT"],
    ];

    /// <summary>The version that is written.</summary>
    public static int Version => Steps.Length;

    /// <summary>Makes the tables of a new gallery.</summary>
    /// <exception cref="GalleryException">There is one already.</exception>
    public static void Create(
        GalleryServer server, IReadOnlyDictionary<string, string> info, int? version = null, CancellationToken cancellationToken = default) =>
        server.Write(
        connection =>
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
        },
        cancellationToken);

    /// <summary>Checks that a gallery is one and brings it up to date.</summary>
    /// <exception cref="GalleryException">It is none, or comes from a newer version.</exception>
    public static void Update(GalleryServer server, CancellationToken cancellationToken = default)
    {
        if (server.Run(connection => Read(server, connection), cancellationToken) < Version)
        {
            server.Write(
                connection =>
                {
                    // Asked again: another process may have been faster.
                    Apply(server, connection, Read(server, connection), Version);
                    return true;
                },
                cancellationToken);
        }
    }

    private static int Read(GalleryServer server, GalleryConnection connection)
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
            : throw new GalleryException(
                server.Name, $"has version {number} of the tables; this version of MriLink knows {Version}. Use a newer MriLink.");
    }

    private static void Apply(GalleryServer server, GalleryConnection connection, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            foreach (var statement in Steps[step](server))
            {
                connection.Execute(statement);
            }
        }

        if (from is > 0 and < WithChecksums && to >= WithChecksums)
        {
            AddChecksums(connection);
        }

        connection.Execute("DELETE FROM info WHERE name = @name", ("@name", VersionKey));
        connection.Execute("INSERT INTO info (name, value) VALUES (@name, @value)", ("@name", VersionKey),
            ("@value", to.ToString(CultureInfo.InvariantCulture)));
    }

    // Rows of older versions are taken as they are: what a volume says itself is still compared with its row by a check.
    private static void AddChecksums(GalleryConnection connection)
    {
        foreach (var id in connection.Query("SELECT id FROM entries ORDER BY id", row => row.GetInt64(0)))
        {
            var hash = connection.Scalar("SELECT content FROM volumes WHERE entry_id = @id", ("@id", id)) is byte[] content
                ? RowChecksum.OfVolume(content) : string.Empty;
            connection.Execute("UPDATE entries SET content_hash = @hash WHERE id = @id", ("@hash", hash), ("@id", id));
            var row = connection.Query(
                $"SELECT {EntryRow.Columns} FROM entries WHERE id = @id", reader => reader.ReadOrNull(EntryRow.Read), ("@id", id))[0];
            connection.Execute("UPDATE entries SET checksum = @sum WHERE id = @id", ("@sum", row?.ExpectedChecksum ?? string.Empty), ("@id", id));
        }

        foreach (var file in connection.Query($"SELECT {AuditedFile.Columns} FROM files", reader => reader.ReadOrNull(AuditedFile.Read))
            .OfType<AuditedFile>())
        {
            connection.Execute("UPDATE files SET checksum = @sum WHERE name = @name", ("@sum", file.ExpectedChecksum), ("@name", file.Name));
        }

        foreach (var link in connection.Query($"SELECT {StoredLink.Columns} FROM links", reader => reader.ReadOrNull(StoredLink.Read))
            .OfType<StoredLink>())
        {
            connection.Execute("UPDATE links SET checksum = @sum WHERE probe_id = @probe AND entry_id = @entry", ("@sum", link.ExpectedChecksum),
                ("@probe", link.ProbeId), ("@entry", link.EntryId));
        }

        foreach (var id in connection.Query("SELECT entry_id FROM matched", row => row.GetInt64(0)))
        {
            connection.Execute("UPDATE matched SET checksum = @sum WHERE entry_id = @id", ("@sum", RowChecksum.Of("matched", id)), ("@id", id));
        }

        // Signatures are made again when they are needed; those of before audits say nothing that is acted on.
        connection.Execute("DELETE FROM signatures");
        connection.Execute("DELETE FROM audits");
    }
}
