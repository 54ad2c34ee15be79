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

    // Numbers that a double holds exactly, as other programs may read them; two of a million drawn ones are the same once in 10^4 galleries.
    private const long MostIds = 1L << 53;

    private static readonly string[] ConnectionWords =
        ["host", "server", "datasource", "username", "user", "userid", "uid", "password", "pwd", "database", "initialcatalog", "searchpath"];

    private const string Remedy = "Test-MriGallery lists all damaged entries, Remove-MriGalleryVolume removes one.";

    private readonly string? _keyId;

    private VolumeGallery(GalleryServer server, CancellationToken cancellationToken)
    {
        Server = server;
        _keyId = server.Run(connection =>
            connection.Scalar("SELECT value FROM info WHERE name = @name", ("@name", KeyIdName)) as string, cancellationToken);
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
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">There is one already, or it cannot be made.</exception>
    public static VolumeGallery Create(string location, Pseudonymizer? pseudonymizer = null, CancellationToken cancellationToken = default)
    {
        var server = GalleryServer.For(location);
        var info = pseudonymizer is null ? new Dictionary<string, string>(StringComparer.Ordinal)
            : new(StringComparer.Ordinal) { [KeyIdName] = pseudonymizer.KeyId };
        server.Create(place => GallerySchema.Create(place, info, version: null, cancellationToken), cancellationToken);
        return new(server, cancellationToken);
    }

    /// <summary>Whether there is something at a place: a file of that name, or a gallery's tables in a database.</summary>
    /// <exception cref="GalleryException">The database cannot be asked.</exception>
    public static bool Exists(string location, CancellationToken cancellationToken = default) =>
        GalleryServer.For(location).Exists(cancellationToken);

    /// <summary>
    /// Whether a text is meant to be a connection string: it begins, or goes on after a semicolon, with a word that only those have.
    /// </summary>
    public static bool IsConnectionString(string location)
    {
        ArgumentNullException.ThrowIfNull(location);
        return location.TrimStart().StartsWith("postgres", StringComparison.OrdinalIgnoreCase) && location.Contains("://", StringComparison.Ordinal)
            || location.Split(';').Any(part => part.IndexOf('=', StringComparison.Ordinal) is > 0 and var end
                && ConnectionWords.Contains(part[..end].Replace(" ", string.Empty, StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>What a gallery at a place would be called: a path, or server and database without the password.</summary>
    public static string NameOf(string location) => GalleryServer.For(location).Name;

    /// <summary>Opens a gallery, and brings its tables up to date.</summary>
    /// <param name="location">Full path of its file, or a PostgreSQL connection string.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">There is none, it is damaged, or it comes from a newer version.</exception>
    public static VolumeGallery Open(string location, CancellationToken cancellationToken = default)
    {
        var server = GalleryServer.For(location);
        GallerySchema.Update(server, cancellationToken);
        return new(server, cancellationToken);
    }

    /// <summary>Adds a volume, unless it is there.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="pseudonymizer">The gallery's key, when it is pseudonymised; otherwise null.</param>
    /// <param name="cancellationToken">Obeyed before anything is written.</param>
    /// <returns>The entry, and whether it is new.</returns>
    /// <exception cref="GalleryException">The gallery cannot take it: another grid, another key, no room.</exception>
    /// <exception cref="ArgumentException">The volume has no provenance, or is not 0 outside its mask.</exception>
    public (GalleryVolume Entry, bool IsNew) Add(
        PreprocessedVolume volume, Pseudonymizer? pseudonymizer = null, CancellationToken cancellationToken = default)
    {
        return Server.Write(Storing(volume, pseudonymizer, cancellationToken), cancellationToken);
    }

    /// <summary>Adds every entry of another gallery that is not there yet; what audits noted stays behind.</summary>
    /// <param name="source">The other gallery.</param>
    /// <param name="progress">Told the share that is done, or null.</param>
    /// <param name="damaged">Gets the other gallery's entries that cannot be used, which are left out; when null, the first of them is an
    /// exception.</param>
    /// <param name="cancellationToken">Obeyed between entries; those before stay.</param>
    /// <returns>How many were added, and how many were there.</returns>
    /// <exception cref="GalleryException">The galleries lie on different grids, or one hides its labels and the other does not, or by another
    /// key.</exception>
    /// <exception cref="MriFileException">An entry of the other gallery is damaged.</exception>
    public (int Added, int Known) Merge(
        VolumeGallery source, IProgress<WorkProgress>? progress = null, ICollection<DamagedEntry>? damaged = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!string.Equals(source._keyId, _keyId, StringComparison.Ordinal))
        {
            var difference = source._keyId is null || _keyId is null ? "only one of them is pseudonymised"
                : "they are pseudonymised with different keys";
            throw new GalleryException(Name, $"cannot take what '{source.Name}' holds: {difference}.");
        }

        var here = Server.Run(connection => connection.Query("SELECT entry_key FROM entries", row => row.GetValue(0) as string), cancellationToken)
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        var rows = source.List("1 = 1", cancellationToken).Select(item => item.Row is { } row ? row : source.Refuse(item.Damage!, damaged))
            .OfType<EntryRow>().ToList();
        var (added, known) = (0, 0);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new((double)(added + known) / rows.Count, row.Participant));
            if (here.Contains(row.Key))
            {
                known++;
                continue;
            }

            // The bytes as they are: they say themselves, by their checksum, that nothing has been lost on the way.
            byte[] content;
            try
            {
                content = source.ReadContent(row.Id, row.ContentHash, cancellationToken);
                PreprocessedVolumeCodec.DecodeRecord(content, $"{source.Name}: {row.Participant} (entry {row.Id})");
            }
            catch (Exception exception) when (damaged is not null && exception is MriFileException or GalleryException)
            {
                damaged!.Add(new(row.Id, row.Participant, exception.Message, source.Name));
                continue;
            }

            var isNew = Server.Write(connection => Insert(connection, row, content).IsNew, cancellationToken);
            (added, known) = isNew ? (added + 1, known) : (added, known + 1);
        }

        return (added, known);
    }

    /// <summary>The entries, in the order in which they were added; no voxels are read.</summary>
    /// <param name="participant">Only this person's, under the label it was added with; null for all.</param>
    /// <param name="pseudonymizer">The gallery's key, to find a label in a pseudonymised gallery.</param>
    /// <param name="damaged">Gets the entries that cannot be used, which are left out; when null, the first of them is an exception.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">The gallery cannot be read, or the key is another one.</exception>
    public IReadOnlyList<GalleryVolume> Entries(
        string? participant = null, Pseudonymizer? pseudonymizer = null, ICollection<DamagedEntry>? damaged = null,
        CancellationToken cancellationToken = default)
    {
        if (pseudonymizer is not null)
        {
            RequireKey(pseudonymizer);
        }

        var found = participant is null
            ? List("1 = 1", cancellationToken)
            : List("participant = @participant", cancellationToken, ("@participant", pseudonymizer?.Hash("participant", participant) ?? participant));
        return Volumes(found, damaged);
    }

    /// <summary>The entry of a number, or null.</summary>
    /// <param name="id">The number.</param>
    /// <param name="damaged">Gets the entry when it cannot be used; when null, that is an exception.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">The gallery cannot be read, or the entry is damaged.</exception>
    public GalleryVolume? Entry(long id, ICollection<DamagedEntry>? damaged = null, CancellationToken cancellationToken = default) =>
        Volumes(List("id = @id", cancellationToken, ("@id", id)), damaged).FirstOrDefault();

    /// <summary>
    /// Removes an entry and all that audits noted of it. Its bytes are overwritten in a file; the room is reused, or given back by <see
    /// cref="Optimize"/>.
    /// </summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(long id, CancellationToken cancellationToken = default) => Server.Write(
        connection =>
        {
            connection.Execute("DELETE FROM volumes WHERE entry_id = @id", ("@id", id));
            connection.Execute("DELETE FROM signatures WHERE entry_id = @id", ("@id", id));
            connection.Execute("DELETE FROM links WHERE probe_id = @id OR entry_id = @id", ("@id", id));
            connection.Execute("DELETE FROM matched WHERE entry_id = @id", ("@id", id));
            connection.Execute("DELETE FROM files WHERE entry_id = @id", ("@id", id));
            return connection.Execute("DELETE FROM entries WHERE id = @id", ("@id", id)) > 0;
        },
        cancellationToken);

    /// <summary>Reads everything and compares checksums.</summary>
    /// <param name="progress">Told the share that is done, or null.</param>
    /// <param name="cancellationToken">Obeyed between entries.</param>
    public GalleryCheck Check(IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var problems = new List<string>();
        var damaged = new List<DamagedEntry>();
        long count = 0;
        try
        {
            problems.AddRange(Server.Run(Server.FindDamage, cancellationToken));
            var items = List("1 = 1", cancellationToken);
            foreach (var (row, damage) in items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new((double)count / items.Count, row?.Participant ?? damage!.Name));
                count++;
                if (damage is not null)
                {
                    damaged.Add(damage);
                }
                else if (Problem(row!, cancellationToken) is { } problem)
                {
                    damaged.Add(Damaged(row!, problem));
                }
            }

            problems.AddRange(GalleryTables.FindProblems(Server, cancellationToken));
        }
        catch (GalleryException exception)
        {
            problems.Add(exception.Message);
        }

        return new(Name, count, [.. damaged], [.. problems]);
    }

    /// <summary>Gives back the room of removed entries and refreshes the database's statistics.</summary>
    public void Optimize(CancellationToken cancellationToken = default) => Server.Run(
        connection =>
        {
            Server.Optimize(connection);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The entries that were made from a content, the damaged ones left out.</summary>
    internal IReadOnlyList<GalleryVolume> EntriesOf(string inputHash, CancellationToken cancellationToken) =>
        Volumes(List("input_hash = @hash", cancellationToken, ("@hash", inputHash)), []);

    /// <summary>What audits keep in this gallery.</summary>
    internal AuditMemory Audits => new(this);

    /// <summary>The signatures of this gallery's entries.</summary>
    internal StoredSignatures Signatures => new(Server);

    /// <summary>The bytes of an entry's volume.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="hash">What the entry says that their checksum is; null to read whatever is there.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">There is no such entry, or its volume is another one.</exception>
    internal byte[] ReadContent(long id, string? hash = null, CancellationToken cancellationToken = default)
    {
        var content = Server.Run(
            connection => connection.Scalar("SELECT content FROM volumes WHERE entry_id = @id", ("@id", id)) as byte[], cancellationToken)
            ?? throw new GalleryException(Name, $"no longer holds entry {id}.") { EntryId = id };
        return hash is null || string.Equals(RowChecksum.OfVolume(content), hash, StringComparison.Ordinal)
            ? content
            : throw new GalleryException(Name, $"has a damaged entry, number {id}: its volume is not what its row says. {Remedy}") { EntryId = id };
    }

    /// <summary>
    /// Packs a volume as the gallery is to hold it, and gives what stores it within a transaction. One that the gallery holds already is not
    /// packed; should it be removed meanwhile, storing fails, and nothing is said to be there that is not.
    /// </summary>
    internal Func<GalleryConnection,
        (GalleryVolume Entry, bool IsNew)> Storing(PreprocessedVolume volume, Pseudonymizer? pseudonymizer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(volume);
        RequireKey(pseudonymizer);
        var provenance = volume.Provenance
            ?? throw new ArgumentException(
            $"'{volume.Path ?? volume.Name}' does not say what it was made from; preprocess it with Invoke-MriPreprocess.", nameof(volume));
        var identity = volume.Identity;
        if (pseudonymizer is not null)
        {
            (identity, provenance) = (pseudonymizer.Hide(identity), pseudonymizer.Hide(provenance));
        }

        var key = KeyOf(identity, provenance);
        if (Volumes(List("entry_key = @key", cancellationToken, ("@key", key)), []) is [var there, ..])
        {
            return connection => connection.Scalar("SELECT id FROM entries WHERE entry_key = @key", ("@key", key)) is not null
                ? (there, false)
                : throw new GalleryException(Name, $"has just lost '{identity.Name}' to another process; add it again.");
        }

        var hidden = new Renamed(identity, volume, provenance);
        var content = PreprocessedVolumeCodec.Encode(hidden, cancellationToken);
        var record = PreprocessedRecord.Of(hidden);
        cancellationToken.ThrowIfCancellationRequested();
        var row = new EntryRow(
            0, key, identity.Participant, identity.Session, identity.Run, identity.Path, provenance.InputHash, GridOf(record),
            JsonSerializer.Serialize(record, ProvenanceJson.Compact), content.Length, string.Empty, RowChecksum.OfVolume(content));
        return connection => Insert(connection, row, content);
    }

    /// <exception cref="GalleryException">The key is not the gallery's.</exception>
    internal void RequireKey(Pseudonymizer? pseudonymizer)
    {
        if (_keyId is null && pseudonymizer is not null)
        {
            throw new GalleryException(Name, "is not pseudonymised, so there is no key to it. New-MriGallery -Pseudonymize makes one that is.");
        }

        if (_keyId is not null && !string.Equals(pseudonymizer?.KeyId, _keyId, StringComparison.Ordinal))
        {
            throw new GalleryException(
                Name, pseudonymizer is null ? "is pseudonymised: give the file with its key (-KeyPath)."
                : "is pseudonymised with another key, or by a version of MriLink whose pseudonyms could be undone; such a gallery has to be "
                    + "made again.");
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
        $"{record.Template} {string.Join('x', record.Size)} "
            + $"{string.Join(' ', record.VoxelToWorld.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}";

    private string? Problem(EntryRow row, CancellationToken cancellationToken)
    {
        try
        {
            var source = $"{Name}: {row.Participant} (entry {row.Id})";
            var content = ReadContent(row.Id, cancellationToken: cancellationToken);
            PreprocessedVolumeCodec.DecodeVoxels(content, source);
            var inside = PreprocessedVolumeCodec.DecodeRecord(content, source);

            // Both are written anew before they are compared: what is derived, a verdict for example, may be another today.
            var record = JsonSerializer.Deserialize<PreprocessedRecord>(row.Record, ProvenanceJson.Compact);
            return !string.Equals(JsonSerializer.Serialize(inside, ProvenanceJson.Compact), JsonSerializer.Serialize(record, ProvenanceJson.Compact),
                StringComparison.Ordinal)
                    || !string.Equals(RowChecksum.OfVolume(content), row.ContentHash, StringComparison.Ordinal) || content.Length != row.Bytes
                    ? "what its row says is not what its volume says"
                : inside.Provenance is null
                    || !string.Equals(KeyOf(new(row.Participant, row.Session, row.Run), inside.Provenance), row.Key, StringComparison.Ordinal)
                    ? "its labels have been changed"
                : null;
        }
        catch (Exception exception) when (exception is GalleryException or MriFileException or JsonException or NotSupportedException)
        {
            return exception.Message;
        }
    }

    // A row that says what it said when it was written, or why there is none.
    private List<(EntryRow? Row, DamagedEntry? Damage)> List(
        string where, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) => Server.Run(
        connection => connection.Query<(EntryRow?, DamagedEntry?)>(
            $"SELECT {EntryRow.Columns} FROM entries WHERE {where} ORDER BY id",
            reader => reader.ReadOrNull(EntryRow.Read) is not { } row ? (null, new(reader.GetInt64(0), "?", "its row cannot be read", Name))
                : row.IsIntact ? (row, null)
                : (null, Damaged(row, "its row is not as it was written: the checksum is wrong")),
            parameters),
        cancellationToken);

    private DamagedEntry Damaged(EntryRow row, string problem) =>
        new(row.Id, SafeText.ForTerminal(new ScanIdentity(row.Participant, row.Session, row.Run).Name), problem, Name);

    private List<GalleryVolume> Volumes(List<(EntryRow? Row, DamagedEntry? Damage)> items, ICollection<DamagedEntry>? damaged)
    {
        var volumes = new List<GalleryVolume>(items.Count);
        foreach (var (row, damage) in items)
        {
            if (row is not null && ToVolume(row) is { } volume)
            {
                volumes.Add(volume);
            }
            else
            {
                Refuse(damage ?? Damaged(row!, "its row makes no sense"), damaged);
            }
        }

        return volumes;
    }

    // Nothing: the damage has been told.
    private EntryRow? Refuse(DamagedEntry damage, ICollection<DamagedEntry>? damaged)
    {
        if (damaged is null)
        {
            throw new GalleryException(Name, $"has a damaged entry, number {damage.Id}: {damage.Problem}. {Remedy}") { EntryId = damage.Id };
        }

        damaged.Add(damage);
        return null;
    }

    private GalleryVolume? ToVolume(EntryRow row)
    {
        try
        {
            var record = JsonSerializer.Deserialize<PreprocessedRecord>(row.Record, ProvenanceJson.Compact);
            return record?.Quality is not null && record.Geometry() is { } geometry
                ? GalleryVolume.Of(this, row, record, geometry, row.Added.Length > 0 ? ParseTime(row.Added) : null)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private (GalleryVolume Entry, bool IsNew) Insert(GalleryConnection connection, EntryRow row, byte[] content)
    {
        // Under a damaged row of the same key nothing can be added; it says so, and is removed first.
        if (connection.Query($"SELECT {EntryRow.Columns} FROM entries WHERE entry_key = @key", reader =>
            reader.ReadOrNull(EntryRow.Read), ("@key", row.Key)) is [var there, ..])
        {
            return there is { IsIntact: true } && ToVolume(there) is { } known
                ? (known, false)
                : throw new GalleryException(
                    Name, $"has a damaged entry, number {there?.Id}, in the place of '{row.Participant}'. {Remedy}")
                { EntryId = there?.Id ?? 0 };
        }

        if (connection.Scalar("SELECT grid FROM entries LIMIT 1") is string other && !string.Equals(row.Grid, other, StringComparison.Ordinal))
        {
            throw new GalleryException(
                Name, $"holds volumes on another grid than that of '{row.Participant}' ({row.Grid}): {other}. Preprocess it with the same template "
                    + $"and spacing.");
        }

        // Numbers that count, and times, would let whoever has the files tell them apart by their order.
        var id = IsPseudonymized ? DrawId() : (long?)null;
        var added = IsPseudonymized ? string.Empty : Now();
        id = Convert.ToInt64(
            connection.Scalar(
                $"""
                INSERT INTO entries ({(id is null ? string.Empty : "id, ")}entry_key, participant, session, run, path, input_hash, grid, record,
                    bytes, added, content_hash)
                {(id is null ? string.Empty : Server.OwnId)}
                VALUES ({(id is null ? string.Empty : "@id, ")}@key, @participant, @session, @run, @path, @input, @grid, @record,
                    @bytes, @added, @hash) RETURNING id
                """,
                [
                    .. id is null ? Array.Empty<(string, object?)>() : [("@id", id)],
                    ("@key", row.Key),
                    ("@participant", row.Participant),
                    ("@session", row.Session),
                    ("@run", row.Run),
                    ("@path", row.Path),
                    ("@input", row.InputHash),
                    ("@grid", row.Grid),
                    ("@record", row.Record),
                    ("@bytes", row.Bytes),
                    ("@added", added),
                    ("@hash", row.ContentHash),
                ]),
            CultureInfo.InvariantCulture);
        var stored = row with { Id = id.Value, Added = added };
        connection.Execute("UPDATE entries SET checksum = @sum WHERE id = @id", ("@sum", stored.ExpectedChecksum), ("@id", id));
        connection.Execute("INSERT INTO volumes (entry_id, content) VALUES (@id, @content)", ("@id", id), ("@content", content));
        return (ToVolume(stored) ?? throw new ArgumentException($"'{row.Participant}' lies on no grid that can be stored.", nameof(row)), true);
    }

    private static long DrawId() => 1 + (long)(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) % MostIds);

    // The volume as it is stored: under the names and hashes that the gallery keeps.
    private sealed class Renamed : PreprocessedVolume
    {
        private readonly PreprocessedVolume _volume;

        public Renamed(ScanIdentity identity, PreprocessedVolume volume, Provenance provenance)
            : base(identity, new Nothing(volume.Geometry), () => volume.BrainMask, volume.Template, volume.TemplateToScan, volume.QualityRecord, [])
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
