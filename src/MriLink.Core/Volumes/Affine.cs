using System.Globalization;

namespace MriLink.Core.Volumes;

/// <summary>An affine map of space, x ↦ A·x + t: voxel indices to millimetres, or one world to another.</summary>
/// <remarks>The twelve numbers are the upper three rows of the usual 4×4 matrix; the last row is always 0 0 0 1.</remarks>
public readonly record struct Affine(
    double M11, double M12, double M13, double M14,
    double M21, double M22, double M23, double M24,
    double M31, double M32, double M33, double M34)
{
    /// <summary>The map that changes nothing.</summary>
    public static Affine Identity => new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    /// <summary>The determinant of A: the volume of a mapped unit cube, negative when handedness flips.</summary>
    public double Determinant =>
        (M11 * ((M22 * M33) - (M23 * M32))) - (M12 * ((M21 * M33) - (M23 * M31))) + (M13 * ((M21 * M32) - (M22 * M31)));

    /// <summary>Whether every number is finite and the map can be inverted.</summary>
    public bool IsInvertible => double.IsFinite(M14 + M24 + M34) && double.IsFinite(Determinant) && Math.Abs(Determinant) > 1e-12;

    /// <summary>The translation t.</summary>
    public Point3 Translation => new(M14, M24, M34);

    /// <summary>The lengths of the columns of A; for a voxel-to-world map, the voxel spacing in mm.</summary>
    public Point3 ColumnLengths => new(
        Math.Sqrt((M11 * M11) + (M21 * M21) + (M31 * M31)),
        Math.Sqrt((M12 * M12) + (M22 * M22) + (M32 * M32)),
        Math.Sqrt((M13 * M13) + (M23 * M23) + (M33 * M33)));

    /// <summary>Composition: (a * b) applies <paramref name="b"/> first.</summary>
    public static Affine operator *(Affine a, Affine b) => new(
        (a.M11 * b.M11) + (a.M12 * b.M21) + (a.M13 * b.M31),
        (a.M11 * b.M12) + (a.M12 * b.M22) + (a.M13 * b.M32),
        (a.M11 * b.M13) + (a.M12 * b.M23) + (a.M13 * b.M33),
        (a.M11 * b.M14) + (a.M12 * b.M24) + (a.M13 * b.M34) + a.M14,
        (a.M21 * b.M11) + (a.M22 * b.M21) + (a.M23 * b.M31),
        (a.M21 * b.M12) + (a.M22 * b.M22) + (a.M23 * b.M32),
        (a.M21 * b.M13) + (a.M22 * b.M23) + (a.M23 * b.M33),
        (a.M21 * b.M14) + (a.M22 * b.M24) + (a.M23 * b.M34) + a.M24,
        (a.M31 * b.M11) + (a.M32 * b.M21) + (a.M33 * b.M31),
        (a.M31 * b.M12) + (a.M32 * b.M22) + (a.M33 * b.M32),
        (a.M31 * b.M13) + (a.M32 * b.M23) + (a.M33 * b.M33),
        (a.M31 * b.M14) + (a.M32 * b.M24) + (a.M33 * b.M34) + a.M34);

    /// <summary>Composition: applies <paramref name="right"/> first.</summary>
    public static Affine Multiply(Affine left, Affine right) => left * right;

    /// <summary>A pure translation.</summary>
    public static Affine FromTranslation(double x, double y, double z) => new(1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z);

    /// <summary>A scaling along the axes.</summary>
    public static Affine FromScale(double x, double y, double z) => new(x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0);

    /// <summary>Rotations about x, then y, then z (radians, right-handed): Rz·Ry·Rx.</summary>
    public static Affine FromRotation(double aboutX, double aboutY, double aboutZ)
    {
        var (sx, cx) = Math.SinCos(aboutX);
        var (sy, cy) = Math.SinCos(aboutY);
        var (sz, cz) = Math.SinCos(aboutZ);
        return new(
            cz * cy, (cz * sy * sx) - (sz * cx), (cz * sy * cx) + (sz * sx), 0,
            sz * cy, (sz * sy * sx) + (cz * cx), (sz * sy * cx) - (cz * sx), 0,
            -sy, cy * sx, cy * cx, 0);
    }

    /// <summary>Takes the upper three rows of a 4×4 matrix given row by row (12 or 16 numbers).</summary>
    /// <exception cref="ArgumentException">There are not 12 or 16 numbers.</exception>
    public static Affine FromRows(ReadOnlySpan<double> rows)
    {
        if (rows.Length is not (12 or 16))
        {
            throw new ArgumentException($"An affine takes 12 or 16 numbers, not {rows.Length}.", nameof(rows));
        }

        return new(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7], rows[8], rows[9], rows[10], rows[11]);
    }

    /// <summary>The same map about another centre: <paramref name="center"/> takes the place of the origin.</summary>
    public Affine About(Point3 center) =>
        FromTranslation(center.X, center.Y, center.Z) * this * FromTranslation(-center.X, -center.Y, -center.Z);

    /// <summary>Maps a point.</summary>
    public Point3 Apply(Point3 p) => new(
        (M11 * p.X) + (M12 * p.Y) + (M13 * p.Z) + M14,
        (M21 * p.X) + (M22 * p.Y) + (M23 * p.Z) + M24,
        (M31 * p.X) + (M32 * p.Y) + (M33 * p.Z) + M34);

    /// <summary>Maps a direction: no translation.</summary>
    public Point3 ApplyDirection(Point3 d) => new(
        (M11 * d.X) + (M12 * d.Y) + (M13 * d.Z),
        (M21 * d.X) + (M22 * d.Y) + (M23 * d.Z),
        (M31 * d.X) + (M32 * d.Y) + (M33 * d.Z));

    /// <summary>The inverse map.</summary>
    /// <exception cref="InvalidOperationException">The map has no inverse.</exception>
    public Affine Inverse()
    {
        if (!IsInvertible)
        {
            throw new InvalidOperationException($"The affine {this} has no inverse.");
        }

        var d = 1 / Determinant;
        var a11 = ((M22 * M33) - (M23 * M32)) * d;
        var a12 = ((M13 * M32) - (M12 * M33)) * d;
        var a13 = ((M12 * M23) - (M13 * M22)) * d;
        var a21 = ((M23 * M31) - (M21 * M33)) * d;
        var a22 = ((M11 * M33) - (M13 * M31)) * d;
        var a23 = ((M13 * M21) - (M11 * M23)) * d;
        var a31 = ((M21 * M32) - (M22 * M31)) * d;
        var a32 = ((M12 * M31) - (M11 * M32)) * d;
        var a33 = ((M11 * M22) - (M12 * M21)) * d;
        return new(
            a11, a12, a13, -((a11 * M14) + (a12 * M24) + (a13 * M34)),
            a21, a22, a23, -((a21 * M14) + (a22 * M24) + (a23 * M34)),
            a31, a32, a33, -((a31 * M14) + (a32 * M24) + (a33 * M34)));
    }

    /// <summary>The upper three rows, row by row.</summary>
    public double[] ToRows() => [M11, M12, M13, M14, M21, M22, M23, M24, M31, M32, M33, M34];

    /// <inheritdoc/>
    public override string ToString() => string.Join(
        "; ",
        ToRows().Chunk(4).Select(row => string.Join(' ', row.Select(v => v.ToString("0.####", CultureInfo.InvariantCulture)))));
}
