using MriLink.Core.Basics;

namespace MriLink.Core.Tests.Basics;

public sealed class RandomStreamTests
{
    [Fact]
    public void Numbers_are_those_of_the_published_SplitMix64()
    {
        // The first outputs for seed 1234567, as the test vectors in circulation (Vigna's reference code) give them.
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        var stream = new RandomStream(1234567);

        foreach (var expected in published)
        {
            Assert.Equal((expected >> 11) / 9007199254740992.0, stream.NextDouble());
        }
    }

    [Fact]
    public void Normal_numbers_have_the_moments_of_a_normal_distribution()
    {
        const int pairs = 50_000;
        var stream = new RandomStream(7);
        var (sum, square, fourth, cross) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < pairs; i++)
        {
            var (a, b) = stream.NextNormalPair();
            sum += a + b;
            square += (a * a) + (b * b);
            fourth += (a * a * a * a) + (b * b * b * b);
            cross += a * b;
        }

        // 100 000 numbers: standard errors 0.003 (mean), 0.0045 (variance), 0.03 (fourth moment), 0.0045 (covariance); four of each.
        Assert.InRange(sum / (2 * pairs), -0.013, 0.013);
        Assert.InRange(square / (2 * pairs), 0.982, 1.018);
        Assert.InRange(fourth / (2 * pairs), 2.88, 3.12);
        Assert.InRange(cross / pairs, -0.018, 0.018);
    }

    [Fact]
    public void Seeds_for_neighbouring_keys_and_uses_all_differ()
    {
        var seeds = new HashSet<long>();
        for (var key = 0; key < 1000; key++)
        {
            seeds.Add(RandomStream.Derive(1, SeedUse.Participant, key));
            seeds.Add(RandomStream.Derive(1, SeedUse.Scan, key));
            seeds.Add(RandomStream.Derive(key + 2, SeedUse.Scan, 1));
        }

        Assert.Equal(3000, seeds.Count);
    }

    [Fact]
    public void A_label_gives_the_published_FNV_1a_hash() =>
        // The 64-bit test vector of the algorithm's authors for "foobar".
        Assert.Equal(unchecked((long)0x85944171F73967E8), RandomStream.KeyOf("foobar"));
}
