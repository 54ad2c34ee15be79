using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// The fixed side of a registration at one resolution: the points that are compared, their intensities and gradients.
/// Made once per template and shared by every registration to it, which is what makes the inverse compositional scheme
/// (Baker and Matthews 2004, IJCV 56:221) cheap: these never change while the moving side is sought.
/// </summary>
internal sealed class FixedLevel
{
    /// <summary>Parameters of the general affine: three translations, then the nine entries of the matrix row by row.</summary>
    public const int ParameterCount = 12;

    /// <summary>Offsets from the centre are divided by this (mm), so that all twelve parameters move points by like amounts.</summary>
    public const float Unit = 60;

    /// <summary>The normal matrix of all points, its upper triangle mirrored: 12×12, row by row.</summary>
    private readonly double[] _normal = new double[ParameterCount * ParameterCount];

    private FixedLevel(double spacing, Point3 center, List<Point> points)
    {
        Spacing = spacing;
        Center = center;
        Count = points.Count;
        X = new float[Count];
        Y = new float[Count];
        Z = new float[Count];
        Value = new float[Count];
        GradientX = new float[Count];
        GradientY = new float[Count];
        GradientZ = new float[Count];
        Span<double> row = stackalloc double[ParameterCount];
        for (var i = 0; i < Count; i++)
        {
            (X[i], Y[i], Z[i], Value[i]) = (points[i].X, points[i].Y, points[i].Z, points[i].Value);
            (GradientX[i], GradientY[i], GradientZ[i]) = (points[i].GradientX, points[i].GradientY, points[i].GradientZ);
            AddNormal(i, _normal, row);
        }
    }

    /// <summary>Spacing in mm of the grid that the points come from.</summary>
    public double Spacing { get; }

    /// <summary>The centre of the parametrisation, in the fixed world.</summary>
    public Point3 Center { get; }

    /// <summary>How many points.</summary>
    public int Count { get; }

    /// <summary>Offsets of the points from <see cref="Center"/>, in <see cref="Unit"/>.</summary>
    public float[] X { get; }

    /// <inheritdoc cref="X"/>
    public float[] Y { get; }

    /// <inheritdoc cref="X"/>
    public float[] Z { get; }

    /// <summary>Fixed intensities.</summary>
    public float[] Value { get; }

    /// <summary>Gradients of the fixed intensities per <see cref="Unit"/>.</summary>
    public float[] GradientX { get; }

    /// <inheritdoc cref="GradientX"/>
    public float[] GradientY { get; }

    /// <inheritdoc cref="GradientX"/>
    public float[] GradientZ { get; }

    /// <summary>The normal matrix of all points.</summary>
    public ReadOnlySpan<double> Normal => _normal;

    /// <summary>Collects the points of <paramref name="region"/> on the grid of <paramref name="image"/>.</summary>
    /// <param name="image">Fixed intensities at this resolution.</param>
    /// <param name="region">Which voxels take part, on the same grid.</param>
    /// <param name="center">Centre of the parametrisation.</param>
    /// <param name="most">At most about this many points are kept, evenly thinned.</param>
    public static FixedLevel Create(Volume image, bool[] region, Point3 center, int most)
    {
        var size = image.Size;
        var inside = region.AsSpan().Count(true);

        // A stride prime to the row length scatters the kept points over all rows.
        var stride = Math.Max(1, (int)Math.Ceiling(inside / (double)most));
        var points = new List<Point>((inside / stride) + 1);
        var toWorld = image.Geometry.VoxelToWorld;

        // The gradient by voxel index becomes one by world position through the inverse transpose.
        var inverse = image.Geometry.WorldToVoxel;
        var seen = 0;
        for (var z = 1; z < size.Z - 1; z++)
        {
            for (var y = 1; y < size.Y - 1; y++)
            {
                for (var x = 1; x < size.X - 1; x++)
                {
                    var i = size.IndexOf(x, y, z);
                    if (!region[i] || seen++ % stride != 0)
                    {
                        continue;
                    }

                    var v = image.Voxels;
                    var gx = (v[i + 1] - v[i - 1]) / 2;
                    var gy = (v[i + size.X] - v[i - size.X]) / 2;
                    var gz = (v[i + (size.X * size.Y)] - v[i - (size.X * size.Y)]) / 2;
                    var offset = toWorld.Apply(new(x, y, z)) - center;
                    points.Add(new(
                        (float)(offset.X / Unit),
                        (float)(offset.Y / Unit),
                        (float)(offset.Z / Unit),
                        v[i],
                        (float)((inverse.M11 * gx) + (inverse.M21 * gy) + (inverse.M31 * gz)) * Unit,
                        (float)((inverse.M12 * gx) + (inverse.M22 * gy) + (inverse.M32 * gz)) * Unit,
                        (float)((inverse.M13 * gx) + (inverse.M23 * gy) + (inverse.M33 * gz)) * Unit));
                }
            }
        }

        return new(image.Geometry.Spacing.X, center, points);
    }

    /// <summary>Adds the outer product of a point's derivative row to <paramref name="normal"/>; <paramref name="row"/> is scratch.</summary>
    public void AddNormal(int i, Span<double> normal, Span<double> row)
    {
        FillRow(i, row);
        for (var a = 0; a < ParameterCount; a++)
        {
            for (var b = 0; b < ParameterCount; b++)
            {
                normal[(a * ParameterCount) + b] += row[a] * row[b];
            }
        }
    }

    private void FillRow(int i, Span<double> row)
    {
        double gx = GradientX[i], gy = GradientY[i], gz = GradientZ[i];
        double x = X[i], y = Y[i], z = Z[i];
        row[0] = gx;
        row[1] = gy;
        row[2] = gz;
        row[3] = gx * x;
        row[4] = gx * y;
        row[5] = gx * z;
        row[6] = gy * x;
        row[7] = gy * y;
        row[8] = gy * z;
        row[9] = gz * x;
        row[10] = gz * y;
        row[11] = gz * z;
    }

    private readonly record struct Point(float X, float Y, float Z, float Value, float GradientX, float GradientY, float GradientZ);
}
