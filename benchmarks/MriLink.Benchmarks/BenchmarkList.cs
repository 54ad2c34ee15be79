using MriLink.Benchmarks.Benchmarks;
using MriLink.Benchmarks.Similarity;

namespace MriLink.Benchmarks;

/// <summary>Every benchmark, in the order of the sections of RESULTS.md.</summary>
internal static class BenchmarkList
{
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new N4Benchmark(),
        new AffineBenchmark(),
        new ExtractionBenchmark(),
        new Robustness.RobustnessBenchmark(),
        new Robustness.PosesBenchmark(),
        new Robustness.StabilityBenchmark(),
        new Robustness.VerdictsBenchmark(),
        new PipelineBenchmark(),
        new ReadingBenchmark(),
        new InventoryBenchmark(),
        new GalleryBenchmark(),
        new Linkage.LinkageBenchmark(),
        new Linkage.ContrastBenchmark(),
        new Calibration.CalibrationBenchmark(),
        new SimilarityBenchmark(),
        new Real.RealBenchmark(),
    ];
}
