using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Preprocessing;
using MriLink.Core.Search;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>Brings a gallery up to date with folders of scans and says which of the new ones show people it holds already.</summary>
/// <remarks>
/// <para>A volume is known by path and by what its files look like (<see cref="FileSeal"/>); only others are read, and only content that is not
/// in the gallery is preprocessed. Each step is noted in the gallery as soon as it is done: an audit that is interrupted, or killed, goes on
/// where it was when it is started again, and one with nothing new does nothing. Two at once do no harm; they may do some work twice.</para>
/// <para>Nothing that is not known is taken for nothing. A file that could not be checked counts every night until it is mended or removed;
/// one that is gone, until somebody says that it was withdrawn. A scan that could not be compared with every entry, because one of them is
/// damaged, is compared again every night. A link is reported once a report that tells of it is on the disk.</para>
/// <para>A new scan is compared with every entry of a gallery of up to 10 000, and with the candidates that signatures choose of a larger one
/// (<see cref="CandidateSearch"/>): then a night costs what is new, not what is there.</para>
/// <para>Memory: the scans at work, 256 probes and 64 entries of about 1 MB, and a score per probe and entry.</para>
/// </remarks>
public sealed class GalleryAudit
{
    private readonly VolumeGallery _gallery;
    private readonly AuditOptions _options;
    private readonly Func<MriVolume, WorkOptions, PreprocessedVolume>? _preprocess;
    private readonly int _largeGallery;

    /// <summary>Prepares an audit.</summary>
    /// <exception cref="GalleryException">The gallery is pseudonymised with another key.</exception>
    public GalleryAudit(VolumeGallery gallery, AuditOptions options)
        : this(gallery, options, preprocess: null)
    {
    }

    internal GalleryAudit(VolumeGallery gallery, AuditOptions options, Func<MriVolume, WorkOptions, PreprocessedVolume>? preprocess,
        int largeGallery = CandidateSearch.LargeGallery)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        gallery.RequireKey(options.Pseudonymizer);
        _gallery = gallery;
        _options = options;
        _preprocess = preprocess;
        _largeGallery = largeGallery;
    }

    /// <summary>Of the volumes, those that have to be read: no earlier audit has seen them as they are now, or it cannot be known.</summary>
    public IReadOnlyList<AuditFile> FindNew(IReadOnlyList<AuditFile> files, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        var known = new KnownFiles(_gallery, _options, cancellationToken);
        return [.. files.Where(file => !known.IsUnchanged(file))];
    }

    /// <summary>Runs the audit.</summary>
    /// <param name="files">What the folders hold.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told how far it has come, or null.</param>
    /// <exception cref="GalleryException">The gallery cannot be used.</exception>
    /// <exception cref="IOException">The report cannot be written; what was found is told by the next audit.</exception>
    /// <exception cref="UnauthorizedAccessException">The report may not be written; what was found is told by the next audit.</exception>
    public AuditResult Run(IReadOnlyList<AuditFile> files, WorkOptions work, IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        var empty = _options.Roots.Where(root => !files.Any(file => string.Equals(file.Root, root, StringComparison.Ordinal)));
        return Run(new AuditListing(files, [], []) { Empty = [.. empty] }, work, progress);
    }

    /// <summary>Runs the audit.</summary>
    /// <param name="listing">What the folders hold, and what of it is not checked.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told how far it has come, or null.</param>
    /// <exception cref="GalleryException">The gallery cannot be used.</exception>
    /// <exception cref="IOException">The report cannot be written; what was found is told by the next audit.</exception>
    /// <exception cref="UnauthorizedAccessException">The report may not be written; what was found is told by the next audit.</exception>
    public AuditResult Run(AuditListing listing, WorkOptions work, IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return new AuditRun(_gallery, _options, _preprocess, _largeGallery, work, progress).Run(listing);
    }
}
