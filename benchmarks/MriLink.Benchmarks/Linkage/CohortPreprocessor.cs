using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Linkage;

/// <summary>Takes many scans through preprocessing, several at once, and keeps count of what could not be used.</summary>
internal sealed class CohortPreprocessor
{
    private readonly BenchmarkContext _context;
    private readonly Func<MriVolume, PreprocessedVolume> _process;
    private readonly bool _includeFailed;

    /// <param name="context">Threads, and where progress goes.</param>
    /// <param name="options">What preprocessing does.</param>
    /// <param name="cache">A folder that keeps results between runs, or "none".</param>
    /// <param name="includeFailed">Whether scans stay whose quality verdict is Fail.</param>
    public CohortPreprocessor(BenchmarkContext context, PreprocessOptions options, string cache, bool includeFailed = false)
    {
        (_context, _includeFailed) = (context, includeFailed);
        if (cache is "none")
        {
            var plain = new Lazy<Preprocessor>(() => new(options, context.Work));
            _process = scan => plain.Value.Process(scan, brainMask: null, WorkOptions.SingleThread);
        }
        else
        {
            var cached = new CachedPreprocessor(options, new(BenchmarkContext.InRepository(cache)), context.Work);
            _process = scan => cached.Process(scan, brainMask: null, WorkOptions.SingleThread).Volume;
        }
    }

    /// <summary>Preprocesses scans; gives those that can be compared, in their order, and why the others cannot.</summary>
    public (IReadOnlyList<PreprocessedVolume> Usable, IReadOnlyList<string> LeftOut) Run(string name, IReadOnlyList<MriVolume> scans)
    {
        var results = new PreprocessedVolume?[scans.Count];
        var problems = new string?[scans.Count];
        var done = 0;
        var next = -1;

        // Scans take unequal times, so each thread takes the next one rather than a share of its own.
        _context.Work.ForBlocks(_context.Work.MaxThreads, _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < scans.Count; i = Interlocked.Increment(ref next))
            {
                try
                {
                    var volume = _process(scans[i]);
                    if (!_includeFailed && volume.QualityRecord.GetVerdict() == QualityVerdict.Fail)
                    {
                        problems[i] = $"quality verdict Fail: {string.Join("; ", volume.QualityRecord.Reasons)}";
                    }
                    else
                    {
                        results[i] = volume;
                    }
                }
                catch (Exception exception) when (
                    exception is MriFileException or PreprocessingException or IOException or UnauthorizedAccessException or InvalidDataException
                    or InvalidOperationException)
                {
                    problems[i] = exception.Message;
                }

                var finished = Interlocked.Increment(ref done);
                if (problems[i] is { } problem)
                {
                    _context.Progress($"{name}: {scans[i].Name} is left out: {problem}");
                }

                if (finished % 20 == 0 || finished == scans.Count)
                {
                    _context.Progress($"{name}: {finished} of {scans.Count} scans preprocessed");
                }
            }
        });
        return ([.. results.OfType<PreprocessedVolume>()], [.. problems.OfType<string>()]);
    }
}
