using MriLink.Core.Similarity;

namespace MriLink.Core.Tests.Similarity;

public sealed class MedianTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(513)]
    [InlineData(20_000)]
    [InlineData(200_001)]
    public void It_is_the_value_in_the_middle_whatever_the_values_are(int count)
    {
        var random = new Random(count);
        foreach (var value in new Func<int, float>[]
        {
            _ => random.NextSingle(), i => i, i => -i, _ => 3, _ => random.Next(3), _ => MathF.Exp(40 * random.NextSingle()),
            i => i % 2 == 0 ? 0 : random.NextSingle(), i => i < 3 * count / 4 ? 1e-30f : random.NextSingle(),
            i => i % 512 == 0 ? 5 : random.NextSingle(),
        })
        {
            var values = Enumerable.Range(0, count).Select(value).ToArray();

            Assert.Equal(values.Order().ElementAt((count - 1) / 2), Median.Of(values));
        }
    }
}
