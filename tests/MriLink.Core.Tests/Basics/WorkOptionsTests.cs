using MriLink.Core.Basics;

namespace MriLink.Core.Tests.Basics;

public class WorkOptionsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 15)]
    [InlineData((1 << 15) + 1)]
    [InlineData(100_000)]
    public void Ranges_cover_every_item_once(int count)
    {
        foreach (var threads in (int[])[1, 4])
        {
            var visits = new int[count];
            new WorkOptions(threads, CancellationToken.None).ForRanges(count, (from, to) =>
            {
                for (var i = from; i < to; i++)
                {
                    Interlocked.Increment(ref visits[i]);
                }
            });
            Assert.All(visits, n => Assert.Equal(1, n));
        }
    }
}
