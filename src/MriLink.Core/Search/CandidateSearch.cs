using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>Search of large galleries in two stages: signatures choose candidates for each probe, which are then compared in full.</summary>
/// <remarks>
/// Beside the candidates of all probes, <see cref="CohortSize"/> scans evenly spread over the gallery are compared: the impostors from whom
/// a decision without threshold learns (<see cref="Screening"/>). Each scan that is read is compared with every probe. Memory: the probes,
/// <see cref="BlockSize"/> gallery scans, and 8 bytes per probe and scan that is read.
/// </remarks>
public sealed class CandidateSearch
{
    /// <summary>Scans that are compared with every probe whatever their signatures say.</summary>
    public const int CohortSize = 500;

    /// <summary>Galleries of more scans than this are searched by candidates where nobody says otherwise and that can be done.</summary>
    public const int LargeGallery = 10_000;

    /// <summary>Candidates per probe where nobody says otherwise.</summary>
    public const int DefaultCandidates = 100;

    /// <summary>Gallery scans that are held at once.</summary>
    public const int BlockSize = 64;

    private readonly IReadOnlyList<MriScan> _gallery;
    private readonly int _cohortSize;
    private readonly SignatureFile? _file;
    private readonly VolumeGallery? _entries;

    private CandidateSearch(IReadOnlyList<MriScan> gallery, int cohortSize, SignatureFile? file, VolumeGallery? entries) =>
        (_gallery, _cohortSize, _file, _entries) = (gallery, Math.Min(cohortSize, gallery.Count), file, entries);

    /// <summary>Prepares the search of scans that one signature file or one gallery holds; null for others, whose signatures are nowhere.</summary>
    /// <param name="gallery">The scans.</param>
    /// <param name="cohortSize">How many to compare with every probe.</param>
    public static CandidateSearch? For(IReadOnlyList<MriScan> gallery, int cohortSize = CohortSize)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        if (gallery.Count == 0)
        {
            return null;
        }

        if (gallery[0] is MriSignature { Stored.File: { } file })
        {
            return gallery.All(v => v is MriSignature { Stored.File: { } other } && ReferenceEquals(other, file))
                ? new(gallery, cohortSize, file, null) : null;
        }

        return gallery[0] is GalleryVolume first
            && gallery.All(v => v is GalleryVolume other && string.Equals(other.Gallery, first.Gallery, StringComparison.Ordinal))
            ? new(gallery, cohortSize, null, first.Source)
            : null;
    }

    /// <summary>Whether candidates can be chosen for a probe.</summary>
    public bool Takes(MriScan probe) => _file is null ? probe is PreprocessedVolume : probe is MriSignature;

    /// <summary>Compares probes with the part of the gallery that matters.</summary>
    /// <param name="measure">The measure.</param>
    /// <param name="probes">The probes as they came: signatures of the file's space, or preprocessed volumes.</param>
    /// <param name="prepared">The same, ready for comparison.</param>
    /// <param name="candidates">How many candidates to choose for each.</param>
    /// <param name="options">The measure's parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about the share that is done, or null.</param>
    /// <param name="unusable">Told of gallery scans that cannot be read, which have no scores; from several threads.</param>
    /// <returns>The scans compared, a score for each probe (rows) and each of them, and what they stand for.</returns>
    /// <exception cref="ArgumentException">A probe is neither a signature of the file's space nor a volume on the gallery's grid.</exception>
    public (IReadOnlyList<MriScan> Compared, double[,] Scores, Screening Screening) Run(
        SimilarityMeasure measure,
        IReadOnlyList<MriScan> probes,
        IReadOnlyList<PreparedVolume> prepared,
        int candidates,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress,
        Action<MriScan, Exception> unusable)
    {
        ArgumentNullException.ThrowIfNull(probes);
        var cohort = Enumerable.Range(0, _cohortSize).Select(i => (int)((long)i * _gallery.Count / _cohortSize)).ToHashSet();

        // One more than is wanted: a probe may be in the gallery itself.
        var chosen = Closest(probes, candidates + 1, work, progress);
        var places = chosen.SelectMany(c => c).Concat(cohort).Distinct().Order().ToArray();
        MriScan[] compared = [.. places.Select(place => _gallery[place])];
        return (compared, Score(measure, prepared, compared, options, work, progress, unusable),
            new([.. places.Select(cohort.Contains)], _gallery.Count));
    }

    /// <summary>Compares every probe with every volume, of which <see cref="BlockSize"/> are held at once.</summary>
    /// <returns>A score for each probe (rows) and volume; NaN for volumes that cannot be read, and where there is no score.</returns>
    internal static double[,] Score(
        SimilarityMeasure measure,
        IReadOnlyList<PreparedVolume> probes,
        IReadOnlyList<MriScan> volumes,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress,
        Action<MriScan, Exception> unusable)
    {
        var scores = new double[probes.Count, volumes.Count];
        for (var first = 0; first < volumes.Count; first += BlockSize)
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new((double)first / volumes.Count, $"comparing {probes.Count} probes with {volumes.Count} scans"));
            var block = Prepare([.. volumes.Skip(first).Take(BlockSize)], measure, work, unusable);
            var part = PairwiseScorer.ScoreAll(measure, probes, [.. block.OfType<PreparedVolume>()], options, work);
            var column = 0;
            for (var j = 0; j < block.Length; j++)
            {
                for (var i = 0; i < probes.Count; i++)
                {
                    scores[i, first + j] = block[j] is null ? double.NaN : part[i, column];
                }

                column += block[j] is null ? 0 : 1;
            }
        }

        return scores;
    }

    /// <summary>Reads volumes for comparison by a measure; null for those that cannot be read.</summary>
    internal static PreparedVolume?[] Prepare(
        IReadOnlyList<MriScan> volumes, SimilarityMeasure measure, WorkOptions work, Action<MriScan, Exception> unusable, bool withMirrored = false)
    {
        var prepared = new PreparedVolume?[volumes.Count];
        work.ForBlocks(prepared.Length, i =>
        {
            try
            {
                prepared[i] = PreparedVolume.Prepare(volumes[i], [measure], withMirrored, work.CancellationToken);
            }
            catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
            {
                unusable(volumes[i], exception);
            }
        });
        return prepared;
    }

    private int[][] Closest(IReadOnlyList<MriScan> probes, int wanted, WorkOptions work, IProgress<WorkProgress>? progress)
    {
        var found = new int[probes.Count][];
        if (_file is not null)
        {
            var places = Enumerable.Range(0, _gallery.Count).ToDictionary(place => ((MriSignature)_gallery[place]).Stored!.Value.Index);
            work.ForBlocks(found.Length, i => found[i] = [.. _file
                .Search((MriSignature)probes[i], wanted, Math.Max(wanted, SignatureFile.DefaultCandidates), new(1, work.CancellationToken))
                .Where(hit => places.ContainsKey(hit.Index)).Select(hit => places[hit.Index])]);
            return found;
        }

        GalleryVolume[] entries = [.. _gallery.Cast<GalleryVolume>()];
        var signatures = new GallerySignatures(_entries!, entries[0]);
        signatures.Complete(entries, work, progress);
        var projected = new float[probes.Count][];
        work.ForBlocks(projected.Length, i => projected[i] = signatures.Project(
            probes[i] as PreprocessedVolume
                ?? throw new ArgumentException(
                $"'{probes[i].Path ?? probes[i].Name}' is not preprocessed, so it has no signature to choose candidates by.", nameof(probes)),
            work.CancellationToken));
        return signatures.Closest(projected, entries, wanted, work);
    }
}
