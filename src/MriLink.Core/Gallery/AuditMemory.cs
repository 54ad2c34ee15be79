using System.Data.Common;
using System.Globalization;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Gallery;

/// <summary>What audits keep in a gallery from night to night: files, comparisons that were made, links, and which of them were reported.</summary>
internal sealed class AuditMemory(VolumeGallery gallery)
{
    private readonly GalleryServer _server = gallery.Server;

    /// <summary>What is known of files, by name. A row that is not as it was written is not given: its file counts as new.</summary>
    public Dictionary<string, AuditedFile> Files(CancellationToken cancellationToken) =>
        _server.Run(connection =>
            connection.Query($"SELECT {AuditedFile.Columns} FROM files", row => row.ReadOrNull(AuditedFile.Read)), cancellationToken)
            .OfType<AuditedFile>().Where(file => file.IsIntact).ToDictionary(file => file.Name, StringComparer.Ordinal);

    /// <summary>
    /// Takes out the rows that are not as they were written, and what can no longer be believed because of them: with a link or a comparison
    /// that is damaged, all comparisons, so that everything is compared anew.
    /// </summary>
    /// <returns>How many rows about files were damaged, and how many about comparisons and links.</returns>
    public (int Files, int Matches) Repair(CancellationToken cancellationToken)
    {
        var damaged = _server.Run(Damaged, cancellationToken);
        return damaged == default ? damaged : _server.Write(
            connection =>
            {
                var now = Damaged(connection);
                if (now.Files > 0)
                {
                    var files = connection.Query($"SELECT {AuditedFile.Columns} FROM files", row => row.ReadOrNull(AuditedFile.Read))
                        .OfType<AuditedFile>().Where(file => file.IsIntact).ToList();
                    connection.Execute("DELETE FROM files");
                    files.ForEach(file => Insert(connection, file));
                }

                if (now.Matches > 0)
                {
                    var links = connection.Query($"SELECT {StoredLink.Columns} FROM links", row => row.ReadOrNull(StoredLink.Read))
                        .OfType<StoredLink>().Where(link => link.IsIntact).ToList();
                    connection.Execute("DELETE FROM links");
                    connection.Execute("DELETE FROM matched");
                    links.ForEach(link => Insert(connection, link));
                }

                return now;
            },
            cancellationToken);
    }

    /// <summary>The entry of a scan of these labels and this content, or null; a damaged one does not count.</summary>
    /// <param name="identity">The labels as the gallery keeps them.</param>
    /// <param name="inputHash">The content's hash as the gallery keeps it.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    public GalleryVolume? Find(ScanIdentity identity, string inputHash, CancellationToken cancellationToken) =>
        gallery.EntriesOf(inputHash, cancellationToken).FirstOrDefault(entry =>
            string.Equals(entry.Participant, identity.Participant, StringComparison.Ordinal)
            && string.Equals(entry.Session, identity.Session, StringComparison.Ordinal)
            && string.Equals(entry.Run, identity.Run, StringComparison.Ordinal));

    /// <summary>Adds a volume and notes its file, both or neither.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="pseudonymizer">The gallery's key, when it is pseudonymised.</param>
    /// <param name="note">What to note, but for the entry.</param>
    /// <param name="cancellationToken">Obeyed before anything is written.</param>
    public (GalleryVolume Entry, bool IsNew) Add(
        PreprocessedVolume volume, Pseudonymizer? pseudonymizer, AuditedFile note, CancellationToken cancellationToken)
    {
        var store = gallery.Storing(volume, pseudonymizer, cancellationToken);
        return _server.Write(
            connection =>
            {
                var (entry, isNew) = store(connection);
                Replace(connection, note with { EntryId = entry.Id });
                return (entry, isNew);
            },
            cancellationToken);
    }

    /// <summary>Notes files, in the place of what was known of them.</summary>
    public void Note(IReadOnlyCollection<AuditedFile> files, CancellationToken cancellationToken)
    {
        if (files.Count > 0)
        {
            _server.Write(
                connection =>
                {
                    foreach (var file in files)
                    {
                        Replace(connection, file);
                    }

                    return true;
                },
                cancellationToken);
        }
    }

    /// <summary>The entries that audits have made of files, whether their notes are intact or not.</summary>
    public HashSet<long> Checked(CancellationToken cancellationToken) => [.. _server.Run(
        connection => connection.Query("SELECT DISTINCT entry_id FROM files WHERE entry_id IS NOT NULL", row => row.GetInt64(0)), cancellationToken)];

    /// <summary>The entries that audits have added and that have not been compared with all others.</summary>
    public IReadOnlyList<long> Waiting(CancellationToken cancellationToken) => _server.Run(
        connection => connection.Query(
            "SELECT DISTINCT entry_id FROM files WHERE entry_id IS NOT NULL AND entry_id NOT IN (SELECT entry_id FROM matched) ORDER BY entry_id",
            row => row.GetInt64(0)),
        cancellationToken);

