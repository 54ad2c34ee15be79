using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Which way an image's edges face, voxel by voxel, and how clear they are, whichever side of them is brighter: n·nᵀ of the normalised gradient
/// n = ∇v / √(|∇v|² + ε²) (Haber and Modersitzki 2006, MICCAI:726). The squared cosine between two images' gradients is the product of two such
/// matrices, so what two scans of different contrast have in common can be summed like a correlation.
/// </summary>
/// <remarks>
/// v is smoothed within its mask, by the mask's own voxels alone, so that the mask's border is no edge. ε² is a share of the median of |∇v|², so
/// that noise in flat places points nowhere. The six channels are nxx, nyy, nzz, √2·nxy, √2·nxz and √2·nyz, in axes of the grid; outside the mask 0.
/// </remarks>
internal sealed class OrientationField
{
    /// <summary>How many numbers a voxel has.</summary>
    public const int Channels = 6;

    // So many voxels around the mask's box are kept for windows that reach beyond it.
    private const int Margin = 4;

    private OrientationField(VolumeGeometry geometry, float[][] values, Mask mask) => (Geometry, Values, Mask) = (geometry, values, mask);

    /// <summary>The part of the image's grid that holds the mask.</summary>
    public VolumeGeometry Geometry { get; }

    /// <summary>A grid for each channel.</summary>
    public float[][] Values { get; }

    /// <summary>The mask on that part of the grid.</summary>
    public Mask Mask { get; }

