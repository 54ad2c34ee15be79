using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Gallery;

/// <summary>A lasting collection of preprocessed volumes: a file, or a PostgreSQL database.</summary>
/// <remarks>
/// <para>Safe for any number of threads and processes at once. Every change is done as a whole or not at all, and outlives a power cut
/// once it has been reported as done. All volumes of a gallery lie on one grid, so that all can be compared.</para>
/// <para>An entry is known by its labels and by what its volume was made from and how: adding the same scan again changes nothing,
/// while the same scan under another label is an entry of its own. Size: 0.8 MB for a brain at 2 mm.</para>
/// </remarks>
public sealed class VolumeGallery
{
    private const string KeyIdName = "pseudonym_key";
    private const string Columns = "id, participant, session, run, path, record, bytes, added";

    private readonly string? _keyId;

    private VolumeGallery(GalleryServer server)
    {
        Server = server;
        _keyId = server.Run(connection => connection.Scalar("SELECT value FROM info WHERE name = @name", ("@name", KeyIdName)) as string);
    }

    /// <summary>The file, or server and database.</summary>
    public string Name => Server.Name;

    /// <summary>Whether labels and paths are stored as keyed hashes.</summary>
    public bool IsPseudonymized => _keyId is not null;

    /// <summary>The version of its tables.</summary>
    public static int SchemaVersion => GallerySchema.Version;

    /// <summary>How many volumes it holds.</summary>
    public long Count => Server.Run(connection => Convert.ToInt64(connection.Scalar("SELECT COUNT(*) FROM entries"), CultureInfo.InvariantCulture));

    internal GalleryServer Server { get; }

