using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class PreprocessCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_kept_is_found_under_any_name_and_is_the_same()
    {
        var cache = new PreprocessCache(Path.Combine(_folder, "a", "b"));
        var volume = SampleBrain.Make();
        Assert.Null(cache.Find(volume.Provenance!, volume.Identity));

        cache.Keep(volume, default);
        var found = cache.Find(volume.Provenance!, new("Another"))!;

        SampleBrain.AssertSame(volume, found);
        Assert.Equal("Another", found.Participant);
        Assert.Equal("cache", Assert.Single(found.Timings).Step);
        Assert.DoesNotContain("Ada", string.Join(' ', Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, string.Empty);

        Assert.StartsWith($"The cache '{file}' cannot be used: ", Assert.Throws<IOException>(() => new PreprocessCache(file)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_differs_in_provenance_is_another_entry()
    {
        var cache = new PreprocessCache(_folder);
        var p = SampleBrain.Make().Provenance!;
        Provenance[] all =
        [
            p, p with { InputHash = "x" }, p with { TemplateHash = "x" }, p with { BrainMaskHash = "x" }, p with { Version = "x" },
            p with { Parameters = new Dictionary<string, object?>(p.Parameters) { ["Spacing"] = 3.0 } },
        ];

        Assert.Equal(all.Length, all.Select(cache.PathOf).Distinct().Count());
        Assert.Equal(cache.PathOf(p), cache.PathOf(p with { Parameters = p.Parameters.Reverse().ToDictionary() }));
    }

    [Fact]
    public void A_damaged_entry_is_an_error_and_is_replaced()
    {
        var cache = new PreprocessCache(_folder);
        var volume = SampleBrain.Make();
        cache.Keep(volume, default);
        var path = cache.PathOf(volume.Provenance!);
        var bytes = File.ReadAllBytes(path);
        bytes[^100] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Contains("damaged", Assert.Throws<MriFileException>(() => cache.Find(volume.Provenance!, volume.Identity)).Message,
            StringComparison.Ordinal);

        cache.Keep(volume, default);
        Assert.NotNull(cache.Find(volume.Provenance!, volume.Identity));
    }

    [Fact]
    public void An_entry_under_the_name_of_another_is_not_taken_for_it()
    {
        var cache = new PreprocessCache(_folder);
        var (first, second) = (SampleBrain.Make(1), SampleBrain.Make(2));
        cache.Keep(first, default);
        File.Move(cache.PathOf(first.Provenance!), cache.PathOf(second.Provenance!));

        Assert.Contains("another scan", Assert.Throws<MriFileException>(() => cache.Find(second.Provenance!, second.Identity)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Writers_and_readers_at_once_meet_whole_entries_and_leave_nothing_behind()
    {
        var volumes = Enumerable.Range(0, 3).Select(i => SampleBrain.Make(i)).ToArray();
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            // A cache of its own for each, as processes have.
            var cache = new PreprocessCache(_folder);
            var volume = volumes[i % volumes.Length];
            if (cache.Find(volume.Provenance!, volume.Identity) is { } found)
            {
                Assert.Equal(volume.Provenance, found.Provenance);
            }

            cache.Keep(volume, default);
        });

        Assert.Equal(volumes.Length, Directory.GetFiles(_folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Length);
    }

    [Fact]
    public void What_a_killed_writer_left_goes_after_a_day()
    {
        var (old, young) = (Path.Combine(_folder, ".old.tmp"), Path.Combine(_folder, ".young.tmp"));
        File.WriteAllText(old, "x");
        File.WriteAllText(young, "x");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        _ = new PreprocessCache(_folder);

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
    }
}
