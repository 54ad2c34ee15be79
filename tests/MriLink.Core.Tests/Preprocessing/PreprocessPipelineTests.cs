using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class PreprocessPipelineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Results_come_in_the_order_of_the_scans_whichever_is_done_first()
    {
        using var second = new ManualResetEventSlim();
        var pipeline = new PreprocessPipeline(
            (scan, _, _) =>
            {
                if (scan.Participant == "a")
                {
                    Assert.True(second.Wait(Patience));
                }

                second.Set();
                return (SampleBrain.Make(participant: scan.Participant), scan.Participant == "b" ? "a notice" : null);
            }, limit: 2, CancellationToken.None);

        pipeline.Add(Scan("a"), null);
        pipeline.Add(Scan("b"), null);
        pipeline.Add(SampleBrain.Make(participant: "c"));

        Assert.Equal(3, pipeline.Count);
        Assert.Equal("a", pipeline.Next.Participant);
        Assert.True(pipeline.Wait(Patience));
        Assert.True(pipeline.IsNextDone);
        Assert.Equal([("a", null), ("b", "a notice"), ("c", null)],
            Enumerable.Range(0, 3).Select(_ => pipeline.Take()).Select(taken => (taken.Volume.Participant, taken.Notice)));
        Assert.False(pipeline.IsNextDone);
    }

    [Fact]
    public void So_many_are_at_work_at_once_and_twice_as_many_wait()
    {
        using var gate = new ManualResetEventSlim();
        var (atWork, most) = (0, 0);
        var threads = new List<int>();
        var pipeline = new PreprocessPipeline(
            (scan, _, work) =>
            {
                lock (threads)
                {
                    most = Math.Max(most, ++atWork);
                    threads.Add(work.Threads);
                }

                Assert.True(gate.Wait(Patience));
                lock (threads)
                {
                    atWork--;
                }

                return (SampleBrain.Make(participant: scan.Participant), null);
            }, limit: 2, CancellationToken.None);
        for (var i = 0; i < 4; i++)
        {
            Assert.False(pipeline.IsFull);
            pipeline.Add(Scan($"{i}"), null);
        }

        Assert.True(pipeline.IsFull);
        Assert.False(pipeline.Wait(TimeSpan.Zero));
        gate.Set();
        Assert.Equal(["0", "1", "2", "3"], Enumerable.Range(0, 4).Select(_ => pipeline.Take().Volume.Participant));
        Assert.InRange(most, 1, 2);
        Assert.All(threads, each => Assert.InRange(each, 1, Environment.ProcessorCount));
    }

    [Fact]
    public void A_scan_that_fails_is_out_and_the_next_comes_and_only_results_are_counted()
    {
        var pipeline = new PreprocessPipeline(
            (scan, _, _) => scan.Participant == "bad" ? throw new PreprocessingException(scan.Identity, "holds no brain")
                : (SampleBrain.Make(participant: scan.Participant), null), limit: 3, CancellationToken.None);
        foreach (var name in new[] { "good", "bad", "last" })
        {
            pipeline.Add(Scan(name), null);
        }

        Assert.Equal((-1, "0 done, at good"), Told(isWhole: false));
        Assert.Equal((0, "0 done, at good"), Told(isWhole: true));
        pipeline.Take();
        Assert.Equal((1 / 3.0, "1 done, 6.0 s each, at bad"), Told(isWhole: true));
        Assert.Contains("no brain", Assert.Throws<PreprocessingException>(() => pipeline.Take()).Message, StringComparison.Ordinal);
        Assert.Equal((0.5, "1 done, 6.0 s each, at last"), Told(isWhole: true));
        Assert.Equal("last", pipeline.Take().Volume.Participant);

        (double, string) Told(bool isWhole)
        {
            var progress = pipeline.Progress(TimeSpan.FromSeconds(6), isWhole);
            return (progress.Fraction, progress.Status);
        }
    }

    [Fact]
    public void A_stop_ends_what_waits()
    {
        using var stop = new CancellationTokenSource();
        var pipeline = new PreprocessPipeline(
            (_, _, work) =>
            {
                work.CancellationToken.WaitHandle.WaitOne(Patience);
                work.CancellationToken.ThrowIfCancellationRequested();
                throw new InvalidOperationException("It was not stopped.");
            }, limit: 1, stop.Token);
        pipeline.Add(Scan("a"), null);
        pipeline.Add(Scan("b"), null);

        stop.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Take());
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.Take());
    }

    private static MriVolume Scan(string participant) =>
        new(new(participant), new MemoryVoxelSource(SampleBrain.Make().ReadVoxels()));
}
