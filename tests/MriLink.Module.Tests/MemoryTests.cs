using System.Buffers.Binary;
using System.Management.Automation;

namespace MriLink.Module.Tests;

/// <summary>What pipelines hold in memory, however long they are.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_header_that_claims_a_million_million_voxels_costs_no_memory()
    {
        var path = _session.Place("huge.nii", TinyNifti.Make(Huge));
        _session.Run("Import-MriVolume $args[0]", path);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var outcome = _session.Run("Import-MriVolume $args[0]", path);

        Assert.Single(outcome.Errors);

        // The engine itself takes some hundred kilobytes for a script and an error record; the claimed volume would take 4 TB.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 20_000_000);
    }

    [Fact]
    public void Importing_reads_no_voxels()
    {
        // 64 MB of floats each, 200 times.
        var path = _session.Place("zeros.nii.gz", TinyNifti.LargeZeros(256));
        var many = Enumerable.Repeat((object)path, 200).ToArray();
        _session.Run("$null = Import-MriVolume $args", path).ThrowIfFailed();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var volumes = _session.Run("Import-MriVolume $args", many).ThrowIfFailed();
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(200, volumes.Count);

        // A header and an identity are a few kilobytes; one volume would be 67 million bytes.
        Assert.InRange(held, long.MinValue, 10_000_000);
        GC.KeepAlive(volumes);
    }

    [Fact]
    public void Preprocessing_holds_few_scans()
    {
        // 8 MB as floats each; 150 of them would be 1.2 GB.
        var path = _session.Place("large.nii", TinyNifti.Make(128, 128, 128));
        object[] many = [.. Enumerable.Repeat((object)path, 150)];
        var script = $$"""
            $count = 0
            Import-MriVolume $args | Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection -Registration None -BrainExtraction Never -Harmonization None -ThrottleLimit 2 |
                ForEach-Object { $count++; if ($count % 50 -eq 0) { [GC]::GetTotalMemory($true) } }
            """;
        _session.Run(script, path).ThrowIfFailed();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var held = _session.Run(script, many).ThrowIfFailed();

        Assert.Equal(3, held.Count);

        // Two at work with their copies, and a few results that wait their turn.
        Assert.All(held, bytes => Assert.InRange((long)bytes.BaseObject - before, long.MinValue, 150_000_000));
    }

    [Fact]
    public void Measuring_a_thousand_paths_never_holds_a_thousand_volumes()
    {
        // 0.9 MB each as floats.
        const int Side = 60;
        var path = _session.Place("many.nii", SmallVolumes.Nifti([Side, Side, Side], [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], [.. Enumerable.Range(0, Side * Side * Side).Select(i => (byte)(1 + (i % 250)))]));
        object[] many = [.. Enumerable.Repeat((object)path, 1000)];
        const string Script = """
            $count = 0
            Import-MriVolume $args | Measure-MriSimilarity -Reference (Import-MriVolume $args[0]) |
                ForEach-Object { $count++; if ($count % 250 -eq 0) { [GC]::GetTotalMemory($true) } }
            """;
        _session.Run(Script, path).ThrowIfFailed();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var held = _session.Run(Script, many).ThrowIfFailed();

        Assert.Equal(4, held.Count);

        // A few volumes on their way, and some kilobytes for each row; by the last there would be 900 MB.
        Assert.All(held, bytes => Assert.InRange((long)bytes.BaseObject - before, long.MinValue, 60_000_000));
    }

    [Fact]
    public void A_cohort_is_participants_times_sessions_and_costs_nothing_until_read()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var scans = _session.Run("New-MriSimulatedCohort -ParticipantCount 500").ThrowIfFailed();

        Assert.Equal(1000, scans.Count);
        Assert.Equal([("sim-0001", "1"), ("sim-0001", "2"), ("sim-0002", "1")], scans.Take(3).Select(s => (Text(s, "Participant"), Text(s, "Session"))));
        Assert.All(scans, s => Assert.Contains("MriLink.Core.Simulation.SimulatedScan", s.TypeNames));
        Assert.Equal(500, scans.Select(s => Text(s, "TrueParticipant")).Distinct(StringComparer.Ordinal).Count());

        // Names and numbers: a single volume would be 40 MB.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 30_000_000);
        GC.KeepAlive(scans);
    }

    private static void Huge(byte[] bytes)
    {
        for (var at = 42; at <= 46; at += 2)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), 10_000);
        }
    }

    private static string Text(PSObject item, string property) => item.Properties[property].Value.ToString()!;
}
