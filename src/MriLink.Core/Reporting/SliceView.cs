using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Reporting;

/// <summary>
/// Three orthogonal slices of a volume, side by side: sagittal (front to the left), coronal and axial (the person's left on the left).
/// </summary>
public static class SliceView
{
    // The axes of each plane in the picture: across, down; the third is the one it cuts.
    private static readonly (int Across, int AcrossSign, int Down)[] Planes = [(1, -1, 2), (0, 1, 2), (0, 1, 1)];
    private static readonly (byte, byte, byte) OutlineColor = (255, 176, 0);

    /// <summary>Pixels between slices.</summary>
    private const int Gap = 2;

    /// <summary>Draws one volume.</summary>
    public static RgbImage Draw(Volume volume, SliceOptions options, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(options);
        var box = Box.Around(volume.Geometry);
        var (tissue, greys) = (Tissue(volume), Greys(volume, options));
        return RgbImage.Beside([.. Planes.Select(
            plane => Paint(Cut(volume, tissue, box, plane, options, work), greys, options, box, plane, work))], Gap);
    }

    /// <summary>Draws two volumes of one world as a checkerboard of both: edges that run on across the squares are aligned.</summary>
    /// <param name="first">Gives the grid of what is seen.</param>
    /// <param name="second">The other.</param>
    /// <param name="squareSize">Side of a square, mm.</param>
    /// <param name="options">Window and level are each volume's own unless given.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static RgbImage DrawCheckerboard(Volume first, Volume second, double squareSize, SliceOptions options, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(options);
        var box = Box.Around(first.Geometry);
        var square = Math.Max(1, (int)Math.Round(squareSize / options.PixelSize));
        var (tissueA, tissueB) = (Tissue(first), Tissue(second));
        var (greysA, greysB) = (Greys(first, options), Greys(second, options));
        return RgbImage.Beside(
            [.. Planes.Select(plane =>
            {
                var (a, b) = (Cut(first, tissueA, box, plane, options, work), Cut(second, tissueB, box, plane, options, work));
                var mixed = new float[a.Voxels.Length];
                for (var i = 0; i < mixed.Length; i++)
                {
                    var fromFirst = ((i % a.Size.X / square) + (i / a.Size.X / square)) % 2 == 0;
                    mixed[i] = fromFirst ? Grey(a.Voxels[i], greysA) : Grey(b.Voxels[i], greysB);
                }

                return Paint(new(a.Geometry, mixed), (0, 255), options, box, plane, work);
            })],
            Gap);
    }

    // What is exactly 0 is no tissue in a stripped volume and air in most others.
    private static Mask Tissue(Volume volume)
    {
        var voxels = new bool[volume.Voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = volume.Voxels[i] != 0;
        }

        return new(volume.Geometry, voxels);
    }

    // 0 is also the mean of a harmonized brain: mixed with what lies around it, the brain's rim would be a ring of mid grey
    // outside its outline. So a pixel shows the tissue in it alone, and is black where that is less than half of it.
    private static Volume Cut(
        Volume volume, Mask tissue, Box box, (int Across, int AcrossSign, int Down) plane, SliceOptions options, WorkOptions work)
    {
        var grid = box.Slice(plane, options);
        var slice = Resampler.Resample(volume, Affine.Identity, grid, null, work);
        var share = Resampler.Resample(tissue, Affine.Identity, grid, work);
        for (var i = 0; i < slice.Voxels.Length; i++)
        {
            slice.Voxels[i] = share.Voxels[i] >= 0.5f ? slice.Voxels[i] / share.Voxels[i] : 0;
        }

        return slice;
    }

    private static RgbImage Paint(
        Volume slice, (double Low, double High) greys, SliceOptions options, Box box, (int Across, int AcrossSign, int Down) plane, WorkOptions work)
    {
        var image = new RgbImage(slice.Size.X, slice.Size.Y);
        var region = options.Outline is null ? null : Resampler.Resample(options.Outline, Affine.Identity, box.Slice(plane, options), work);
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var grey = (byte)Grey(slice[x, y, 0], greys);
                image[x, y] = region is not null && IsEdge(region, x, y) ? OutlineColor : (grey, grey, grey);
            }
        }

        return image;
    }

    private static bool IsEdge(Volume region, int x, int y)
    {
        bool In(int i, int j) => i >= 0 && j >= 0 && i < region.Size.X && j < region.Size.Y && region[i, j, 0] >= 0.5f;
        return In(x, y) && !(In(x - 1, y) && In(x + 1, y) && In(x, y - 1) && In(x, y + 1));
    }

    // Exactly 0 is outside the brain of a stripped volume, and air in most others: black, whatever the window.
    private static float Grey(double value, (double Low, double High) greys) => value == 0 ? 0 :
        (float)Math.Clamp(255 * (value - greys.Low) / (greys.High - greys.Low), 0, 255);

    private static (double Low, double High) Greys(Volume volume, SliceOptions options)
    {
        var sorted = Array.FindAll(volume.Voxels, v => v != 0 && float.IsFinite(v));
        Array.Sort(sorted);
        var (low, high) = sorted.Length == 0 ? (0, 1) : ((double)sorted[sorted.Length / 100], (double)sorted[^((sorted.Length / 100) + 1)]);
        var window = options.Window ?? (high - low);
        var level = options.Level ?? ((low + high) / 2);
        return (level - (window / 2), level + (Math.Max(window, float.Epsilon) / 2));
    }

    /// <summary>The volume's extent in the world.</summary>
    private readonly record struct Box(Point3 Low, Point3 High)
    {
        public static Box Around(VolumeGeometry geometry)
        {
            var corners = Enumerable.Range(0, 8).Select(i => geometry.VoxelToWorld.Apply(new(
                (i & 1) * (geometry.Size.X - 1), ((i >> 1) & 1) * (geometry.Size.Y - 1), (i >> 2) * (geometry.Size.Z - 1)))).ToArray();
            return new(
                new(corners.Min(c => c.X), corners.Min(c => c.Y), corners.Min(c => c.Z)),
                new(corners.Max(c => c.X), corners.Max(c => c.Y), corners.Max(c => c.Z)));
        }

        /// <summary>The grid of a slice: pixels as voxels, one voxel thick.</summary>
        public VolumeGeometry Slice((int Across, int AcrossSign, int Down) plane, SliceOptions options)
        {
            double[] low = [Low.X, Low.Y, Low.Z];
            double[] high = [High.X, High.Y, High.Z];
            var cut = options.Position ?? ((Low + High) * 0.5);
            double[] origin = [cut.X, cut.Y, cut.Z];
            var step = options.PixelSize;
            int Pixels(int axis) => (int)Math.Floor((high[axis] - low[axis]) / step) + 1;
            var columns = new double[3, 3];
            columns[plane.Across, 0] = plane.AcrossSign * step;
            columns[plane.Down, 1] = -step;
            columns[3 - plane.Across - plane.Down, 2] = step;
            origin[plane.Across] = plane.AcrossSign > 0 ? low[plane.Across] : high[plane.Across];
            origin[plane.Down] = high[plane.Down];
            return new(
                new(Pixels(plane.Across), Pixels(plane.Down), 1),
                new(
                    columns[0, 0], columns[0, 1], columns[0, 2], origin[0],
                    columns[1, 0], columns[1, 1], columns[1, 2], origin[1],
                    columns[2, 0], columns[2, 1], columns[2, 2], origin[2]));
        }
    }
}
