using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>Brings a gallery up to date with folders of scans and says which of the new ones show people it holds already.</summary>
/// <remarks>
/// <para>A file is known by path, length and time of change; only others are read, and only content that is not in the gallery is
/// preprocessed. Each step is noted in the gallery as soon as it is done: an audit that is interrupted, or killed, goes on where it was
/// when it is started again, and one with nothing new does nothing. Two at once do no harm; they may do some work twice.</para>
/// <para>A new scan is compared with every entry of a gallery of up to 10 000, and with the candidates that signatures choose of a larger one
/// (<see cref="CandidateSearch"/>): then a night costs what is new, not what is there.</para>
/// <para>Memory: the scans at work, 256 probes and 64 entries of about 1 MB, and a score per probe and entry.</para>
/// </remarks>
public sealed class GalleryAudit
{
    // Probes whose brains are held at once.
    private const int ProbeBatch = 256;

    // Entries listed per probe: a person with more scans than this in a gallery has the rest linked through these.
    private const int Top = 20;

    private readonly VolumeGallery _gallery;
    private readonly AuditOptions _options;
    private readonly Func<MriVolume, WorkOptions, PreprocessedVolume>? _preprocess;
    private readonly int _largeGallery;
    private readonly ConcurrentQueue<AuditProblem> _problems = new();
    private int _added;
    private int _copies;

    /// <summary>Prepares an audit.</summary>
    /// <exception cref="GalleryException">The gallery is pseudonymised with another key.</exception>
    public GalleryAudit(VolumeGallery gallery, AuditOptions options)
        : this(gallery, options, preprocess: null)
    {
    }

