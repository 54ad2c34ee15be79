using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
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

/// <summary>One run of an audit (<see cref="GalleryAudit"/>): what it has found so far.</summary>
internal sealed class AuditRun
{
    private const string Sides =
        "does not surely say which side is left, and a mirrored brain is nobody's: an audit with -Mirrored from its first night on compares both.";

    // Probes whose brains are held at once.
    private const int ProbeBatch = 256;

    // Entries listed per probe: a person with more scans than this in a gallery has the rest linked through these.
    private const int Top = 20;

    // Names of missing files in one message.
    private const int NamesListed = 10;

    private readonly VolumeGallery _gallery;
    private readonly AuditMemory _memory;
    private readonly AuditOptions _options;
    private readonly Func<MriVolume, WorkOptions, PreprocessedVolume> _preprocess;
    private readonly int _largeGallery;
    private readonly WorkOptions _work;
    private readonly IProgress<WorkProgress>? _progress;
    private readonly ConcurrentQueue<AuditProblem> _problems = new();
    private readonly ConcurrentQueue<AuditProblem> _unresolved = new();

    // Scans whose comparison has found what only a report can tell, and what is true of the gallery as a whole and new: noted when the report is on
    // the disk, so that a night whose report is lost is done again.
    private readonly List<long> _compared = [];
    private readonly List<AuditedFile> _standing = [];

    // Entries that cannot be read and have been told of.
    private readonly ConcurrentDictionary<long, bool> _refused = new();

    // Pairs that have been told of, in either direction.
    private readonly HashSet<(long, long)> _doubtful = [];

    // What only a report can tell and no later night would find; empty when there is nothing but that a report is owed, null for neither.
    private readonly object _owing = new();
    private string? _owed;
    private readonly Lazy<Dictionary<long, ScanIdentity>> _labels;
    private readonly bool _isFirst;
    private KnownFiles _known;

    // The entries that audits have made of files, tonight's too.
    private HashSet<long> _checked;
    private int _unchanged;
    private int _added;
    private int _copies;
    private int _entries;
    private int _entriesUsable;

    public AuditRun(
        VolumeGallery gallery, AuditOptions options, Func<MriVolume, WorkOptions, PreprocessedVolume>? preprocess, int largeGallery,
        WorkOptions work, IProgress<WorkProgress>? progress)
    {
        var preprocessor = new Lazy<Preprocessor>(() => new(options.Preprocess, work));
        _gallery = gallery;
        _memory = gallery.Audits;
        _options = options;
        _preprocess = preprocess ?? ((scan, inner) => preprocessor.Value.Process(scan, null, inner));
        _largeGallery = largeGallery;
        _work = work;
        _progress = progress;
        _labels = new(() => gallery.Entries(damaged: [], cancellationToken: work.CancellationToken)
            .ToDictionary(entry => entry.Id, entry => Label(entry.Identity)));
        _known = new(gallery, options, work.CancellationToken);
        _checked = _memory.Checked(Token);
        _isFirst = _known.IsEmpty && _checked.Count == 0;
    }

    private CancellationToken Token => _work.CancellationToken;

    private bool IsPseudonymized => _options.Pseudonymizer is not null;

