using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// The fixed side of a registration at one resolution: the points that are compared, and their intensities. Made once per
/// template and shared by every registration to it.
/// </summary>
internal sealed class FixedLevel
{
    /// <summary>Parameters of the general affine: three translations, then the nine entries of the matrix row by row.</summary>
    public const int ParameterCount = 12;

    /// <summary>Numbers in a row of <see cref="Products"/>.</summary>
    public const int Width = 16;

    /// <summary>Offsets from the centre are divided by this (mm), so that all twelve parameters move points by like amounts.</summary>
    public const float Unit = 60;

    private readonly float[] _products;

    private FixedLevel(double spacing, Point3 center, List<(Point3 Offset, float Value)> points)
    {
        Spacing = spacing;
        Center = center;
        Count = points.Count;
        Value = new float[Count];
        _products = new float[Width * Count];
        for (var i = 0; i < Count; i++)
        {
            var (x, y, z) = ((float)points[i].Offset.X, (float)points[i].Offset.Y, (float)points[i].Offset.Z);
            ReadOnlySpan<float> row = [1, x, y, z, x * x, x * y, x * z, y * y, y * z, z * z, 0, 0, 0, 0, 0, 0];
            row.CopyTo(_products.AsSpan(i * Width));
            Value[i] = points[i].Value;
        }
    }

    /// <summary>Spacing in mm of the grid that the points come from.</summary>
    public double Spacing { get; }

    /// <summary>The centre of the parametrisation, in the fixed world.</summary>
    public Point3 Center { get; }

    /// <summary>How many points.</summary>
    public int Count { get; }

    /// <summary>Fixed intensities.</summary>
    public float[] Value { get; }

    /// <summary>
    /// For each point two registers: 1, x, y, z, xx, xy, xz, yy, | yz, zz and zeros; (x, y, z) is the offset from
    /// <see cref="Center"/> in <see cref="Unit"/>.
    /// </summary>
    public ReadOnlySpan<Vector256<float>> Products => MemoryMarshal.Cast<float, Vector256<float>>(_products);

    /// <summary>The offset of a point from <see cref="Center"/>, in <see cref="Unit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (float X, float Y, float Z) Offset(int i) => (_products[(i * Width) + 1], _products[(i * Width) + 2], _products[(i * Width) + 3]);

    /// <summary>Collects the points of <paramref name="region"/> on the grid of <paramref name="image"/>.</summary>
    /// <param name="image">Fixed intensities at this resolution.</param>
    /// <param name="region">Which voxels take part, on the same grid.</param>
    /// <param name="center">Centre of the parametrisation.</param>
    /// <param name="most">At most about this many points are kept, evenly thinned.</param>
    public static FixedLevel Create(Volume image, bool[] region, Point3 center, int most)
    {
        var size = image.Size;
        var inside = region.AsSpan().Count(true);
        var stride = Math.Max(1, (int)Math.Ceiling(inside / (double)most));
        var points = new List<(Point3, float)>((inside / stride) + 1);
        var seen = 0;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var i = size.IndexOf(x, y, z);
                    if (region[i] && seen++ % stride == 0)
                    {
                        points.Add(((image.Geometry.VoxelToWorld.Apply(new(x, y, z)) - center) * (1.0 / Unit), image.Voxels[i]));
                    }
                }
            }
        }

        return new(image.Geometry.Spacing.X, center, points);
    }

    /// <summary>The points at places, in the fixed world, that are wanted.</summary>
    public FixedLevel Where(Func<Point3, bool> wanted)
    {
        var points = new List<(Point3, float)>(Count);
        for (var i = 0; i < Count; i++)
        {
            var (x, y, z) = Offset(i);
            var offset = new Point3(x, y, z);
            if (wanted(Center + (offset * Unit)))
            {
                points.Add((offset, Value[i]));
            }
        }

        return new(Spacing, Center, points);
    }
}
