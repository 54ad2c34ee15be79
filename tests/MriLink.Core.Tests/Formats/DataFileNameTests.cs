using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class DataFileNameTests
{
    [Theory]
    [InlineData("s%02d.raw", 8, 10, 1, "s08.raw s09.raw s10.raw")]
    [InlineData("s%d", 3, 1, -1, "s3 s2 s1")]
    [InlineData("%3d.raw", 5, 9, 4, "  5.raw|  9.raw")]
    public void Patterns_stand_for_the_names_that_C_would_print(string pattern, int first, int last, int step, string names) =>
        Assert.Equal(names.Split(names.Contains('|') ? '|' : ' '), DataFileName.Expand("a.mhd", pattern, first, last, step));

    // A header of a kilobyte that numbers 60 000 files must not cost as many paths when the first file is missing.
    [Fact]
    public void Names_are_made_one_at_a_time()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var path = DataFileName.ResolveAll("/data/a.mhd", DataFileName.Expand("/data/a.mhd", "s%05d.raw", 1, 60_000, 1)).First();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.EndsWith("s00001.raw", path, StringComparison.Ordinal);
        Assert.InRange(allocated, 1, 64 << 10);
    }

    [Fact]
    public void A_header_that_names_no_file_is_refused() =>
        Assert.Throws<MriFileException>(() => DataFileName.ResolveAll("a.mhd", []).ToList());
}