    public AuditResult Run(AuditListing listing)
    {
        var files = listing.Files;
        var started = DateTime.UtcNow;
        foreach (var problem in listing.Problems)
        {
            _problems.Enqueue(IsPseudonymized ? new(_known.NameOf(problem.Path), "cannot be listed, or has a label that other scans share.")
                : problem);
        }

        _owed = _known.OwedReport;
        foreach (var problem in _owed?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            _problems.Enqueue(new(_gallery.Name, problem));
        }

        Repair();
        Ingest(files);
        NoteMissing(listing);
        var compared = Match(out var entries);
        var unreported = _memory.Unreported(Token);
        AuditLink[] links = [.. unreported.Select(link => ToLink(link, entries))];
        var result = new AuditResult
        {
            Gallery = _gallery.Name,
            Version = Provenance.ToolVersion,
            Started = started,
            Finished = DateTime.UtcNow,
            Files = files.Count,
            Unchanged = _unchanged,
            Added = _added,
            Copies = _copies,
            Compared = compared,
            Links = [.. links.Where(link => !link.IsSameLabel)],
            Expected = [.. links.Where(link => link.IsSameLabel)],
            Problems = [.. Sorted(_problems)],
            Unresolved = [.. Sorted(_unresolved)],
            PassedOver = [.. listing.PassedOver],
            Entries = _entries,
            EntriesUsable = _entriesUsable,
            Parameters =
            [
                $"Metric {_options.Measure.Name}",
                _options.Match.Threshold is { } threshold ? $"Threshold {threshold}"
                    : FormattableString.Invariant($"FalseDiscoveryRate {_options.Match.FalseDiscoveryRate}"),
                FormattableString.Invariant($"Spacing {_options.Preprocess.Spacing}"),
                $"Engine {_options.Preprocess.Engine.Name}",
            ],
        };
        if (!result.HasNews && _owed is null)
        {
            return result;
        }

        if (_options.ReportFolder is { } folder)
        {
            result = result with { ReportPath = AuditReport.Write(folder, result) };
        }

        // Only now: the report is on the disk.
        _memory.Report(unreported, result.Started, result.Finished,
            $"{result.Files} files, {result.Added} added, {result.Links.Count} links, {result.Problems.Count} problems", Token);
        _memory.Record([], _compared, Token);
        _memory.Note([.. _standing, .. _owed is null ? Array.Empty<AuditedFile>() : [KnownFiles.AsOwed(null)]], Token);
        return result;
    }

    private static AuditProblem[] Sorted(IEnumerable<AuditProblem> problems) => [.. problems.OrderBy(problem => problem.Path, NaturalOrder.Instance)];

    private void Repair()
    {
        var (files, matches) = _memory.Repair(Token);
        if (files > 0)
        {
            Owe($"What earlier audits knew of {files} files was damaged; they are read again.");
        }

        if (matches > 0)
        {
            Owe($"{matches} notes of comparisons and links were damaged; every scan that audits have added is compared again.");
        }

        if (files + matches > 0)
        {
            _known = new(_gallery, _options, Token);
        }
    }

    // A folder that is not mounted looks like one from which everything was withdrawn.
    private void NoteMissing(AuditListing listing)
    {
        // As noted now: a file that was moved is known under its new name.
        var known = new KnownFiles(_gallery, _options, Token);
        var notes = new List<AuditedFile>();
        foreach (var (root, missing) in known.Missing([.. listing.Files, .. listing.LeftOut]))
        {
            if (listing.Empty.Contains(root, StringComparer.Ordinal))
            {
                _problems.Enqueue(new(_known.NameOf(root), missing.Count == 0
                    ? "There is no volume here, so that nothing was checked."
                    : $"There is no volume here, so that nothing was checked; earlier audits have seen {missing.Count}. Is it mounted?"));
                continue;
            }

            if (_options.AcceptMissing)
            {
                notes.AddRange(missing.Select(item => KnownFiles.AsWithdrawn(item.File)));
            }
            else if (missing.Count > 0)
            {
                // Those that are news first.
                var names = missing.OrderBy(item => item.Told).Take(NamesListed).Select(item => item.File.Name);
                var text = $"{missing.Count} volumes that earlier audits checked are gone: "
                    + $"{string.Join(", ", names)}{(missing.Count > NamesListed ? ", …" : string.Empty)}. "
                    + "If they were withdrawn, -AcceptMissing says so once, and Remove-MriGalleryVolume takes them out of the gallery.";
                (missing.TrueForAll(item => item.Told) ? _unresolved : _problems).Enqueue(new(_known.NameOf(root), text));
                AuditedFile[] gone = [.. missing.Where(item => !item.Told).Select(item => KnownFiles.AsGone(item.File))];
                notes.AddRange(gone);
                if (gone.Length > 0)
                {
                    Owe();
                }
            }
        }

        _memory.Note(notes, Token);
    }

