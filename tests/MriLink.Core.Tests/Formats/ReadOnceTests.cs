using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Formats;

namespace MriLink.Core.Tests.Formats;

/// <summary>
/// How much of files is read to find out what belongs together, by what the system counts; how long it takes is the benchmark inventory's.
/// </summary>
[Collection(nameof(ReadOnceTests))]
[CollectionDefinition(nameof(ReadOnceTests), DisableParallelization = true)]
public sealed class ReadOnceTests
{
    [Fact]
    public void Files_are_read_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux counts what a process reads.");

        // 200 slices of 64 KB in two series.
        using var folder = new TemporaryFolder();
        string[] files = [.. Enumerable.Range(0, 200).Select(i => Path.Combine(folder.Path, $"IM{i}"))];
        for (var i = 0; i < files.Length; i++)
        {
            File.WriteAllBytes(files[i], TinyDicom.Slice(i % 100, series: i / 100).Set(0x00280010, "US", (ushort)128)
                .Set(0x00280011, "US", (ushort)256).Set(0x7FE00010, "OW", new ushort[128 * 256]).ToBytes());
        }

        // The first time, assemblies are read too.
        VolumeGroups.Of(files, WorkOptions.AllProcessors);
        var before = BytesRead();
        Assert.Equal(2, VolumeGroups.Of(files, WorkOptions.AllProcessors).Groups.Count);
        var read = BytesRead() - before;

        // A tenth more for what else the process reads meanwhile, its own counters for example.
        Assert.InRange(read, files.Length * 100, 1.1 * files.Sum(file => new FileInfo(file).Length));
    }

    private static double BytesRead() => double.Parse(
        File.ReadLines("/proc/self/io").Single(line => line.StartsWith("rchar: ", StringComparison.Ordinal))["rchar: ".Length..],
        CultureInfo.InvariantCulture);
}
