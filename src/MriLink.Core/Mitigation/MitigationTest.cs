using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// Lets mitigations loose on scans about to be released and looks whom an attacker would still find: mitigates the raw scan, preprocesses it
/// as the attacker would, and compares it with the attacker's gallery.
/// </summary>
/// <remarks>
/// Scans stream: a probe is read once, all its versions are compared, and only scores stay. Memory per probe at work: four copies of the
/// scan as floats, and about 1 MB for each mitigation. Safe for use from several threads; results do not depend on their number.
/// </remarks>
public sealed class MitigationTest
{
    private readonly Func<MriVolume, WorkOptions, PreprocessedVolume> _preprocess;
    private readonly SimilarityMeasure _measure;
    private readonly SimilarityOptions _similarity;
    private readonly long _seed;
    private readonly IReadOnlyList<PreparedVolume> _gallery;
    private IReadOnlyList<PreparedVolume>?[] _adapted;

    /// <summary>Prepares a test.</summary>
    /// <param name="mitigations">The mitigations to try.</param>
    /// <param name="gallery">What the attacker holds, preprocessed.</param>
    /// <param name="preprocess">How the attacker preprocesses.</param>
    /// <param name="measure">How the attacker compares.</param>
    /// <param name="similarity">The measure's parameters.</param>
    /// <param name="seed">What is random in mitigations follows from it.</param>
    /// <exception cref="ArgumentException">The gallery holds scans of several contrasts, whose scores cannot be judged together.</exception>
    public MitigationTest(
        IReadOnlyList<IMitigation> mitigations,
        IReadOnlyList<PreparedVolume> gallery,
        Func<MriVolume, WorkOptions, PreprocessedVolume> preprocess,
        SimilarityMeasure measure,
        SimilarityOptions similarity,
        long seed)
    {
        ArgumentNullException.ThrowIfNull(mitigations);
        ArgumentNullException.ThrowIfNull(gallery);
        if (gallery.Select(g => g.Identity.Contrast).Distinct(StringComparer.Ordinal).ToArray()
            is { Length: > 1 } contrasts)
        {
            throw new ArgumentException(
                $"The gallery holds scans of several contrasts ({string.Join(", ", contrasts)}): test with one of them at a time. -Metric "
                    + $"{SimilarityMeasures.AcrossContrasts} compares it with a release of any contrast.", nameof(gallery));
        }

        (Mitigations, _gallery, _preprocess, _measure, _similarity, _seed) = (mitigations, gallery, preprocess, measure, similarity, seed);
        _adapted = new IReadOnlyList<PreparedVolume>?[mitigations.Count];
    }

    /// <summary>The mitigations, in the order of the results.</summary>
    public IReadOnlyList<IMitigation> Mitigations { get; }

    /// <summary>The measure.</summary>
    public SimilarityMeasure Measure => _measure;

    /// <summary>Whose scans the gallery holds.</summary>
    public IReadOnlyList<ScanIdentity> Gallery => [.. _gallery.Select(g => g.Identity)];

    /// <summary>Spacing of the grid that scans are compared on, in mm; null when there is none in the gallery.</summary>
    public double? Spacing => _gallery.Count == 0 ? null : _gallery[0].Spacing;

    /// <summary>How many times a scan is preprocessed.</summary>
    public int StepsPerScan => Mitigations.Count + 1;

    /// <summary>
    /// Lets the attacker know what was done: mitigations that can be repeated (all but noise and warps, which have a seed) are applied to the
    /// gallery's own scans too. Keeps about 1 MB for each of them and each gallery scan.
    /// </summary>
    /// <param name="scans">The gallery's raw scans, in the gallery's order.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="step">Told each time a scan has been preprocessed once.</param>
    public void AdaptAttacker(IReadOnlyList<MriVolume> scans, WorkOptions work, Action<MriVolume>? step = null)
    {
        ArgumentNullException.ThrowIfNull(scans);
        if (scans.Count != _gallery.Count)
        {
            throw new ArgumentException($"There are {scans.Count} raw scans of a gallery of {_gallery.Count}.", nameof(scans));
        }

        IMitigation?[] repeatable = [.. Mitigations.Select(m => m.Kind.IsRepeatable ? m : null)];
        var released = new ReleasedScan[scans.Count];
        ForEach(scans.Count, work, (i, single) => released[i] = Release(scans[i], repeatable, costs: false, single, step));
        _adapted = [.. repeatable.Select(
            (m, at) => m is null ? null : (IReadOnlyList<PreparedVolume>)[.. released.Select(r => r.Versions[at].Brain ?? r.Baseline)])];
    }

    /// <summary>Tries every mitigation on one probe.</summary>
    /// <param name="probe">A raw scan of the release.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="step">Told each time the scan has been preprocessed once.</param>
    /// <exception cref="MriFileException">The scan cannot be read.</exception>
    /// <exception cref="PreprocessingException">The scan, as it is, holds nothing that could be a brain.</exception>
    /// <exception cref="InvalidOperationException">The gallery was preprocessed to another grid.</exception>
    public ProbeTrial Try(MriVolume probe, WorkOptions work, Action<MriVolume>? step = null)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var released = Release(probe, Mitigations, costs: true, work, step);
        if (_measure != SimilarityMeasures.AcrossContrasts && _gallery.Count > 0 && _gallery[0].Identity.Kind != released.Baseline.Identity.Kind)
        {
            throw new PreprocessingException(
                probe.Identity,
                $"is {released.Baseline.Identity.Contrast}, and the gallery {_gallery[0].Identity.Contrast}: by {_measure} they are not alike "
                    + $"whoever they are of. -Metric {SimilarityMeasures.AcrossContrasts} compares such scans");
        }

