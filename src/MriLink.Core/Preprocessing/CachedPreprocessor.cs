using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>Preprocesses scans, or takes the results of an earlier run from a cache, if there is one. Safe for use from several threads.</summary>
/// <remarks>
/// With a cache the template is prepared when the first scan is not in it: a run over known scans never pays for it. Without, at once.
/// </remarks>
public sealed class CachedPreprocessor
{
    private readonly PreprocessOptions _options;
    private readonly PreprocessCache? _cache;
    private readonly Lazy<Preprocessor> _preprocessor;

    /// <summary>Makes one.</summary>
    /// <param name="options">What preprocessing does.</param>
    /// <param name="cache">Where results are kept; null to keep none.</param>
    /// <param name="work">Threads and cancellation for preparing the template.</param>
    public CachedPreprocessor(PreprocessOptions options, PreprocessCache? cache, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _cache = cache;
        _preprocessor = cache is null ? new(new Preprocessor(options, work)) : new(() => new Preprocessor(options, work));
    }

    /// <summary>Gives the result for one scan.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="brainMask">A brain mask of the user's, or null.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <returns>
    /// The result, the same bit for bit whether it was computed or kept, and what a person should know: a damaged entry that was made
    /// again, or a result that could not be kept. Null when there is nothing to say.
    /// </returns>
    /// <exception cref="MriFileException">The scan cannot be read.</exception>
    /// <exception cref="PreprocessingException">The scan holds nothing that could be a brain.</exception>
    public (PreprocessedVolume Volume, string? Notice) Process(MriVolume scan, Mask? brainMask, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(scan);
        if (_cache is null)
        {
            return (_preprocessor.Value.Process(scan, brainMask, work), null);
        }

        // A scan without a file is known by its voxels: those are then handed on, not read or simulated again.
        var known = scan.FileContent is null ? new MriVolume(scan.Identity, new MemoryVoxelSource(scan.ReadVoxels(work.CancellationToken))) : scan;
        var provenance = Provenance.Of(_options, known, () => known.ReadVoxels(work.CancellationToken), brainMask, work.CancellationToken);
        string? notice = null;
        try
        {
            if (_cache.Find(provenance, scan.Identity) is { } kept)
            {
                return (kept, null);
            }
        }
        catch (MriFileException exception)
        {
            notice = $"{exception.Message} It is made again.";
        }

        var volume = _preprocessor.Value.Process(known, brainMask, work);
        try
        {
            _cache.Keep(volume, work.CancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            notice = $"The result for '{scan.Name}' cannot be kept in the cache: {exception.Message}";
        }

        return (volume, notice);
    }
}
