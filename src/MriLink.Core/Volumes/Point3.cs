namespace MriLink.Core.Volumes;

/// <summary>A position or a direction in three dimensions: voxel indices or RAS+ millimetres, as the context says.</summary>
/// <param name="X">First component; in world space, to the right.</param>
/// <param name="Y">Second component; in world space, to the front (anterior).</param>
/// <param name="Z">Third component; in world space, up (superior).</param>
public readonly record struct Point3(double X, double Y, double Z)
{
    /// <summary>The distance from the origin.</summary>
    public double Length => Math.Sqrt((X * X) + (Y * Y) + (Z * Z));

    /// <summary>Component-wise sum.</summary>
    public static Point3 operator +(Point3 a, Point3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    /// <summary>Component-wise difference.</summary>
    public static Point3 operator -(Point3 a, Point3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    /// <summary>Scales each component.</summary>
    public static Point3 operator *(Point3 a, double factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    /// <summary>The sum of <paramref name="left"/> and <paramref name="right"/>.</summary>
    public static Point3 Add(Point3 left, Point3 right) => left + right;

    /// <summary>The difference of <paramref name="left"/> and <paramref name="right"/>.</summary>
    public static Point3 Subtract(Point3 left, Point3 right) => left - right;

    /// <summary><paramref name="left"/> scaled by <paramref name="right"/>.</summary>
    public static Point3 Multiply(Point3 left, double right) => left * right;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"({X:0.##}, {Y:0.##}, {Z:0.##})");
}