    internal GalleryAudit(VolumeGallery gallery, AuditOptions options, Func<MriVolume, WorkOptions, PreprocessedVolume>? preprocess, int largeGallery = CandidateSearch.LargeGallery)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        gallery.RequireKey(options.Pseudonymizer);
        _gallery = gallery;
        _options = options;
        _preprocess = preprocess;
        _largeGallery = largeGallery;
    }

    /// <summary>Of the files, those that no earlier audit has seen as they are now.</summary>
    public IReadOnlyList<AuditFile> FindNew(IReadOnlyList<AuditFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Sort(files).New;
    }

    /// <summary>Runs the audit.</summary>
    /// <param name="files">What the folders hold.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told how far it has come, or null.</param>
    /// <exception cref="GalleryException">The gallery cannot be used.</exception>
    /// <exception cref="IOException">The report cannot be written; what was found is told by the next audit.</exception>
    public AuditResult Run(IReadOnlyList<AuditFile> files, WorkOptions work, IProgress<WorkProgress>? progress = null) => Run(new AuditListing(files, [], []), work, progress);

    /// <summary>Runs the audit.</summary>
    /// <param name="listing">What the folders hold, and what of it is not checked.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told how far it has come, or null.</param>
    /// <exception cref="GalleryException">The gallery cannot be used.</exception>
    /// <exception cref="IOException">The report cannot be written; what was found is told by the next audit.</exception>
    public AuditResult Run(AuditListing listing, WorkOptions work, IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(listing);
        var files = listing.Files;
        var started = DateTime.UtcNow;
        foreach (var problem in listing.Problems)
        {
            _problems.Enqueue(problem);
        }

        var (fresh, unresolved) = Sort(files);
        Ingest(fresh, work, progress);
        var compared = Match(work, progress);
        var links = Unreported();
        var result = new AuditResult
        {
            Gallery = _gallery.Name,
            Version = Provenance.ToolVersion,
            Started = started,
            Finished = DateTime.UtcNow,
            Files = files.Count,
            Unchanged = files.Count - fresh.Count,
            Added = _added,
            Copies = _copies,
            Compared = compared,
            Links = [.. links.Where(link => !link.IsSameLabel)],
            Expected = [.. links.Where(link => link.IsSameLabel)],
            Problems = [.. _problems.OrderBy(problem => problem.Path, NaturalOrder.Instance)],
            Unresolved = unresolved,
            PassedOver = listing.PassedOver,
        };
        if (!result.HasNews)
        {
            return result;
        }

        if (_options.ReportFolder is { } folder)
        {
            result = result with { ReportPath = AuditReport.Write(folder, result) };
        }

        _gallery.Server.Write(connection =>
        {
            foreach (var link in links)
            {
                connection.Execute("UPDATE links SET reported = 1 WHERE probe_id = @probe AND entry_id = @entry", ("@probe", link.ProbeId), ("@entry", link.EntryId));
            }

            return connection.Execute(
                "INSERT INTO audits (started, finished, summary) VALUES (@started, @finished, @summary)",
                ("@started", Time(result.Started)),
                ("@finished", Time(result.Finished)),
                ("@summary", $"{result.Files} files, {result.Added} added, {result.Links.Count} links, {result.Problems.Count} problems"));
        });
        return result;
    }

    // What no audit has seen as it is now, and what an earlier one has seen so and could not check.
    private (List<AuditFile> New, List<AuditProblem> Unresolved) Sort(IReadOnlyList<AuditFile> files)
    {
        var known = _gallery.Server.Run(connection => connection.Query(
            "SELECT path, length, changed, problem FROM files", row => (Path: row.GetString(0), Length: row.GetInt64(1), Changed: row.GetInt64(2), Problem: row.Text(3))))
            .ToDictionary(row => row.Path, row => (row.Length, row.Changed, row.Problem), StringComparer.Ordinal);
        var (fresh, unresolved) = (new List<AuditFile>(), new List<AuditProblem>());
        foreach (var file in files)
        {
            if (!known.TryGetValue(NameOf(file.Path), out var seen) || (seen.Length, seen.Changed) != (file.Length, file.ChangedUtc.Ticks))
            {
                fresh.Add(file);
            }
            else if (seen.Problem is { } problem)
            {
                unresolved.Add(new(file.Path, problem));
            }
        }

        return (fresh, unresolved);
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private string NameOf(string path) => _options.Pseudonymizer?.Hash("path", path) ?? path;

    private void Ingest(List<AuditFile> files, WorkOptions work, IProgress<WorkProgress>? progress)
    {
        var preprocessor = new Lazy<Preprocessor>(() => new(_options.Preprocess, work));
        var preprocess = _preprocess ?? ((scan, inner) => preprocessor.Value.Process(scan, null, inner));
        var done = 0;
        var inner = new WorkOptions(1, work.CancellationToken);
        work.ForBlocks(files.Count, i =>
        {
            try
            {
                Ingest(files[i], preprocess, inner);
            }
            catch (Exception exception) when (exception is not GalleryException && ScanException.IsFaultOfScan(exception))
            {
                _problems.Enqueue(new(files[i].Path, exception.Message));
                Note(files[i], null, null, exception.Message);
            }

            var count = Interlocked.Increment(ref done);
            progress?.Report(new((double)count / files.Count, $"{count} of {files.Count} new files"));
        });
    }

    private void Ingest(AuditFile file, Func<MriVolume, WorkOptions, PreprocessedVolume> preprocess, WorkOptions work)
    {
        var header = file.Scan is { } listed ? listed.Group.ReadHeader(cancellationToken: work.CancellationToken) : VolumeFormats.ReadHeader(file.Path, cancellationToken: work.CancellationToken);
        if (!string.Equals(header.Path, file.Path, StringComparison.Ordinal))
        {
            // The other part of a pair, which counts under the name of its header.
            Note(file, null, null, null);
            return;
        }

        var scan = new MriVolume(file.Identity ?? _options.Identify(file.Path), new FileVoxelSource(header, new()));
        var content = scan.FileContent!.HashContent(work.CancellationToken);
        var hash = _options.Pseudonymizer?.HideContent(content) ?? content;
        if (Known(scan.Identity, hash) is { } known)
        {
            Note(file, hash, known, null);
            Interlocked.Increment(ref _copies);
            return;
        }

        var volume = preprocess(scan, work);
        var (entry, isNew) = _gallery.Add(volume, _options.Pseudonymizer, work.CancellationToken);
        var problem = volume.Quality.Verdict == QualityVerdict.Fail ? $"is not compared, for its preprocessing failed: {string.Join("; ", volume.Quality.Reasons)}." : null;
        Note(file, hash, entry.Id, problem);
        Interlocked.Increment(ref isNew ? ref _added : ref _copies);
        if (problem is not null)
        {
            _problems.Enqueue(new(file.Path, problem));
        }
    }

    private long? Known(ScanIdentity identity, string hash)
    {
        var hidden = _options.Pseudonymizer?.Hide(identity) ?? identity;
        var found = _gallery.Server.Run(connection => connection.Query(
            "SELECT id, session, run FROM entries WHERE input_hash = @hash AND participant = @participant",
            row => (Id: row.GetInt64(0), Session: row.Text(1), Run: row.Text(2)),
            ("@hash", hash),
            ("@participant", hidden.Participant)));
        return found.Where(row => string.Equals(row.Session, hidden.Session, StringComparison.Ordinal) && string.Equals(row.Run, hidden.Run, StringComparison.Ordinal))
            .Select(row => (long?)row.Id).FirstOrDefault();
    }

    private void Note(AuditFile file, string? hash, long? entry, string? problem) => _gallery.Server.Write(connection =>
    {
        connection.Execute("DELETE FROM files WHERE path = @path", ("@path", NameOf(file.Path)));
        return connection.Execute(
            "INSERT INTO files (path, length, changed, input_hash, entry_id, problem) VALUES (@path, @length, @changed, @hash, @entry, @problem)",
            ("@path", NameOf(file.Path)),
            ("@length", file.Length),
            ("@changed", file.ChangedUtc.Ticks),
            ("@hash", hash),
            ("@entry", entry.OrNull()),
            ("@problem", _options.Pseudonymizer is null ? problem : problem is null ? null : "unusable"));
    });

    // Compares what audits have added and none has compared yet with everything. Gives the number of probes.
    private int Match(WorkOptions work, IProgress<WorkProgress>? progress)
    {
        var waiting = _gallery.Server.Run(connection => connection.Query(
            "SELECT DISTINCT entry_id FROM files WHERE entry_id IS NOT NULL AND entry_id NOT IN (SELECT entry_id FROM matched) ORDER BY entry_id", row => row.GetInt64(0)));
        if (waiting.Count == 0)
        {
            return 0;
        }

        var entries = _gallery.Entries().Where(entry => entry.Quality.Verdict != QualityVerdict.Fail).ToArray();
        var probes = entries.IntersectBy(waiting, entry => entry.Id).ToArray();
        var compared = 0;
        foreach (var batch in probes.Chunk(ProbeBatch))
        {
            var matches = entries.Length < 2 ? [] : Match(batch, entries, work, progress);
            if (entries.Length > 1 && matches.FirstOrDefault(match => match.IsMatch is null) is { } undecided)
            {
                // Left for a later audit, when the gallery holds enough.
                _problems.Enqueue(new(_gallery.Name, $"{batch.Length} scans were not judged: {undecided.DecidingRule}. A threshold would judge them."));
                continue;
            }

            Record(batch, entries, matches);
            compared += batch.Length;
        }

        // Those whose preprocessing failed are never compared, and have been told.
        RecordMatched(waiting.Except(probes.Select(p => p.Id)));
        return compared;
    }

    private IReadOnlyList<ScanMatch> Match(GalleryVolume[] batch, GalleryVolume[] entries, WorkOptions work, IProgress<WorkProgress>? progress)
    {
        // One that cannot be read is told once, whatever it is read for.
        var told = new ConcurrentDictionary<long, bool>();
        void Tell(MriVolume volume, Exception exception)
        {
            if (told.TryAdd(((GalleryVolume)volume).Id, true))
            {
                _problems.Enqueue(new(volume.Path ?? volume.Name, exception.Message));
            }
        }

        var prepared = CandidateSearch.Prepare(batch, work, Tell);
        GalleryVolume[] probes = [.. batch.Where((_, i) => prepared[i] is not null)];
        PreparedVolume[] rows = [.. prepared.OfType<PreparedVolume>()];
        if (probes.Length == 0)
        {
            return [];
        }

        var options = _options.Match with { Top = Top };
        var measure = SimilarityMeasures.Default;
        if (entries.Length <= _largeGallery)
        {
            return MatchFinder.Find(CandidateSearch.Score(measure, rows, entries, SimilarityOptions.Default, work, progress, Tell), measure, Names(probes), Names(entries), options, work.CancellationToken);
        }

        var (compared, scores, screening) = CandidateSearch.For(entries)!.Run(measure, probes, rows, CandidateSearch.DefaultCandidates, SimilarityOptions.Default, work, progress, Tell);
        return MatchFinder.Find(scores, measure, Names(probes), [.. compared.Select(entry => entry.Identity)], options with { Screening = screening }, work.CancellationToken);
    }

    private static ScanIdentity[] Names(GalleryVolume[] volumes) => [.. volumes.Select(volume => volume.Identity)];

    private void Record(GalleryVolume[] probes, GalleryVolume[] entries, IReadOnlyList<ScanMatch> matches) => _gallery.Server.Write(connection =>
    {
        // By object: two entries may carry the same labels.
        var numbers = entries.ToDictionary(entry => entry.Identity, entry => entry.Id, (IEqualityComparer<ScanIdentity>)ReferenceEqualityComparer.Instance);
        foreach (var match in matches.Where(match => match.IsMatch == true))
        {
            var (a, b) = (numbers[match.Probe], numbers[match.Gallery]);
            connection.Execute(
                """
                INSERT INTO links (probe_id, entry_id, score, p_value, rule, reported) VALUES (@probe, @entry, @score, @p, @rule, 0)
                ON CONFLICT (probe_id, entry_id) DO NOTHING
                """,
                ("@probe", Math.Max(a, b)),
                ("@entry", Math.Min(a, b)),
                ("@score", match.Score),
                ("@p", match.PValue.OrNull()),
                ("@rule", match.DecidingRule));
        }

        Matched(connection, probes.Select(probe => probe.Id));
        return true;
    });

    private void RecordMatched(IEnumerable<long> entries) => _gallery.Server.Write(connection =>
    {
        Matched(connection, entries);
        return true;
    });

    private static void Matched(DbConnection connection, IEnumerable<long> entries)
    {
        foreach (var id in entries)
        {
            connection.Execute("INSERT INTO matched (entry_id) VALUES (@id) ON CONFLICT (entry_id) DO NOTHING", ("@id", id));
        }
    }

    private List<AuditLink> Unreported() => _gallery.Server.Run(connection => connection.Query(
        """
        SELECT l.probe_id, l.entry_id, l.score, l.p_value, l.rule, p.participant, p.session, p.run, p.path, e.participant, e.session, e.run, e.path
        FROM links l JOIN entries p ON p.id = l.probe_id JOIN entries e ON e.id = l.entry_id
        WHERE l.reported = 0 ORDER BY l.probe_id, l.score DESC
        """,
        row => new AuditLink
        {
            ProbeId = row.GetInt64(0),
            EntryId = row.GetInt64(1),
            Score = row.GetDouble(2),
            PValue = row.IsDBNull(3) ? null : row.GetDouble(3),
            DecidingRule = row.GetString(4),
            Probe = new(row.GetString(5), row.Text(6), row.Text(7), row.Text(8)),
            Entry = new(row.GetString(9), row.Text(10), row.Text(11), row.Text(12)),
        }));
}
