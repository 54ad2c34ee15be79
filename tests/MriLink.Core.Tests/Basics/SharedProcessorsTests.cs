using MriLink.Core.Basics;

namespace MriLink.Core.Tests.Basics;

public class SharedProcessorsTests
{
    [Theory]
    [InlineData(8, 0, 8)]
    [InlineData(8, 1, 8)]
    [InlineData(8, 2, 4)]
    [InlineData(8, 3, 3)]
    [InlineData(8, 8, 1)]
    [InlineData(8, 20, 1)]
    [InlineData(1, 1, 1)]
    public void Each_gets_its_share(int processors, int working, int threads)
    {
        var shared = new SharedProcessors(processors);
        for (var i = 0; i < working; i++)
        {
            shared.Enter();
        }

        Assert.Equal(threads, shared.ThreadsForEach);
    }

    [Fact]
    public void Work_spreads_out_when_others_end_and_never_beyond_what_it_may()
    {
        var shared = new SharedProcessors(8);
        var work = new WorkOptions(4, CancellationToken.None) { Shared = shared };
        Assert.Equal(4, work.Threads);
        for (var i = 0; i < 8; i++)
        {
            shared.Enter();
        }

        Assert.Equal(1, work.Threads);
        for (var i = 0; i < 5; i++)
        {
            shared.Leave();
        }

        Assert.Equal(3, work.Threads);
        Assert.Equal(1, (work with { MaxThreads = 1 }).Threads);
    }
}