    /// <summary>Makes a gallery.</summary>
    /// <param name="location">Full path of a file that does not exist yet, or a PostgreSQL connection string.</param>
    /// <param name="pseudonymizer">What hides labels and paths of whatever is added, or null to store them.</param>
    /// <exception cref="GalleryException">There is one already, or it cannot be made.</exception>
    public static VolumeGallery Create(string location, Pseudonymizer? pseudonymizer = null)
    {
        var server = GalleryServer.For(location);
        try
        {
            server.Prepare();
        }
        catch (IOException exception) when (exception is not GalleryException)
        {
            throw new GalleryException(server.Name, File.Exists(location) ? "exists already." : $"cannot be made: {exception.Message}", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new GalleryException(server.Name, $"cannot be made: {exception.Message}", exception);
        }

        GallerySchema.Create(server, pseudonymizer is null ? new Dictionary<string, string>(StringComparer.Ordinal) : new(StringComparer.Ordinal) { [KeyIdName] = pseudonymizer.KeyId });
        return new(server);
    }

    /// <summary>What a gallery at a place would be called: a path, or server and database without the password.</summary>
    public static string NameOf(string location) => GalleryServer.For(location).Name;

    /// <summary>Opens a gallery, and brings its tables up to date.</summary>
    /// <param name="location">Full path of its file, or a PostgreSQL connection string.</param>
    /// <exception cref="GalleryException">There is none, it is damaged, or it comes from a newer version.</exception>
    public static VolumeGallery Open(string location)
    {
        var server = GalleryServer.For(location);
        GallerySchema.Update(server);
        return new(server);
    }

    /// <summary>Adds a volume, unless it is there.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="pseudonymizer">The gallery's key, when it is pseudonymised; otherwise null.</param>
    /// <param name="cancellationToken">Obeyed before anything is written.</param>
    /// <returns>The entry, and whether it is new.</returns>
    /// <exception cref="GalleryException">The gallery cannot take it: another grid, another key, no room.</exception>
    /// <exception cref="ArgumentException">The volume has no provenance, or is not 0 outside its mask.</exception>
    public (GalleryVolume Entry, bool IsNew) Add(PreprocessedVolume volume, Pseudonymizer? pseudonymizer = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        RequireKey(pseudonymizer);
        var provenance = volume.Provenance ?? throw new ArgumentException($"'{volume.Path ?? volume.Name}' does not say what it was made from; preprocess it with Invoke-MriPreprocess.", nameof(volume));
        var identity = volume.Identity;
        if (pseudonymizer is not null)
        {
            (identity, provenance) = (pseudonymizer.Hide(identity), pseudonymizer.Hide(provenance));
        }

        return Store(volume, identity, provenance, cancellationToken);
    }

    /// <summary>Adds every entry of another gallery that is not there yet; what audits noted stays behind.</summary>
    /// <param name="source">The other gallery.</param>
    /// <param name="progress">Told the share that is done, or null.</param>
    /// <param name="cancellationToken">Obeyed between entries; those before stay.</param>
    /// <returns>How many were added, and how many were there.</returns>
    /// <exception cref="GalleryException">The galleries lie on different grids, or one hides its labels and the other does not, or by another key.</exception>
    /// <exception cref="MriFileException">An entry of the other gallery is damaged.</exception>
    public (int Added, int Known) Merge(VolumeGallery source, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!string.Equals(source._keyId, _keyId, StringComparison.Ordinal))
        {
            throw new GalleryException(Name, $"cannot take what '{source.Name}' holds: {(source._keyId is null || _keyId is null ? "only one of them is pseudonymised" : "they are pseudonymised with different keys")}.");
        }

        var (added, known) = (0, 0);
        var entries = source.Entries();
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new((double)(added + known) / entries.Count, entry.Name));
            var isNew = Store(entry, entry.Identity, entry.Provenance!, cancellationToken).IsNew;
            (added, known) = isNew ? (added + 1, known) : (added, known + 1);
        }

        return (added, known);
    }

    // As the gallery is to hold it: under these names and hashes.
    private (GalleryVolume Entry, bool IsNew) Store(PreprocessedVolume volume, ScanIdentity identity, Provenance provenance, CancellationToken cancellationToken)
    {
        var hidden = new Renamed(identity, volume, provenance);
        var content = PreprocessedVolumeCodec.Encode(hidden, cancellationToken);
        var record = PreprocessedRecord.Of(hidden);
        var key = KeyOf(identity, provenance);
        cancellationToken.ThrowIfCancellationRequested();
        return Server.Write(connection =>
        {
            if (Find(connection, "entry_key = @key", ("@key", key)) is [var known, ..])
            {
                return (known, false);
            }

            var grid = GridOf(record);
            if (connection.Scalar("SELECT grid FROM entries LIMIT 1") is string other && !string.Equals(grid, other, StringComparison.Ordinal))
            {
                throw new GalleryException(Name, $"holds volumes on another grid than that of '{volume.Name}' ({grid}): {other}. Preprocess it with the same template and spacing.");
            }

            var added = Now();
            var id = Convert.ToInt64(
                connection.Scalar(
                    """
                    INSERT INTO entries (entry_key, participant, session, run, path, input_hash, grid, record, bytes, added)
                    VALUES (@key, @participant, @session, @run, @path, @input, @grid, @record, @bytes, @added) RETURNING id
                    """,
                    ("@key", key),
                    ("@participant", identity.Participant),
                    ("@session", identity.Session),
                    ("@run", identity.Run),
                    ("@path", identity.Path),
                    ("@input", provenance.InputHash),
                    ("@grid", grid),
                    ("@record", JsonSerializer.Serialize(record, ProvenanceJson.Compact)),
                    ("@bytes", (long)content.Length),
                    ("@added", added)),
                CultureInfo.InvariantCulture);
            connection.Execute("INSERT INTO volumes (entry_id, content) VALUES (@id, @content)", ("@id", id), ("@content", content));
            return (GalleryVolume.Of(this, id, identity, record, ParseTime(added), content.Length), true);
        });
    }

    /// <summary>The entries, in the order in which they were added; no voxels are read.</summary>
    /// <param name="participant">Only this person's, under the label it was added with; null for all.</param>
    /// <param name="pseudonymizer">The gallery's key, to find a label in a pseudonymised gallery.</param>
    /// <exception cref="GalleryException">The gallery cannot be read, or the key is another one.</exception>
    public IReadOnlyList<GalleryVolume> Entries(string? participant = null, Pseudonymizer? pseudonymizer = null)
    {
        if (pseudonymizer is not null)
        {
            RequireKey(pseudonymizer);
        }

        return Server.Run(connection => participant is null
            ? Find(connection, "1 = 1")
            : Find(connection, "participant = @participant", ("@participant", pseudonymizer?.Hash("participant", participant) ?? participant)));
    }

    /// <summary>The entry of a number, or null.</summary>
    public GalleryVolume? Entry(long id) => Server.Run(connection => Find(connection, "id = @id", ("@id", id))).FirstOrDefault();

    /// <summary>Removes an entry and all that audits noted of it. Its bytes are overwritten in a file; the room is reused, or given back by <see cref="Optimize"/>.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(long id) => Server.Write(connection =>
    {
        connection.Execute("DELETE FROM volumes WHERE entry_id = @id", ("@id", id));
        connection.Execute("DELETE FROM signatures WHERE entry_id = @id", ("@id", id));
        connection.Execute("DELETE FROM links WHERE probe_id = @id OR entry_id = @id", ("@id", id));
        connection.Execute("DELETE FROM matched WHERE entry_id = @id", ("@id", id));
        connection.Execute("DELETE FROM files WHERE entry_id = @id", ("@id", id));
        return connection.Execute("DELETE FROM entries WHERE id = @id", ("@id", id)) > 0;
    });

    /// <summary>Reads everything and compares checksums.</summary>
    /// <param name="progress">Told the share that is done, or null.</param>
    /// <param name="cancellationToken">Obeyed between entries.</param>
    public GalleryCheck Check(IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> problems = [];
        var damaged = new List<DamagedEntry>();
        long count = 0;
        try
        {
            problems = Server.Run(Server.FindDamage);
            var rows = Server.Run(connection => connection.Query(
                "SELECT id, entry_key, participant, session, run, path, record FROM entries ORDER BY id",
                row => (Id: row.GetInt64(0), Key: row.GetString(1), Identity: new ScanIdentity(row.GetString(2), row.Text(3), row.Text(4), row.Text(5)), Record: row.GetString(6))));
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new((double)count / rows.Count, row.Identity.Name));
                count++;
                if (Problem(row.Id, row.Key, row.Identity, row.Record) is { } problem)
                {
                    damaged.Add(new(row.Id, row.Identity.Name, problem));
                }
            }

            var orphans = Server.Run(connection => connection.Query("SELECT entry_id FROM volumes WHERE entry_id NOT IN (SELECT id FROM entries)", row => row.GetInt64(0)));
            problems = [.. problems, .. orphans.Select(id => $"volume {id} belongs to no entry")];
        }
        catch (GalleryException exception)
        {
            problems = [.. problems, exception.Message];
        }

        return new(Name, count, damaged, problems);
    }

    /// <summary>Gives back the room of removed entries and refreshes the database's statistics.</summary>
    public void Optimize() => Server.Run(connection =>
    {
        Server.Optimize(connection);
        return true;
    });

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The bytes of an entry's volume.</summary>
    /// <exception cref="GalleryException">There is no such entry.</exception>
    internal byte[] ReadContent(long id) =>
        Server.Run(connection => connection.Scalar("SELECT content FROM volumes WHERE entry_id = @id", ("@id", id)) as byte[])
        ?? throw new GalleryException(Name, $"no longer holds entry {id}.");

    /// <exception cref="GalleryException">The key is not the gallery's.</exception>
    internal void RequireKey(Pseudonymizer? pseudonymizer)
    {
        if (_keyId is null && pseudonymizer is not null)
        {
            throw new GalleryException(Name, "is not pseudonymised, so there is no key to it. New-MriGallery -Pseudonymize makes one that is.");
        }

        if (_keyId is not null && !string.Equals(pseudonymizer?.KeyId, _keyId, StringComparison.Ordinal))
        {
            throw new GalleryException(Name, pseudonymizer is null ? "is pseudonymised: give the file with its key (-KeyPath)." : "is pseudonymised with another key.");
        }
    }

    internal static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    internal static DateTime ParseTime(string text) =>
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    // Labels may hold any character, so each is preceded by its length.
    private static string KeyOf(ScanIdentity identity, Provenance provenance)
    {
        var text = new StringBuilder();
        foreach (var part in (string?[])[identity.Participant, identity.Session, identity.Run, ProvenanceJson.Write(provenance)])
        {
            text.Append(part?.Length ?? -1).Append(':').Append(part);
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))).ToLowerInvariant();
    }

    private static string GridOf(PreprocessedRecord record) =>
        $"{record.Template} {string.Join('x', record.Size)} {string.Join(' ', record.VoxelToWorld.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}";

    private string? Problem(long id, string key, ScanIdentity identity, string json)
    {
        try
        {
            var source = $"{Name}: {identity.Name} (entry {id})";
            var content = ReadContent(id);
            PreprocessedVolumeCodec.DecodeVoxels(content, source);
            var inside = PreprocessedVolumeCodec.DecodeRecord(content, source);

            // Both are written anew before they are compared: what is derived, a verdict for example, may be another today.
            var row = JsonSerializer.Deserialize<PreprocessedRecord>(json, ProvenanceJson.Compact);
            return !string.Equals(JsonSerializer.Serialize(inside, ProvenanceJson.Compact), JsonSerializer.Serialize(row, ProvenanceJson.Compact), StringComparison.Ordinal)
                    ? "what its row says is not what its volume says"
                : inside.Provenance is null || !string.Equals(KeyOf(identity, inside.Provenance), key, StringComparison.Ordinal)
                    ? "its labels have been changed"
                : null;
        }
        catch (Exception exception) when (exception is GalleryException or MriFileException or JsonException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    private List<GalleryVolume> Find(DbConnection connection, string where, params (string Name, object? Value)[] parameters) =>
        connection.Query($"SELECT {Columns} FROM entries WHERE {where} ORDER BY id", Read, parameters);

    private GalleryVolume Read(DbDataReader row)
    {
        var identity = new ScanIdentity(row.GetString(1), row.Text(2), row.Text(3), row.Text(4));
        try
        {
            var record = JsonSerializer.Deserialize<PreprocessedRecord>(row.GetString(5), ProvenanceJson.Compact);
            if (record?.Geometry() is not null)
            {
                return GalleryVolume.Of(this, row.GetInt64(0), identity, record, ParseTime(row.GetString(7)), row.GetInt64(6));
            }
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or FormatException)
        {
            throw Damaged(row.GetInt64(0), exception);
        }

        throw Damaged(row.GetInt64(0), null);
    }

    private GalleryException Damaged(long id, Exception? inner) =>
        new(Name, $"has a damaged entry, number {id}. Test-MriGallery lists all damaged ones, Remove-MriGalleryVolume removes one.", inner);

    // The volume as it is stored: under the names and hashes that the gallery keeps.
    private sealed class Renamed : PreprocessedVolume
    {
        private readonly PreprocessedVolume _volume;

        public Renamed(ScanIdentity identity, PreprocessedVolume volume, Provenance provenance)
            : base(identity, new Nothing(volume.Geometry), () => volume.BrainMask, volume.Template, volume.TemplateToScan, volume.Quality, [])
        {
            _volume = volume;
            Provenance = provenance;
        }

        public override (Volume Voxels, Mask Mask) ReadBrain(CancellationToken cancellationToken) => _volume.ReadBrain(cancellationToken);

        private sealed class Nothing(VolumeGeometry geometry) : IVoxelSource
        {
            public VolumeGeometry Geometry => geometry;

            public Volume Read(CancellationToken cancellationToken) => throw new NotSupportedException("Voxels are read with their mask.");
        }
    }
}