        PreparedVolume[] brains =
            [released.Baseline, .. released.Versions.Select(v => v.Brain).OfType<PreparedVolume>().Where(b => b != released.Baseline)];
        var scores = PairwiseScorer.ScoreAll(_measure, brains, _gallery, _similarity, work);
        var rows = new Dictionary<PreparedVolume, double[]>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < brains.Length; i++)
        {
            rows[brains[i]] = scores.Row(i).ToArray();
        }

        var outcomes = released.Versions.Select((version, at) => new ProbeTrial.Outcome(
            version with { Brain = null },
            version.Brain is { } brain ? rows[brain] : null,
            version.Brain is { } known && _adapted[at] is { } gallery
                ? PairwiseScorer.ScoreAll(_measure, [known], gallery, _similarity, work).Row(0).ToArray() : null));

        // What a scan is weighted by shows when it is preprocessed, or its name says it then.
        var contrast = released.Baseline.Identity.Kind;
        var identity = released.Identity.Kind == contrast ? released.Identity : released.Identity with { Kind = contrast };
        return new(identity, released.Quality, rows[released.Baseline], [.. outcomes]);
    }

    /// <summary>
    /// Runs <paramref name="body"/> for each of so many scans, one scan to a thread; each thread takes the next one when it is free.
    /// </summary>
    public static void ForEach(int count, WorkOptions work, Action<int, WorkOptions> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var threads = Math.Clamp(work.MaxThreads, 1, Math.Max(1, count));
        var each = work with { MaxThreads = Math.Max(1, work.MaxThreads / threads) };
        var next = -1;
        work.ForBlocks(threads, _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                work.CancellationToken.ThrowIfCancellationRequested();
                body(i, each);
            }
        });
    }

    /// <summary>The same for scans: an outcome for each, in their order, whether it could be used or not.</summary>
    /// <param name="scans">The scans.</param>
    /// <param name="stepsPerScan">How many steps <paramref name="body"/> tells of for a scan.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="body">What is done with a scan; it tells of each step.</param>
    public static IReadOnlyList<ScanOutcome<T>> ForEachScan<T>(
        IReadOnlyList<MriVolume> scans, int stepsPerScan, WorkOptions work, IProgress<WorkProgress> progress,
        Func<MriVolume, WorkOptions, Action<MriVolume>, T> body)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(scans);
        ArgumentNullException.ThrowIfNull(body);
        var outcomes = new ScanOutcome<T>[scans.Count];
        var step = Steps(scans.Count, stepsPerScan, progress);
        ForEach(scans.Count, work, (i, single) =>
        {
            try
            {
                outcomes[i] = new(scans[i], body(scans[i], single, step), null);
            }
            catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
            {
                outcomes[i] = new(scans[i], null, exception);
            }
        });
        return outcomes;
    }

    /// <summary>Counts steps, from any thread, and tells of the share that is done.</summary>
    /// <param name="scans">How many scans there are.</param>
    /// <param name="stepsPerScan">Steps of each.</param>
    /// <param name="progress">Told of every step.</param>
    public static Action<MriVolume> Steps(int scans, int stepsPerScan, IProgress<WorkProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var (done, total) = (0, (double)scans * stepsPerScan);
        return scan => progress.Report(new(Interlocked.Increment(ref done) / total, scan.Name));
    }

    private ReleasedScan Release(MriVolume scan, IReadOnlyList<IMitigation?> mitigations, bool costs, WorkOptions work, Action<MriVolume>? step)
    {
        // A scan without a file may be simulated anew at each reading.
        var native = scan.ReadVoxels(work.CancellationToken);
        var before = _preprocess(scan.FileContent is null ? new(scan.Identity, new MemoryVoxelSource(native)) : scan, work);
        step?.Invoke(scan);
        var baseline = PreparedVolume.Prepare(before, work.CancellationToken);
        var target = MitigationTarget.Create(native, before, _seed, work);
        var cost = costs ? new ImageCost(target) : null;
        var versions = new List<ReleasedScan.Version>();
        foreach (var mitigation in mitigations)
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            versions.Add(mitigation is null ? new() { Brain = baseline }
                : mitigation.WhyNot(target) is { } reason
                    ? new() { Brain = baseline, WhyNot = reason, Failed = before.QualityRecord.GetVerdict() == QualityVerdict.Fail }
                : Mitigate(mitigation, target, before, cost, work));
            step?.Invoke(scan);
        }

        return new(scan.Identity, baseline, before.QualityRecord, versions);
    }

    private ReleasedScan.Version Mitigate(
        IMitigation mitigation, MitigationTarget target, PreprocessedVolume before, ImageCost? cost, WorkOptions work)
    {
        var version = new ReleasedScan.Version { Failed = true };
        try
        {
            var volume = mitigation.Apply(target, work);
            var (psnr, ssim) = cost?.Of(volume, work) ?? (double.NaN, double.NaN);
            version = version with { Psnr = psnr, Ssim = ssim };
            var after = _preprocess(new(target.Identity, new MemoryVoxelSource(volume)), work);
            return version with
            {
                Brain = PreparedVolume.Prepare(after, work.CancellationToken),
                Failed = after.QualityRecord.GetVerdict() == QualityVerdict.Fail,
                BrainChange = after.QualityRecord.BrainMillilitres - before.QualityRecord.BrainMillilitres,
            };
        }
        catch (Exception exception) when (exception is PreprocessingException or InvalidDataException)
        {
            // No brain is left to find: that is a result.
            return version;
        }
    }
}
