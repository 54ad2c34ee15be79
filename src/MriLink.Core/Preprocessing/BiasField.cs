using MriLink.Core.Execution;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>A smooth multiplicative intensity field: the logarithm is a cubic tensor-product B-spline over a box in space.</summary>
public sealed class BiasField
{
    private readonly float[] _lattice;
    private readonly int _spans;
    private readonly VolumeGeometry _domain;

    /// <param name="lattice">Control points, x fastest, <paramref name="spans"/> + 3 along each axis.</param>
    /// <param name="spans">Spans along each axis.</param>
    /// <param name="domain">The spline's box reaches from the first to the last voxel centre of this grid.</param>
    internal BiasField(float[] lattice, int spans, VolumeGeometry domain)
    {
        _lattice = lattice;
        _spans = spans;
        _domain = domain;
    }

    /// <summary>The natural logarithm of the field at each voxel of a grid whose axes run along the field's own.</summary>
    /// <exception cref="ArgumentException">The grid is turned against the field's.</exception>
    public Volume LogFieldOn(VolumeGeometry grid, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var map = _domain.WorldToVoxel * grid.VoxelToWorld;
        var turned = Math.Abs(map.M12) + Math.Abs(map.M13) + Math.Abs(map.M21) + Math.Abs(map.M23) + Math.Abs(map.M31) + Math.Abs(map.M32);
        if (turned > 1e-4)
        {
            throw new ArgumentException("The grid's axes do not run along the field's.", nameof(grid));
        }

        var x = new SplineAxis(_spans, Positions(grid.Size.X, map.M11, map.M14, _domain.Size.X));
        var y = new SplineAxis(_spans, Positions(grid.Size.Y, map.M22, map.M24, _domain.Size.Y));
        var z = new SplineAxis(_spans, Positions(grid.Size.Z, map.M33, map.M34, _domain.Size.Z));
        var field = new float[grid.Size.Count];
        Evaluate(_lattice, x, y, z, field, work);
        return new(grid, field);
    }

    /// <summary>Expands control points to samples, one axis after the other.</summary>
    internal static void Evaluate(float[] lattice, SplineAxis x, SplineAxis y, SplineAxis z, float[] field, WorkOptions work)
    {
        var (cx, cy) = (x.ControlPoints, y.ControlPoints);
        work.ForBlocks(z.Count, k =>
        {
            Span<float> plane = new float[cx * cy];
            for (var a = 0; a < SplineAxis.Support; a++)
            {
                var weight = z.Weight[(k * SplineAxis.Support) + a];
                var source = lattice.AsSpan((z.First[k] + a) * cx * cy, cx * cy);
                for (var i = 0; i < plane.Length; i++)
                {
                    plane[i] += weight * source[i];
                }
            }

            Span<float> line = new float[cx];
            for (var j = 0; j < y.Count; j++)
            {
                line.Clear();
                for (var a = 0; a < SplineAxis.Support; a++)
                {
                    var weight = y.Weight[(j * SplineAxis.Support) + a];
                    var source = plane.Slice((y.First[j] + a) * cx, cx);
                    for (var i = 0; i < line.Length; i++)
                    {
                        line[i] += weight * source[i];
                    }
                }

                var row = field.AsSpan(((k * y.Count) + j) * x.Count, x.Count);
                for (var i = 0; i < row.Length; i++)
                {
                    var c = x.First[i];
                    var w = i * SplineAxis.Support;
                    row[i] = (x.Weight[w] * line[c]) + (x.Weight[w + 1] * line[c + 1])
                        + (x.Weight[w + 2] * line[c + 2]) + (x.Weight[w + 3] * line[c + 3]);
                }
            }
        });
    }

    private static double[] Positions(int count, double step, double start, int domain)
    {
        var positions = new double[count];
        for (var i = 0; i < count; i++)
        {
            positions[i] = domain > 1 ? ((step * i) + start) / (domain - 1) : 0;
        }

        return positions;
    }
}
