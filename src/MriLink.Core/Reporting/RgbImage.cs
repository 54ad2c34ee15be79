namespace MriLink.Core.Reporting;

/// <summary>A picture: three bytes a pixel, rows from the top.</summary>
public sealed class RgbImage
{
    private readonly byte[] _bytes;

    /// <summary>A black picture.</summary>
    public RgbImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (Width, Height, _bytes) = (width, height, new byte[3 * width * height]);
    }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>Pixels down.</summary>
    public int Height { get; }

    /// <summary>The bytes: red, green, blue of each pixel, row by row.</summary>
    internal byte[] Bytes => _bytes;

    /// <summary>A pixel.</summary>
    public (byte Red, byte Green, byte Blue) this[int x, int y]
    {
        get => (_bytes[At(x, y)], _bytes[At(x, y) + 1], _bytes[At(x, y) + 2]);
        set => (_bytes[At(x, y)], _bytes[At(x, y) + 1], _bytes[At(x, y) + 2]) = value;
    }

    /// <summary>Pictures beside each other, upper edges in line.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="gap">Black pixels between them.</param>
    public static RgbImage Beside(IReadOnlyList<RgbImage> images, int gap)
    {
        ArgumentNullException.ThrowIfNull(images);
        var result = new RgbImage(images.Sum(i => i.Width) + (gap * (images.Count - 1)), images.Max(i => i.Height));
        var left = 0;
        foreach (var image in images)
        {
            result.Paste(image, left, 0);
            left += image.Width + gap;
        }

        return result;
    }

    /// <summary>Pictures below each other, left edges in line.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="gap">Black pixels between them.</param>
    public static RgbImage Below(IReadOnlyList<RgbImage> images, int gap)
    {
        ArgumentNullException.ThrowIfNull(images);
        var result = new RgbImage(images.Max(i => i.Width), images.Sum(i => i.Height) + (gap * (images.Count - 1)));
        var top = 0;
        foreach (var image in images)
        {
            result.Paste(image, 0, top);
            top += image.Height + gap;
        }

        return result;
    }

    private void Paste(RgbImage image, int left, int top)
    {
        for (var y = 0; y < image.Height; y++)
        {
            Array.Copy(image._bytes, 3 * image.Width * y, _bytes, At(left, top + y), 3 * image.Width);
        }
    }

    private int At(int x, int y) => 3 * (x + (Width * y));
}
