using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>Simulates a scan's voxels when they are read. One read takes one thread: whoever reads many scans reads them side by side.</summary>
/// <param name="makeSimulator">Makes ready what is scanned; called for each read.</param>
/// <param name="layGrid">The grid that conditions give; reads no voxels.</param>
/// <param name="conditions">How to scan.</param>
/// <param name="scanSeed">Seed of the scan.</param>
/// <param name="scannerSeed">Seed of scanner and protocol.</param>
internal sealed class SimulatedVoxelSource(
    Func<CancellationToken, ScanSimulator> makeSimulator,
    Func<ScanConditions, VolumeGeometry> layGrid,
    ScanConditions conditions,
    long scanSeed,
    long scannerSeed) : IVoxelSource
{
    /// <inheritdoc/>
    public VolumeGeometry Geometry { get; } = layGrid(conditions);

    public ScanConditions Conditions => conditions;

    public long ScanSeed => scanSeed;

    /// <inheritdoc/>
    public Volume Read(CancellationToken cancellationToken)
    {
        var simulator = makeSimulator(cancellationToken);
        return simulator.SimulateHead(Suited(simulator), Geometry, scanSeed, scannerSeed, new(1, cancellationToken));
    }

    public SimulationResult Simulate(WorkOptions work)
    {
        var simulator = makeSimulator(work.CancellationToken);
        return simulator.Simulate(Suited(simulator), Geometry, scanSeed, scannerSeed, work);
    }

    /// <summary>The same anatomy under other conditions.</summary>
    public SimulatedVoxelSource With(ScanConditions otherConditions, long otherScanSeed, long otherScannerSeed) =>
        new(makeSimulator, layGrid, otherConditions, otherScanSeed, otherScannerSeed);

    // Of a stripped brain only stripped scans can be made; whether a file is stripped shows when it is read.
    private ScanConditions Suited(ScanSimulator simulator) =>
        simulator.IsAnatomyStripped ? conditions with { Stripped = true } : conditions;
}
