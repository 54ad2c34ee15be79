using MriLink.Core.Basics;
using MriLink.Core.Reporting;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Reporting;

/// <summary>What is seen at the rim of a brain, where its voxels and the 0 around it meet within a pixel.</summary>
public sealed class SliceViewTests
{
    private static readonly (byte Red, byte Green, byte Blue) Black = (0, 0, 0);
    private static readonly (byte Red, byte Green, byte Blue) Orange = (255, 176, 0);

    // Pixels half as large again as voxels: many lie across the rim.
    private static readonly SliceOptions Options = new() { PixelSize = 3, Level = 0, Window = 4 };

    [Fact]
    public void The_rim_is_as_dark_as_the_brain_and_not_mixed_with_the_0_around_it()
    {
        var image = SliceView.Draw(Brain().Volume, Options, WorkOptions.SingleThread);

        // -1 lies a quarter of the way from -2 to 2.
        var seen = Pixels(image).Select(p => image[p.X, p.Y]).Where(colour => colour != Black).ToArray();
        Assert.NotEmpty(seen);
        Assert.All(seen, colour => Assert.Equal(((byte)63, (byte)63, (byte)63), colour));
    }

    [Fact]
    public void Nothing_is_seen_outside_the_outline()
    {
        var (volume, mask) = Brain();
        var image = SliceView.Draw(volume, Options with { Outline = mask }, WorkOptions.SingleThread);

        // What a flood from the corner reaches without crossing the outline.
        var reached = new HashSet<(int X, int Y)> { (0, 0) };
        var open = new Queue<(int X, int Y)>(reached);
        while (open.TryDequeue(out var p))
        {
            foreach (var next in new[] { (X: p.X - 1, p.Y), (X: p.X + 1, p.Y), (p.X, Y: p.Y - 1), (p.X, Y: p.Y + 1) })
            {
                if (next.X >= 0 && next.Y >= 0 && next.X < image.Width && next.Y < image.Height && image[next.X, next.Y] != Orange
                    && reached.Add(next))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Contains(Pixels(image), p => image[p.X, p.Y] == Orange);
        Assert.Contains(Pixels(image), p => !reached.Contains(p) && image[p.X, p.Y] != Orange);
        Assert.All(reached, p => Assert.Equal(Black, image[p.X, p.Y]));
    }

    private static IEnumerable<(int X, int Y)> Pixels(RgbImage image) =>
        Enumerable.Range(0, image.Height).SelectMany(y => Enumerable.Range(0, image.Width).Select(x => (x, y)));

    // A ball of -1, as dark tissue is after z-scores, in 0: the mean.
    private static (Volume Volume, Mask Mask) Brain()
    {
        var geometry = new VolumeGeometry(new(30, 32, 28), new(2, 0, 0, -30, 0, 2, 0, -31, 0, 0, 2, -27));
        var voxels = new float[geometry.Size.Count];
        for (var i = 0; i < voxels.Length; i++)
        {
            var (x, y, z) = (i % 30, i / 30 % 32, i / 960);
            voxels[i] = ((x - 14.5) * (x - 14.5)) + ((y - 15.5) * (y - 15.5)) + ((z - 13.5) * (z - 13.5)) < 121 ? -1 : 0;
        }

        return (new(geometry, voxels), new(geometry, Array.ConvertAll(voxels, v => v < 0)));
    }
}
