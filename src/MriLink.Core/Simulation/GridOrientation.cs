using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>Lays an axis-aligned voxel grid into world space from three letters.</summary>
internal static class GridOrientation
{
    private const string Positive = "RAS";
    private const string Negative = "LPI";

    /// <summary>The letters in upper case.</summary>
    /// <exception cref="ArgumentException">They do not name each of the three directions once.</exception>
    public static string Checked(string letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        var upper = letters.ToUpperInvariant();
        var named = upper.Select(WorldAxis).Where(axis => axis >= 0).Distinct().Count();
        return upper.Length == 3 && named == 3
            ? upper
            : throw new ArgumentException(
                $"'{letters}' is no orientation: it takes one letter of each pair R/L, A/P and S/I, as in RAS or PSR.", nameof(letters));
    }

    /// <summary>The grid of a field of view whose middle is the origin of the world.</summary>
    /// <param name="orientation">Three letters.</param>
    /// <param name="fieldOfView">Extents along the world's axes, mm.</param>
    /// <param name="spacing">Spacing along the voxel axes, mm.</param>
    public static VolumeGeometry Lay(string orientation, Point3 fieldOfView, Point3 spacing)
    {
        double[] extents = [fieldOfView.X, fieldOfView.Y, fieldOfView.Z];
        double[] steps = [spacing.X, spacing.Y, spacing.Z];
        var size = new int[3];
        var rows = new double[12];
        for (var axis = 0; axis < 3; axis++)
        {
            var world = WorldAxis(orientation[axis]);
            var sign = Positive.Contains(orientation[axis]) ? 1 : -1;
            size[axis] = Math.Max(1, (int)Math.Round(extents[world] / steps[axis]));
            rows[(world * 4) + axis] = sign * steps[axis];
            rows[(world * 4) + 3] = -sign * steps[axis] * (size[axis] - 1) / 2;
        }

        return new(new(size[0], size[1], size[2]), Affine.FromRows(rows));
    }

    private static int WorldAxis(char letter) => Math.Max(Positive.IndexOf(letter), Negative.IndexOf(letter));
}
