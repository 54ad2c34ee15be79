using System.Numerics;
using System.Runtime.InteropServices;

namespace MriLink.Core.Similarity;

/// <summary>Pearson's correlation of all pairs as a matrix product, for volumes that share one mask.</summary>
internal static class CorrelationProduct
{
    // Voxels per step: two tiles of eight volumes then take 64 KB, which stays in the second-level cache.
    private const int BlockLength = 1024;
    private const int Columns = 4;

    /// <summary>Whether all masks are equal, so that no pair needs a mask of its own.</summary>
    public static bool AppliesTo(IReadOnlyList<PreparedVolume> probes, IReadOnlyList<PreparedVolume> gallery) =>
        probes.Count > 0 && probes[0].VoxelCount >= PairwiseScorer.LeastVoxels && probes.Concat(gallery).All(v => v.Mask.Equals(probes[0].Mask));

    /// <summary>Fills one tile of the matrix.</summary>
    public static void Fill(
        SimilarityMatrix matrix,
        IReadOnlyList<PreparedVolume> probes,
        int firstRow,
        int rows,
        IReadOnlyList<PreparedVolume> gallery,
        int firstColumn,
        int columns,
        CancellationToken cancellationToken)
    {
        var x = Enumerable.Range(firstRow, rows).Select(i => probes[i].UnitVector).ToArray();
        var y = Enumerable.Range(firstColumn, columns).Select(i => gallery[i].UnitVector).ToArray();
        var voxels = probes[0].VoxelCount;
        var sums = new double[rows, columns];
        for (var start = 0; start < voxels; start += BlockLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = Math.Min(BlockLength, voxels - start);
            for (var row = 0; row < rows; row++)
            {
                if (x[row].Length == 0)
                {
                    continue;
                }

                var block = x[row].AsSpan(start, length);
                for (var column = 0; column < columns; column += Columns)
                {
                    // A tile's last columns are fewer than four: the last one then stands in for those that are missing.
                    var last = columns - 1;
                    Vector4 four = Dot(
                        block,
                        Block(y[column], start, length),
                        Block(y[Math.Min(column + 1, last)], start, length),
                        Block(y[Math.Min(column + 2, last)], start, length),
                        Block(y[Math.Min(column + 3, last)], start, length));
                    for (var i = 0; i < Columns && column + i < columns; i++)
                    {
                        sums[row, column + i] += four[i];
                    }
                }
            }
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                matrix[firstRow + row, firstColumn + column] = x[row].Length == 0 || y[column].Length == 0
                    ? double.NaN
                    : Math.Clamp(sums[row, column], -1, 1);
            }
        }
    }

    // A constant volume has no unit vector; its column is overwritten at the end.
    private static ReadOnlySpan<float> Block(float[] unit, int start, int length) =>
        unit.Length == 0 ? new float[length] : unit.AsSpan(start, length);

    private static Vector4 Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d)
    {
        var vx = MemoryMarshal.Cast<float, Vector<float>>(x);
        var va = MemoryMarshal.Cast<float, Vector<float>>(a)[..vx.Length];
        var vb = MemoryMarshal.Cast<float, Vector<float>>(b)[..vx.Length];
        var vc = MemoryMarshal.Cast<float, Vector<float>>(c)[..vx.Length];
        var vd = MemoryMarshal.Cast<float, Vector<float>>(d)[..vx.Length];
        Vector<float> sa = default, sb = default, sc = default, sd = default;
        for (var i = 0; i < vx.Length; i++)
        {
            var v = vx[i];
            sa += v * va[i];
            sb += v * vb[i];
            sc += v * vc[i];
            sd += v * vd[i];
        }

        var rest = Vector4.Zero;
        for (var i = vx.Length * Vector<float>.Count; i < x.Length; i++)
        {
            rest += x[i] * new Vector4(a[i], b[i], c[i], d[i]);
        }

        return new Vector4(Vector.Sum(sa), Vector.Sum(sb), Vector.Sum(sc), Vector.Sum(sd)) + rest;
    }
}