    private void Ingest(IReadOnlyList<AuditFile> files)
    {
        var fresh = new List<AuditFile>();
        var moved = new List<AuditedFile>();
        foreach (var file in files)
        {
            if (!_known.IsUnchanged(file))
            {
                fresh.Add(file);
                continue;
            }

            _unchanged++;
            var seen = _known.Find(file)!;
            if (seen.Problem is { } problem)
            {
                _unresolved.Enqueue(new(seen.Name, problem));
            }

            if (!string.Equals(seen.Root, _known.NameOf(file.Root), StringComparison.Ordinal))
            {
                moved.Add(seen with { Root = _known.NameOf(file.Root) });
            }
        }

        _memory.Note(moved, Token);
        if (IsPseudonymized)
        {
            // The order in which entries lie in a file would otherwise be that of the labels.
            RandomNumberGenerator.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(fresh));
        }

        var done = 0;
        var inner = new WorkOptions(1, Token);
        _work.ForBlocks(fresh.Count, i =>
        {
            IngestOrNote(fresh[i], inner);
            var count = Interlocked.Increment(ref done);
            _progress?.Report(new((double)count / fresh.Count, $"{count} of {fresh.Count} new files"));
        });
    }

    // Whatever is wrong with one file, lack of memory included, is that file's problem: the others go on.
    private void IngestOrNote(AuditFile file, WorkOptions work)
    {
        try
        {
            Ingest(file, work);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not GalleryException { EntryId: null })
        {
            // What the disk or the machine may do better tomorrow is tried again; a file that is bad stays bad until it changes.
            var isFinal = exception is PreprocessingException
                or MriFileException { InnerException: not (IOException or UnauthorizedAccessException or OutOfMemoryException) };
            var problem = Explain(exception);
            if (_known.LooksUnchanged(file))
            {
                Interlocked.Increment(ref _unchanged);
            }

            Tell(file, problem);
            _memory.Note([NoteOf(file, null, problem) with { Stamp = isFinal ? _known.StampOf(file) : string.Empty }], Token);
        }
    }

    private void Ingest(AuditFile file, WorkOptions work)
    {
        var header = file.Scan is { } listed ? listed.Group.ReadHeader(cancellationToken: Token)
            : VolumeFormats.ReadHeader(file.Path, cancellationToken: Token);
        var scan = new MriVolume(file.Identity ?? _options.Identify(file.Path), new FileVoxelSource(header, new()));
        var content = scan.FileContent!.HashContent(Token);
        var note = NoteOf(file, _options.Pseudonymizer?.HideContent(content) ?? content, null);
        if (LabelledOtherwise(file, note, scan.Identity) is { } earlier)
        {
            Tell(file, earlier);
            _memory.Note([note with { EntryId = _known.Find(file)!.EntryId, Problem = earlier }], Token);
            return;
        }

        // What Export-MriVolume wrote is a brain already, and known by the scan that it was made of.
        var restored = Restored(scan);
        var input = restored?.Provenance?.InputHash ?? content;
        var entry = _memory.Find(
            _options.Pseudonymizer?.Hide(scan.Identity) ?? scan.Identity, _options.Pseudonymizer?.HideContent(input) ?? input, Token);
        var isNew = false;
        string? problem;
        if (entry is null)
        {
            var volume = restored ?? _preprocess(scan, work);
            problem = ProblemOf(volume, header);
            OweIfNews(file, problem);
            (entry, isNew) = _memory.Add(volume, _options.Pseudonymizer, note with { Problem = problem }, Token);
        }
        else
        {
            // Touching or copying the file anew compares nothing mirrored, with or without -Mirrored.
            problem = ProblemOf(entry, header)
                ?? (_known.Find(file)?.Problem is { } before && before.Contains(Sides, StringComparison.Ordinal) ? before : null);
            OweIfNews(file, problem);
            _memory.Note([note with { EntryId = entry.Id, Problem = problem }], Token);
        }

        var same = !isNew && _known.LooksUnchanged(file) && string.Equals(_known.Find(file)!.Content, note.Content, StringComparison.Ordinal);
        Interlocked.Increment(ref isNew ? ref _added : ref same ? ref _unchanged : ref _copies);
        if (problem is not null)
        {
            Tell(file, problem);
        }
    }

    // The same scan was judged under another label: its links may have been taken for expected ones, and the new label would be a second scan.
    private string? LabelledOtherwise(AuditFile file, AuditedFile note, ScanIdentity identity)
    {
        if (_known.Find(file) is not { EntryId: { } id } seen || !string.Equals(seen.Content, note.Content, StringComparison.Ordinal)
            || !_labels.Value.TryGetValue(id, out var earlier))
        {
            return null;
        }

        var now = Label(_options.Pseudonymizer?.Hide(identity) ?? identity);
        return earlier == now ? null
            : $"was checked as '{earlier.Name}' (entry {id} of the gallery) and is '{now.Name}' now. Remove-MriGalleryVolume takes that entry out; "
                + $"the next audit then checks the scan under its new label.";
    }

    // What a scan is called, whatever preprocessing finds in it.
    private static ScanIdentity Label(ScanIdentity identity) => identity with { Path = null, Kind = MriContrast.T1w };

    private PreprocessedVolume? Restored(MriVolume scan)
    {
        if (PreprocessedSidecar.Restore(scan, Token) is not { } volume)
        {
            return null;
        }

        var differences = volume.Provenance?.DifferencesFrom(_options.Preprocess) ?? ["its sidecar does not say how"];
        return differences.Count == 0
            ? volume
            : throw new MriFileException(
                scan.Path!, $"is preprocessed already, and otherwise than this audit does it: {string.Join("; ", differences)}. Give the "
                    + $"scan itself.");
    }

    // A failed preprocessing is a problem for as long as the entry that came of it: whoever touches or copies the file does not mend it.
    private string? ProblemOf(PreprocessedVolume volume, VolumeHeader header) =>
        volume.QualityRecord.GetVerdict() == QualityVerdict.Fail
            ? $"is not compared, for its preprocessing failed: {string.Join("; ", volume.QualityRecord.Reasons)}."
        : (header.Volumes > 1, header.MayBeMirrored && !_options.Mirrored) switch
        {
            (true, true) => $"{KnownFiles.Compared}{OneOf(header)}; it {Sides}",
            (true, false) => $"{KnownFiles.Compared}{OneOf(header)}.",
            (false, true) => $"{KnownFiles.Compared}{Sides}",
            _ => null,
        };

    private static string OneOf(VolumeHeader header) => string.Create(
        CultureInfo.InvariantCulture, $"holds {header.Volumes:N0} volumes, of which only the first is checked");

    private AuditedFile NoteOf(AuditFile file, string? content, string? problem) =>
        new(_known.NameOf(file.Path), _known.NameOf(file.Root), _known.StampOf(file), content, null, problem);

    // News, unless an earlier audit has said the same of it.
    private void Tell(AuditFile file, string problem) =>
        (OweIfNews(file, problem) ? _problems : _unresolved).Enqueue(new(_known.NameOf(file.Path), problem));

    private bool OweIfNews(AuditFile file, string? problem)
    {
        var isNews = problem is not null && !string.Equals(_known.Find(file)?.Problem, problem, StringComparison.Ordinal);
        if (isNews)
        {
            Owe();
        }

        return isNews;
    }

    // Before anything is noted that a later night takes for told: should tonight's report not come, the next one has all that is unresolved in it,
    // and what is said here.
    private void Owe(string? problem = null)
    {
        lock (_owing)
        {
            if (problem is not null)
            {
                _problems.Enqueue(new(_gallery.Name, problem));
            }

            if (_owed is null || problem is not null)
            {
                _owed += problem is null ? string.Empty : $"{problem}\n";
                _memory.Note([KnownFiles.AsOwed(_owed)], Token);
            }
        }
    }

    // Messages name files and labels; those of a pseudonymised gallery must not.
    private string Explain(Exception exception) => exception switch
    {
        _ when IsPseudonymized => exception switch
        {
            PreprocessingException => "holds nothing that could be a brain.",
            OutOfMemoryException => "takes more memory than there is.",
            GalleryException => "meets a damaged entry of the gallery.",
            MriFileException { InnerException: IOException or UnauthorizedAccessException } => "cannot be read.",
            MriFileException => "is damaged, or no volume that can be used.",
            _ => $"could not be checked ({exception.GetType().Name}).",
        },
        MriFileException or PreprocessingException or GalleryException => exception.Message,
        OutOfMemoryException => "takes more memory than there is.",
        _ => $"could not be checked: {exception.GetType().Name}: {exception.Message}",
    };

    // Compares what audits have added and none has compared yet with everything. Gives the number of probes.
    private int Match(out IReadOnlyDictionary<long, GalleryVolume> entriesById)
    {
        var damaged = new List<DamagedEntry>();
        var all = _gallery.Entries(damaged: damaged, cancellationToken: Token);
        entriesById = all.ToDictionary(entry => entry.Id);
        foreach (var entry in damaged)
        {
            _problems.Enqueue(new(_gallery.Name,
                $"entry {entry.Id} is damaged and was compared with nothing: {entry.Problem}. New scans are compared again every night until "
                    + $"Remove-MriGalleryVolume takes it out."));
        }

        var entries = all.Where(entry => entry.QualityRecord.GetVerdict() != QualityVerdict.Fail).ToArray();
        (_entries, _entriesUsable) = (all.Count + damaged.Count, entries.Length);
        var newcomers = Newcomers(all);
        long[] waiting = [.. _memory.Waiting(Token), .. newcomers];
        if (waiting.Length == 0)
        {
            return 0;
        }

        var probes = entries.IntersectBy(waiting, entry => entry.Id).ToArray();
        var compared = 0;
        var standing = new HashSet<string>(StringComparer.Ordinal);
        var kinds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in probes.Chunk(ProbeBatch))
        {
            var unreadable = new ConcurrentDictionary<long, bool>();
            var undecided = new HashSet<long>();
            var told = _problems.Count;
            foreach (var kind in ContrastKind.Among(Names(batch), Names(entries)))
            {
                if (Match(kind, batch, entries, unreadable, undecided) is { } notes)
                {
                    kinds.Add(kind.Name);
                    TellStanding(kind, notes, standing, entries);
                }
            }

            // One that was not compared with all there is waits for the next night, when the damage may be mended; its links count now.
            var isWhole = damaged.Count + unreadable.Count == 0;
            GalleryVolume[] done = isWhole ? [.. batch.Where(probe => !undecided.Contains(probe.Id))] : [];
            TellReviewed(done);

            // A newcomer was compared with what audits have checked, and not with the others: should its file come, that is still to be done.
            long[] whole = [.. done.Select(probe => probe.Id).Where(_checked.Contains)];
            if (_problems.Count > told)
            {
                _compared.AddRange(whole);
            }
            else
            {
                _memory.Record([], whole, Token);
            }

            compared += done.Length;
            newcomers.ExceptWith(isWhole ? batch.Select(probe => probe.Id) : []);
        }

        if (newcomers.Count == 0)
        {
            _standing.Add(AsSeen(all));
        }

        // What was true of the strangers of a kind of pair, and is so no longer; of kinds that were not compared tonight nobody knows.
        _memory.Note([.. _known.Standing.Where(note => note.Problem is not null && !standing.Contains(note.Name)
            && KnownFiles.IsOfKind(note, kinds)).Select(note => KnownFiles.AsStanding(note.Name, null))], Token);

        // Those whose preprocessing failed are never compared, and have been told.
        _memory.Record([], waiting.Intersect(all.Where(entry => entry.QualityRecord.GetVerdict() == QualityVerdict.Fail).Select(entry => entry.Id)),
            Token);
        return compared;
    }

    // Entries that came into the gallery otherwise since audits look at it, by Add-MriGalleryVolume or Merge-MriGallery: what audits had checked
    // before was not compared with them. Those that were there at the first audit are what it compares with.
    private HashSet<long> Newcomers(IReadOnlyCollection<GalleryVolume> all)
    {
        _checked = _memory.Checked(Token);
        if (_isFirst)
        {
            _memory.Note([AsSeen(all)], Token);
            return [];
        }

        // Where nobody knows which have been compared, because the note is damaged or of an older version, all are.
        var last = _known.LastSeen ?? 0;
        return [.. all.Where(entry => entry.Id > last && !_checked.Contains(entry.Id)
            && entry.QualityRecord.GetVerdict() != QualityVerdict.Fail).Select(entry => entry.Id)];
    }

    private AuditedFile AsSeen(IEnumerable<GalleryVolume> all) => KnownFiles.AsSeen(
        all.Select(entry => entry.Id).Where(id => !_checked.Contains(id)).Append(_known.LastSeen ?? 0).Max());

    // Of scans in whose files' names the contrast stands, that was asked for by taking such files.
    private void TellReviewed(GalleryVolume[] compared)
    {
        foreach (var scan in compared)
        {
            var quality = scan.QualityRecord.Source == ContrastSource.Name ? scan.QualityRecord with { Source = ContrastSource.Given }
                : scan.QualityRecord;
            if (quality.GetVerdict() == QualityVerdict.Review)
            {
                _problems.Enqueue(
                    new(scan.Path ?? scan.Name, $"is compared, and a person should look at it: {string.Join("; ", quality.Reasons)}."));
            }
        }
    }

    // Compares and judges the pairs of one kind, and records its links; tells whose pairs could not be judged. Gives what is true of the kind's
    // strangers whatever is new, or null where there is nothing to compare.
    private List<string>? Match(
        ContrastKind kind, GalleryVolume[] batch, GalleryVolume[] entries, ConcurrentDictionary<long, bool> unreadable, HashSet<long> undecided)
    {
        GalleryVolume[] probes = [.. batch.Where(probe => kind.IsProbe(probe.Identity))];
        GalleryVolume[] gallery = [.. entries.Where(entry => kind.IsGallery(entry.Identity))];
        var measure = kind.Measure(_options.Measure, _options.Match.Threshold);
        var (options, changed) = kind.Options(_options.Match, _options.Measure, measure);
        if (kind.IsOneContrast ? gallery.Length < 2 : probes.Length * gallery.Length == 0)
        {
            return null;
        }

        // Of two contrasts, the rarer one's scans are looked for among the others: each has one score or few with these, and only among many does a
        // mate stand out.
        GalleryVolume[] alike = [.. entries.Where(entry => kind.IsProbe(entry.Identity))];
        var isTurned = !kind.IsOneContrast && gallery.Length < alike.Length;
        var context = isTurned ? WithOthers(probes, alike) : gallery;
        var matches = Match(isTurned ? gallery : probes, context, measure, options, unreadable);
        foreach (var note in matches.Notes.Except(matches.Standing, StringComparer.Ordinal))
        {
            Tell(kind, entries, note);
        }

        List<string> standing = [.. matches.Standing, .. changed is null ? Array.Empty<string>() : [changed]];
        if (matches.FirstOrDefault(match => match.IsMatch is null) is { } unjudged)
        {
            // Left for a later audit, when the gallery holds enough; of other contrasts that may be never.
            var text = $"{probes.Length} scans were not judged: {unjudged.DecidingRule}.";
            if (kind is { IsOneContrast: true, Probe: MriContrast.T1w })
            {
                Tell(kind, entries, $"{text} A threshold would judge them.");
            }
            else
            {
                standing.Add(text);
            }

            undecided.UnionWith(probes.Select(probe => probe.Id));
            return standing;
        }

        // What was there before only tells what strangers are like.
        var own = probes.Select(probe => probe.Identity).ToHashSet<ScanIdentity>(ReferenceEqualityComparer.Instance);

        // By object: two entries may carry the same labels.
        var known = entries.ToDictionary(
            entry => entry.Identity, entry => entry, (IEqualityComparer<ScanIdentity>)ReferenceEqualityComparer.Instance);
        ScanMatch[] ofOwn = [.. matches.Where(match => (own.Contains(match.Probe) || own.Contains(match.Gallery))
            && (_checked.Contains(known[match.Probe].Id) || _checked.Contains(known[match.Gallery].Id)))];
        Record(known, ofOwn);
        TellDoubtful(known, ofOwn, own);
        return standing;
    }

    // Names new scans that are as alike to others, of other labels, as one person's are, and that were not told from strangers: each pair once.
    private void TellDoubtful(Dictionary<ScanIdentity, GalleryVolume> entries, IReadOnlyList<ScanMatch> matches, HashSet<ScanIdentity> own)
    {
        ScanMatch[] doubtful = [.. matches.Where(match => match is { IsMatch: false, Remark: not null }
            && !string.Equals(match.Probe.Participant, match.Gallery.Participant, StringComparison.Ordinal))];
        if (doubtful.Length == 0)
        {
            return;
        }

        // What has been a link stays one, however the pair would be judged among others.
        _doubtful.UnionWith(_memory.Linked(Token));
        foreach (var match in doubtful)
        {
            var (a, b) = (entries[match.Probe], entries[match.Gallery]);
            var (probe, other) = own.Contains(match.Probe) ? (a, b) : (b, a);
            if (!_doubtful.Add((Math.Min(probe.Id, other.Id), Math.Max(probe.Id, other.Id))))
            {
                continue;
            }

            var problem = string.Create(
                CultureInfo.InvariantCulture,
                $"is not linked to {other.Path ?? other.Name} ({match.Metric} {match.Score:0.000}). {match.Remark}");
            _problems.Enqueue(new(probe.Path ?? probe.Name, problem) { EntryId = probe.Id });
        }
    }

    // Some scans and others spread evenly over those there are, until there are enough to tell what strangers are like.
    private static GalleryVolume[] WithOthers(GalleryVolume[] some, GalleryVolume[] all)
    {
        var others = all.Except(some).ToArray();
        var wanted = Math.Clamp(CandidateSearch.CohortSize - some.Length, 0, others.Length);
        return [.. some, .. Enumerable.Range(0, wanted).Select(i => others[(int)((long)i * others.Length / wanted)])];
    }

    // Of a kind of pair, which is named where there are several.
    private void Tell(ContrastKind kind, GalleryVolume[] entries, string note) => _problems.Enqueue(
        new(_gallery.Name, entries.All(entry => entry.Identity.Kind == MriContrast.T1w) ? note : kind.Named(note)));

    // What the gallery's strangers are like stays so night after night, but for the numbers: told when it begins, and again should it end and
    // come back.
    private void TellStanding(ContrastKind kind, List<string> notes, HashSet<string> tonight, GalleryVolume[] entries)
    {
        foreach (var note in notes)
        {
            var name = KnownFiles.StandingName(kind.Name, string.Concat(note.Where(letter => !char.IsAsciiDigit(letter) && letter != '.')));
            if (tonight.Add(name)
                && !_known.Standing.Any(told => told.Problem is not null && string.Equals(told.Name, name, StringComparison.Ordinal)))
            {
                Tell(kind, entries, note);
                _standing.Add(KnownFiles.AsStanding(name, note));
            }
        }
    }

    private NotedList<ScanMatch> Match(
        GalleryVolume[] batch, GalleryVolume[] entries, SimilarityMeasure measure, MatchOptions judged, ConcurrentDictionary<long, bool> unreadable)
    {
        // One that cannot be read is told once, whatever it is read for.
        void Refuse(MriScan volume, Exception exception)
        {
            var entry = (GalleryVolume)volume;
            unreadable.TryAdd(entry.Id, true);
            if (_refused.TryAdd(entry.Id, true))
            {
                _problems.Enqueue(new(entry.Path
                    ?? entry.Name, $"entry {entry.Id} of the gallery cannot be read: {exception.Message} New scans are compared again every night "
                        + $"until Remove-MriGalleryVolume takes it out.")
                { EntryId = entry.Id });
            }
        }

        var prepared = CandidateSearch.Prepare(batch, measure, _work, Refuse, _options.Mirrored);
        GalleryVolume[] probes = [.. batch.Where((_, i) => prepared[i] is not null)];
        PreparedVolume[] rows = [.. prepared.OfType<PreparedVolume>()];
        if (probes.Length == 0)
        {
            return new([], []);
        }

        // Night after night is one long search.
        var (earlier, linked) = _memory.History(_compared.Count, Token);
        var options = judged with { Top = Top, Earlier = new(earlier, linked), Spacing = rows[0].Spacing };
        if (_options.Mirrored)
        {
            var both = CandidateSearch.Score(
                measure, PairwiseScorer.WithMirrored(rows), entries, SimilarityOptions.Default, _work, _progress, Refuse);
            var (names, all) = (Names(probes), Names(entries));
            var better = SimilarityMatrix.Better(new(measure, [.. names, .. names], all, [.. both.Cast<double>()]));
            return MatchFinder.Find(better, names, all, options, Token);
        }

        // Signatures choose among scans of one contrast only.
        if (entries.Length <= _largeGallery || measure != _options.Measure)
        {
            return MatchFinder.Find(CandidateSearch.Score(measure, rows, entries, SimilarityOptions.Default, _work, _progress, Refuse), measure,
                Names(probes), Names(entries), options, Token);
        }

        var (compared, scores, screening) =
            CandidateSearch.For(entries)!.Run(
            measure, probes, rows, CandidateSearch.DefaultCandidates, SimilarityOptions.Default, _work, _progress, Refuse);
        return MatchFinder.Find(scores, measure, Names(probes), [.. compared.Select(entry => entry.Identity)],
            options with { Screening = screening }, Token);
    }

    private static ScanIdentity[] Names(GalleryVolume[] volumes) => [.. volumes.Select(volume => volume.Identity)];

    private void Record(Dictionary<ScanIdentity, GalleryVolume> entries, IReadOnlyList<ScanMatch> matches)
    {
        _memory.Record(
            matches.Where(match => match.IsMatch == true).Select(match =>
            {
                var (a, b) = (entries[match.Probe].Id, entries[match.Gallery].Id);

                // Databases know neither -0 nor a p-value that is no number.
                return new StoredLink(Math.Max(a, b), Math.Min(a, b), match.Metric, match.Score + 0.0, double.IsNaN(match.PValue) ? null
                    : match.PValue + 0.0, match.DecidingRule, match.Remark, Reported: false);
            }).Where(link => link.ProbeId != link.EntryId),
            [],
            Token);
    }

    private static AuditLink ToLink(StoredLink link, IReadOnlyDictionary<long, GalleryVolume> entries)
    {
        return new()
        {
            ProbeId = link.ProbeId,
            EntryId = link.EntryId,
            Metric = link.Metric,
            Score = link.Score,
            PValue = link.PValue ?? double.NaN,
            DecidingRule = link.Rule,
            Remark = link.Remark,
            Probe = Name(link.ProbeId),
            Entry = Name(link.EntryId),
        };

        // A link to an entry that has been damaged since is told all the same.
        ScanIdentity Name(long id) =>
            entries.TryGetValue(id, out var entry) ? entry.Identity : new(string.Create(CultureInfo.InvariantCulture, $"entry {id} (damaged)"));
    }
}