    /// <summary>Computes.</summary>
    /// <param name="image">The image.</param>
    /// <param name="mask">Which of its voxels count, on the same grid; not empty.</param>
    /// <param name="smoothing">Standard deviation in mm of the Gaussian by which intensities are smoothed first.</param>
    /// <param name="noise">ε² over the median of |∇v|² in the mask.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static OrientationField Of(Volume image, bool[] mask, double smoothing, double noise, WorkOptions work)
    {
        var (geometry, values, inside) = Cropped(image, mask);
        var size = geometry.Size;
        var spacing = geometry.Spacing;
        var smooth = SmoothWithin(values, inside, size,
            ((float)(smoothing / spacing.X), (float)(smoothing / spacing.Y), (float)(smoothing / spacing.Z)), work);
        float[][] channels = [.. Enumerable.Range(0, Channels).Select(_ => new float[smooth.Length])];
        var (dy, dz) = (size.X, size.X * size.Y);
        var squares = new float[smooth.Length];
        var (sx, sy, sz) = ((float)(0.5 / spacing.X), (float)(0.5 / spacing.Y), (float)(0.5 / spacing.Z));
        work.ForRanges(smooth.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                // The margin keeps a voxel of the mask away from the grid's faces.
                if (inside[i])
                {
                    var (x, y, z) = (sx * (smooth[i + 1] - smooth[i - 1]), sy * (smooth[i + dy] - smooth[i - dy]),
                        sz * (smooth[i + dz] - smooth[i - dz]));
                    (channels[0][i], channels[1][i], channels[2][i]) = (x, y, z);
                    squares[i] = (x * x) + (y * y) + (z * z);
                }
            }
        });

        var median = Percentiles.Of(Percentiles.Selected(squares, inside).AsSpan(), 0.5);
        var floor = Math.Max((float)noise * median, Rounding(values, inside, spacing));
        var root = MathF.Sqrt(2);
        work.ForRanges(smooth.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                if (inside[i])
                {
                    var scale = 1 / (squares[i] + floor);
                    var (x, y, z) = (channels[0][i], channels[1][i], channels[2][i]);
                    (channels[0][i], channels[1][i], channels[2][i]) = (x * x * scale, y * y * scale, z * z * scale);
                    (channels[3][i], channels[4][i], channels[5][i]) = (root * x * y * scale, root * x * z * scale, root * y * z * scale);
                }
            }
        });
        return new(geometry, channels, new(geometry, inside));
    }

    /// <summary>Every channel smoothed, the mask's surroundings counting as 0.</summary>
    /// <param name="coarseness">The field is averaged to about this spacing in mm first, and not where it is as coarse already.</param>
    /// <param name="sigma">Standard deviation in mm.</param>
    /// <param name="work">Threads and cancellation.</param>
    public Volume[] Smoothed(double coarseness, double sigma, WorkOptions work)
    {
        Volume[] coarse = [.. Values.Select(channel => BoxPyramid.Reduce(new(Geometry, channel), coarseness, work))];
        var grid = coarse[0].Geometry;
        var spacing = grid.Spacing;
        float[][] from =
        [
            .. coarse.Select((channel, c) => ReferenceEquals(channel.Voxels, Values[c]) ? (float[])channel.Voxels.Clone() : channel.Voxels),
        ];
        float[][] to = [.. coarse.Select(channel => new float[channel.Voxels.Length])];
        GaussianFilter.Smooth(from, to, grid.Size, ((float)(sigma / spacing.X), (float)(sigma / spacing.Y), (float)(sigma / spacing.Z)), work);
        return Array.ConvertAll(to, values => new Volume(grid, values));
    }

    // The square of a gradient that is nothing but rounding: where an image is flat there is no edge.
    private static float Rounding(float[] values, bool[] inside, Point3 spacing)
    {
        const float digits = 1e-5f;
        var largest = 0f;
        for (var i = 0; i < values.Length; i++)
        {
            largest = inside[i] ? Math.Max(largest, Math.Abs(values[i])) : largest;
        }

        var step = largest * digits / (float)Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z));
        return Math.Max(step * step, LeastSquare);
    }

    // Gaussian means over the mask's own voxels; 0 where none is near.
    private static float[] SmoothWithin(float[] values, bool[] inside, GridSize size, (float X, float Y, float Z) sigma, WorkOptions work)
    {
        float[][] from = [new float[values.Length], Array.ConvertAll(inside, b => b ? 1f : 0)];
        for (var i = 0; i < values.Length; i++)
        {
            from[0][i] = inside[i] ? values[i] : 0;
        }

        float[][] to = [new float[values.Length], new float[values.Length]];
        GaussianFilter.Smooth(from, to, size, sigma, work);
        var (sums, weights) = (to[0], to[1]);
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] = weights[i] > LeastWeight ? sums[i] / weights[i] : 0;
        }

        return sums;
    }

    // Of an image that is 0 throughout: one over it is still a number.
    private const float LeastSquare = 1e-30f;

    // A voxel next to the mask always has more, for the narrowest window too.
    private const float LeastWeight = 1e-6f;

    private static (VolumeGeometry Geometry, float[] Values, bool[] Inside) Cropped(Volume image, bool[] mask)
    {
        var size = image.Size;
        var (low, high) = ((X: size.X, Y: size.Y, Z: size.Z), (X: -1, Y: -1, Z: -1));
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = mask.AsSpan(size.IndexOf(0, y, z), size.X);
                var first = row.IndexOf(true);
                if (first >= 0)
                {
                    low = (Math.Min(low.X, first), Math.Min(low.Y, y), Math.Min(low.Z, z));
                    high = (Math.Max(high.X, row.LastIndexOf(true)), Math.Max(high.Y, y), Math.Max(high.Z, z));
                }
            }
        }

        if (high.X < 0)
        {
            throw new ArgumentException("The mask is empty.", nameof(mask));
        }

        var to = new GridSize(high.X - low.X + 1 + (2 * Margin), high.Y - low.Y + 1 + (2 * Margin), high.Z - low.Z + 1 + (2 * Margin));
        var (values, inside) = (new float[to.Count], new bool[to.Count]);
        for (var z = low.Z; z <= high.Z; z++)
        {
            for (var y = low.Y; y <= high.Y; y++)
            {
                var from = size.IndexOf(low.X, y, z);
                var at = to.IndexOf(Margin, y - low.Y + Margin, z - low.Z + Margin);
                var length = high.X - low.X + 1;
                image.Voxels.AsSpan(from, length).CopyTo(values.AsSpan(at));
                mask.AsSpan(from, length).CopyTo(inside.AsSpan(at));
            }
        }

        var geometry = new VolumeGeometry(
            to, image.Geometry.VoxelToWorld * Affine.FromTranslation(low.X - Margin, low.Y - Margin, low.Z - Margin));
        return (geometry, values, inside);
    }
}
