using System.Diagnostics;
using MriLink.Core.Audit;
using MriLink.Core.Gallery;

namespace MriLink.Faults;

/// <summary>Audits that are killed, run into each other, or have not enough memory.</summary>
public sealed class ProcessFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-faults-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Release => Path.Combine(_folder, "release");

    [Fact]
    public void An_audit_that_is_killed_at_any_moment_goes_on_and_nothing_is_lost_or_told_as_done()
    {
        Night.MakeRelease(Release);
        var random = new Random(17);
        var (kills, rounds) = (0, 0);
        var length = Measure();
        while (kills < Trials.Kills)
        {
            var (place, reports) = Fresh();
            for (var left = 12; ; left--)
            {
                using var process = Night.Start(place, Release, reports);
                if (left > 0)
                {
                    Thread.Sleep(random.Next((int)(length.TotalMilliseconds * 0.9)));
                }

                var killed = left > 0 && !process.HasExited;
                if (killed)
                {
                    process.Kill();
                }

                process.WaitForExit();
                Night.RequireAgreement(VolumeGallery.Open(place), reports);
                if (killed && process.ExitCode != 0 && process.ExitCode != AuditResult.Linked)
                {
                    kills++;
                    continue;
                }

                // 2 on the night that tells the link; 0 when a killed one had told it already.
                Assert.Contains(process.ExitCode, new[] { 0, AuditResult.Linked });
                break;
            }

            Night.RequireComplete(place, Release, reports);
            rounds++;
        }

        Night.Log($"{kills} kills in {rounds} galleries");
    }

    [Fact]
    public void Audits_of_one_gallery_at_once_lose_nothing_and_double_nothing()
    {
        Night.MakeRelease(Release);
        for (var round = 0; round < Trials.WriterRounds; round++)
        {
            var (place, reports) = Fresh();
            var processes = Enumerable.Range(0, Trials.Writers).Select(_ => Night.Start(place, Release, reports)).ToList();
            foreach (var process in processes)
            {
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.True(process.ExitCode is 0 or AuditResult.Linked, output);
                process.Dispose();
            }

            Night.RequireComplete(place, Release, reports);
        }

        Night.Log($"{Trials.WriterRounds} nights of {Trials.Writers} writers");
    }

    [Fact]
    public void A_volume_that_does_not_fit_into_memory_is_that_file_s_problem()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is limited by ulimit.");
        Night.MakeRelease(Release);
        var (place, reports) = Fresh();
        var big = Path.Combine(Release, "sub-big_T1w.nii");
        MakeSparse(big, 512);

        // 512³ floats are 512 MB; the process may have a third of that for objects, and some room for code.
        var (code, output) = Night.Run(place, Release, reports, "ulimit -v 6000000; export DOTNET_GCHeapHardLimit=0xA000000");

        Assert.True(code == AuditResult.Linked, output);
        Assert.Contains("sub-big", output, StringComparison.Ordinal);
        Assert.Contains("memory", output, StringComparison.Ordinal);
        var (again, _) = Night.Run(place, Release, reports, "ulimit -v 6000000; export DOTNET_GCHeapHardLimit=0xA000000");
        Assert.Equal(AuditResult.NotAllChecked, again);
        File.Delete(big);
        Night.RequireComplete(place, Release, reports);
    }

    private (string Place, string Reports) Fresh()
    {
        var place = Path.Combine(_folder, Path.GetRandomFileName());
        VolumeGallery.Create(place);
        return (place, place + "-reports");
    }

    private TimeSpan Measure()
    {
        var (place, reports) = Fresh();
        using var process = Night.Start(place, Release, reports);
        var watch = Stopwatch.StartNew();
        process.WaitForExit();
        return watch.Elapsed;
    }

    private static void MakeSparse(string path, int side)
    {
        var small = Path.ChangeExtension(path, ".tmp.nii");
        Core.Formats.VolumeWriter.Write(
            small, new(new(new(1, 1, 1), Core.Volumes.Affine.FromScale(1, 1, 1)), [1f]), Core.Formats.VolumeDataType.Int16);
        var header = File.ReadAllBytes(small)[..352];
        File.Delete(small);
        for (var i = 0; i < 3; i++)
        {
            BitConverter.TryWriteBytes(header.AsSpan(42 + (2 * i)), (short)side);
        }

        using var file = File.Create(path);
        file.Write(header);
        file.SetLength(352 + (2L * side * side * side));
    }
}