    /// <summary>How many entries have been compared with all others, and how many of them were linked.</summary>
    /// <param name="more">How many more have been, and are not noted yet.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    public (int Compared, int Linked) History(int more, CancellationToken cancellationToken) => _server.Run(
        connection =>
        {
            int Count(string sql) => (int)connection.Query(sql, row => row.GetInt64(0))[0];
            var compared = Count("SELECT COUNT(*) FROM matched") + more;
            return (compared, Math.Min(compared, Count("SELECT COUNT(DISTINCT probe_id) FROM links")));
        },
        cancellationToken);

    /// <summary>Keeps links that are not known yet, and which entries have been compared with all others, both or neither.</summary>
    public void Record(IEnumerable<StoredLink> links, IEnumerable<long> compared, CancellationToken cancellationToken) => _server.Write(
        connection =>
        {
            foreach (var link in links)
            {
                Insert(connection, link);
            }

            foreach (var id in compared)
            {
                connection.Execute("INSERT INTO matched (entry_id, checksum) VALUES (@id, @sum) ON CONFLICT (entry_id) DO NOTHING", ("@id", id),
                    ("@sum", RowChecksum.Of("matched", id)));
            }

            return true;
        },
        cancellationToken);

    /// <summary>The pairs of entries that are linked, the lower number first.</summary>
    public IReadOnlyList<(long, long)> Linked(CancellationToken cancellationToken) => _server.Run(
        connection => connection.Query(
            "SELECT probe_id, entry_id FROM links", row => (Math.Min(row.GetInt64(0), row.GetInt64(1)), Math.Max(row.GetInt64(0), row.GetInt64(1)))),
        cancellationToken);

    /// <summary>The links of which no report has told, the latest entries last.</summary>
    public IReadOnlyList<StoredLink> Unreported(CancellationToken cancellationToken) => [.. _server.Run(
        connection => connection.Query(
            $"SELECT {StoredLink.Columns} FROM links WHERE reported = 0 ORDER BY probe_id, score DESC", row => row.ReadOrNull(StoredLink.Read)),
            cancellationToken)
        .OfType<StoredLink>()];

    /// <summary>Notes an audit, and its links as reported: to be called when the report is on the disk.</summary>
    public void Report(IReadOnlyCollection<StoredLink> links, DateTime started, DateTime finished, string summary,
        CancellationToken cancellationToken) => _server.Write(
        connection =>
        {
            foreach (var link in links)
            {
                var told = link with { Reported = true };
                connection.Execute(
                    "UPDATE links SET reported = 1, checksum = @sum WHERE probe_id = @probe AND entry_id = @entry", ("@sum", told.ExpectedChecksum),
                    ("@probe", link.ProbeId), ("@entry", link.EntryId));
            }

            var (from, to) = (Time(started), Time(finished));
            return connection.Execute(
                "INSERT INTO audits (started, finished, summary, checksum) VALUES (@started, @finished, @summary, @sum)",
                ("@started", from),
                ("@finished", to),
                ("@summary", summary),
                ("@sum", ChecksumOfAudit(from, to, summary)));
        },
        cancellationToken);

    internal static string ChecksumOfMatched(DbDataReader row) => RowChecksum.Of("matched", row.Integer(0));

    internal static string ChecksumOfAudit(string started, string finished, string summary) => RowChecksum.Of("audits", started, finished, summary);

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static (int Files, int Matches) Damaged(GalleryConnection connection) => (
        connection.Query($"SELECT {AuditedFile.Columns} FROM files", row => row.ReadOrNull(AuditedFile.Read))
            .Count(file => file is not { IsIntact: true }),
        connection.Query($"SELECT {StoredLink.Columns} FROM links", row => row.ReadOrNull(StoredLink.Read))
            .Count(link => link is not { IsIntact: true })
            + connection.Query("SELECT entry_id, checksum FROM matched", row =>
                row.ReadOrNull(r => string.Equals(r.Text(1), ChecksumOfMatched(r), StringComparison.Ordinal) ? "" : null)).Count(
                found => found is null));

    // An entry that audits have added is not forgotten because its file holds something else now, or can no longer be read: it may still wait
    // to be compared.
    private static void Replace(GalleryConnection connection, AuditedFile file)
    {
        var before = connection.Query(
            $"SELECT {AuditedFile.Columns} FROM files WHERE name = @name", row =>
            row.ReadOrNull(AuditedFile.Read), ("@name", file.Name)).FirstOrDefault();
        connection.Execute("DELETE FROM files WHERE name = @name", ("@name", file.Name));
        Insert(connection, file);
        if (before is { IsIntact: true, EntryId: { } id } && id != file.EntryId)
        {
            var kept = new AuditedFile(
                string.Create(CultureInfo.InvariantCulture, $"{file.Name} (entry {id})"), null, string.Empty, before.Content, id, null);
            connection.Execute("DELETE FROM files WHERE name = @name", ("@name", kept.Name));
            Insert(connection, kept);
        }
    }

    private static void Insert(GalleryConnection connection, AuditedFile file) => connection.Execute(
        "INSERT INTO files (name, root, stamp, content, entry_id, problem, checksum) VALUES (@name, @root, @stamp, @content, @entry, @problem, @sum)",
        ("@name", file.Name),
        ("@root", file.Root),
        ("@stamp", file.Stamp),
        ("@content", file.Content),
        ("@entry", file.EntryId.OrNull()),
        ("@problem", file.Problem),
        ("@sum", file.ExpectedChecksum));

    private static void Insert(GalleryConnection connection, StoredLink link) => connection.Execute(
        """
        INSERT INTO links (probe_id, entry_id, metric, score, p_value, rule, remark, reported, checksum)
        VALUES (@probe, @entry, @metric, @score, @p, @rule, @remark, @reported, @sum)
        ON CONFLICT (probe_id, entry_id) DO NOTHING
        """,
        ("@probe", link.ProbeId),
        ("@entry", link.EntryId),
        ("@metric", link.Metric),
        ("@score", link.Score),
        ("@p", link.PValue.OrNull()),
        ("@rule", link.Rule),
        ("@remark", link.Remark),
        ("@reported", link.Reported ? 1L : 0L),
        ("@sum", link.ExpectedChecksum));
}
