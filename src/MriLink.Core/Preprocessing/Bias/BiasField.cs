using MriLink.Core.Basics;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>A smooth multiplicative intensity field: the logarithm is a cubic tensor-product B-spline over a box in space.</summary>
public sealed class BiasField
{
    private readonly SplineLattice _lattice;
    private readonly VolumeGeometry _domain;

    /// <param name="lattice">Control points of the logarithm.</param>
    /// <param name="domain">The spline's box reaches from the first to the last voxel centre of this grid.</param>
    internal BiasField(SplineLattice lattice, VolumeGeometry domain)
    {
        _lattice = lattice;
        _domain = domain;
    }

    /// <summary>
    /// The natural logarithm of the field at each voxel of a grid whose axes run along the field's own. Beyond the box the field
    /// was estimated in, it is held at its value on the border.
    /// </summary>
    /// <param name="grid">Any grid that is not turned against the field's; finer, coarser, flipped or shifted as may be.</param>
    /// <param name="work">Threads and cancellation.</param>
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

        var size = grid.Size;
        var x = new SplineRows(Axis(size.X, map.M11, map.M14, _domain.Size.X));
        var y = Axis(size.Y, map.M22, map.M24, _domain.Size.Y);
        var z = Axis(size.Z, map.M33, map.M34, _domain.Size.Z);
        var field = new float[size.Count];
        LargePages.Request(field);
        work.ForBlocks(size.Z, k =>
        {
            var plane = new float[_lattice.ControlPoints * _lattice.Width];
            var line = new float[_lattice.Width];
            z.Collapse(k, _lattice.Values, plane);
            for (var j = 0; j < size.Y; j++)
            {
                y.Collapse(j, plane, line);
                x.Evaluate(line, 0, field.AsSpan(size.IndexOf(0, j, k), size.X));
            }
        });
        return new(grid, field);
    }

    private SplineAxis Axis(int count, double step, double start, int domain)
    {
        var positions = new double[count];
        for (var i = 0; i < count; i++)
        {
            positions[i] = domain > 1 ? ((step * i) + start) / (domain - 1) : 0;
        }

        return new(_lattice.Spans, positions);
    }
}
