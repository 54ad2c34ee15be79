using System.Globalization;
using MriLink.Core.Gallery;

namespace MriLink.Core.Audit;

/// <summary>What earlier audits have noted of files, under the names that the gallery keeps.</summary>
internal sealed class KnownFiles
{
    // Before what a file looks like: it has to be read all the same, because that does not tell all changes.
    private const string Open = "?";

    // In the place of what a file looks like: it is gone, and that has been told.
    private const string Gone = "gone";

    // Begins the names under which other things than files are kept: no path begins so.
    private const string NoFile = "\n";
    private const string Owed = "\n\nreport";
    private const string Seen = "\n\nentries";

    /// <summary>Begins what is wrong with a file that was compared all the same.</summary>
    public const string Compared = "is compared, but ";

    private readonly AuditOptions _options;
    private readonly Dictionary<string, AuditedFile> _files;

    public KnownFiles(VolumeGallery gallery, AuditOptions options, CancellationToken cancellationToken) =>
        (_options, _files) = (options, gallery.Audits.Files(cancellationToken));

    /// <summary>
    /// What is true of the gallery as a whole and has been told, by the kind of pair that it is true of; without a problem, what is so no longer.
    /// </summary>
    public IEnumerable<AuditedFile> Standing => _files.Values.Where(
        file => file.Name.StartsWith(NoFile, StringComparison.Ordinal) && file.Name is not (Owed or Seen));

    /// <summary>
    /// What an audit has found and mended without a report that says so; empty where there is nothing but that a report is owed, null for neither.
    /// </summary>
    public string? OwedReport => _files.GetValueOrDefault(Owed)?.Problem;

    /// <summary>
    /// The highest number of an entry that is not of a checked file, as far as these have been compared; null where nobody has noted it.
    /// </summary>
    public long? LastSeen => _files.GetValueOrDefault(Seen) is { } seen ? long.Parse(seen.Stamp, CultureInfo.InvariantCulture) : null;

    /// <summary>The name under which something is kept that is true of the gallery as a whole.</summary>
    /// <param name="kind">The kind of pair, by name.</param>
    /// <param name="what">What is true.</param>
    public static string StandingName(string kind, string what) => $"{NoFile}{kind}: {what}";

    /// <summary>Whether a note is of one of these kinds of pair.</summary>
    public static bool IsOfKind(AuditedFile standing, IReadOnlySet<string> kinds) =>
        kinds.Contains(standing.Name[NoFile.Length..].Split(':', 2)[0]);

    /// <summary>The note that something true of the gallery as a whole was told; null when it is so no longer.</summary>
    public static AuditedFile AsStanding(string name, string? what) => new(name, null, string.Empty, null, null, what);

    /// <summary>Whether no audit has noted anything yet, or all of it is damaged.</summary>
    public bool IsEmpty => _files.Count == 0;

    /// <summary>The note up to which entry all that are not of checked files have been compared.</summary>
    public static AuditedFile AsSeen(long last) => new(Seen, null, last.ToString(CultureInfo.InvariantCulture), null, null, null);

    /// <summary>The note that a report is owed, with what only it can tell; null once it is written.</summary>
    public static AuditedFile AsOwed(string? what) => new(Owed, null, string.Empty, null, null, what);

    /// <summary>The name under which a path is kept.</summary>
    public string NameOf(string path) => _options.Pseudonymizer?.Hash("path", path) ?? path;

    /// <summary>What is known of a file, or null.</summary>
    public AuditedFile? Find(AuditFile file) => _files.GetValueOrDefault(NameOf(file.Path));

    /// <summary>Whether a file is surely as it was.</summary>
    public bool IsUnchanged(AuditFile file) =>
        Find(file) is { } seen && file.Seal.IsClosed && string.Equals(seen.Stamp, StampOf(file), StringComparison.Ordinal);

    /// <summary>Whether a file looks as it did, be that sure or not.</summary>
    public bool LooksUnchanged(AuditFile file) =>
        Find(file) is { } seen && string.Equals(seen.Stamp.TrimStart(Open[0]), StampOf(file).TrimStart(Open[0]), StringComparison.Ordinal);

    /// <summary>
    /// What a file looks like and whose it is said to be, in a way that tells nothing else about it: nobody without the key can compare it with a
    /// list of files.
    /// </summary>
    public string StampOf(AuditFile file)
    {
        var facts = string.Join('\n', file.Seal.Facts, file.Identity?.Participant, file.Identity?.Session, file.Identity?.Run);
        return (file.Seal.IsClosed ? string.Empty : Open) + (_options.Pseudonymizer?.Hash("stamp", facts) ?? RowChecksum.Of("stamp", facts));
    }

    /// <summary>
    /// Files that were found below the folders that are looked through, and are there no more; one whose entry has another file, because it was
    /// moved, or that could not be checked, is not among them: what becomes of those is no riddle.
    /// </summary>
    /// <param name="files">What is there.</param>
    /// <returns>By folder, and for each file whether it has been told before.</returns>
    public IReadOnlyDictionary<string, List<(AuditedFile File, bool Told)>> Missing(IReadOnlyList<AuditFile> files)
    {
        var there = files.Select(file => NameOf(file.Path)).ToHashSet(StringComparer.Ordinal);
        var moved = _files.Values.Where(file => there.Contains(file.Name)).Select(file => file.EntryId).OfType<long>().ToHashSet();
        return _options.Roots.Distinct(StringComparer.Ordinal).ToDictionary(
            root => root,
            root => _files.Values.Where(
                file => string.Equals(file.Root, NameOf(root), StringComparison.Ordinal) && !there.Contains(file.Name)
                && (file.Problem?.StartsWith(Compared, StringComparison.Ordinal) ?? true)
                && !(file.EntryId is { } id && moved.Contains(id))).Select(
                    file => (file, string.Equals(file.Stamp, Gone, StringComparison.Ordinal))).OrderBy(
                    item => item.file.Name, StringComparer.Ordinal).ToList(),
            StringComparer.Ordinal);
    }

    /// <summary>The note that a file is gone and that this was told; its entry stays as it is.</summary>
    public static AuditedFile AsGone(AuditedFile file) => file with { Stamp = Gone };

    /// <summary>The note that nobody waits for a file any more; its entry stays as it is.</summary>
    public static AuditedFile AsWithdrawn(AuditedFile file) => file with { Stamp = Gone, Root = null };
}
