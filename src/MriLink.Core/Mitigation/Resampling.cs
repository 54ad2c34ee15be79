using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// Averages a scan over larger voxels, as a scanner of that resolution would; axes that are as coarse already stay. The new voxels fill the
/// field of view from its middle, the scan's own voxels counting by the part of them that lies in one.
/// </summary>
internal sealed class Resampling(MitigationKind kind, double spacing) : IMitigation
{
    // Headers hold spacings to about seven digits.
    private const double Nearly = 1.001;

    public MitigationKind Kind => kind;

    public double Strength => spacing;

    public string? WhyNot(MitigationTarget scan)
    {
        var own = scan.Volume.Geometry.Spacing;
        return Math.Min(own.X, Math.Min(own.Y, own.Z)) * Nearly >= spacing
            ? string.Create(CultureInfo.InvariantCulture, $"has no voxel axis finer than {spacing} mm")
            : null;
    }

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var volume = scan.Volume;
        var (own, from) = (volume.Geometry.Spacing, volume.Size);
        Axis x = new(from.X, spacing / own.X), y = new(from.Y, spacing / own.Y), z = new(from.Z, spacing / own.Z);
        var to = new GridSize(x.Count, y.Count, z.Count);
        var geometry = new VolumeGeometry(
            to, volume.Geometry.VoxelToWorld * Affine.FromTranslation(x.First, y.First, z.First) * Affine.FromScale(x.Step, y.Step, z.Step));
        var result = new float[to.Count];
        work.ForBlocks(to.Z, k =>
        {
            var plane = new float[from.X * from.Y];
            foreach (var (slice, weight) in z.Parts(k))
            {
                GaussianFilter.AddScaled(plane, volume.Voxels.AsSpan(slice * plane.Length, plane.Length), weight);
            }

            var row = new float[from.X];
            for (var j = 0; j < to.Y; j++)
            {
                Array.Clear(row);
                foreach (var (line, weight) in y.Parts(j))
                {
                    GaussianFilter.AddScaled(row, plane.AsSpan(line * row.Length, row.Length), weight);
                }

                for (var i = 0; i < to.X; i++)
                {
                    var sum = 0f;
                    foreach (var (voxel, weight) in x.Parts(i))
                    {
                        sum += row[voxel] * weight;
                    }

                    result[to.IndexOf(i, j, k)] = sum;
                }
            }
        });
        return new(geometry, result);
    }

    /// <summary>How the voxels along one axis share out to larger ones.</summary>
    private sealed class Axis
    {
        private readonly (int Voxel, float Weight)[][] _parts;

        public Axis(int count, double step)
        {
            Step = Math.Max(1, step);
            Count = Math.Max(1, (int)Math.Round(count / Step));
            var margin = (count - (Count * Step)) / 2;

            // Voxel i of the scan reaches from i - 0.5 to i + 0.5.
            First = margin - 0.5 + (Step / 2);
            _parts = [.. Enumerable.Range(0, Count).Select(j => Overlaps(margin + (j * Step), margin + ((j + 1) * Step), count))];
        }

        public double Step { get; }

        public int Count { get; }

        public double First { get; }

        public (int Voxel, float Weight)[] Parts(int j) => _parts[j];

        private static (int Voxel, float Weight)[] Overlaps(double from, double to, int count)
        {
            (from, to) = (Math.Max(0, from), Math.Min(count, to));
            var first = (int)from;
            var last = Math.Min(count - 1, (int)Math.Ceiling(to) - 1);
            return [.. Enumerable.Range(first, last - first + 1)
                .Select(i => (i, (float)((Math.Min(to, i + 1) - Math.Max(from, i)) / (to - from))))
                .Where(p => p.Item2 > 0)];
        }
    }
}
