using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>
/// The voxels of a mask as one flat list of samples, row after row: of each row along x everything from its first voxel in the
/// mask to its last, filled up to whole vectors. What is in between and not in the mask has weight 0.
/// </summary>
/// <remarks>Passes over the samples then need no index and no remainder, and rows outside the mask cost nothing.</remarks>
internal sealed class MaskedRows
{
    private readonly Row[] _rows;

    /// <summary>Lists the samples.</summary>
    /// <param name="size">The grid.</param>
    /// <param name="inside">Which voxels of the grid are meant, x fastest.</param>
    public MaskedRows(GridSize size, ReadOnlySpan<bool> inside)
    {
        Size = size;
        var rows = new List<Row>();
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = inside.Slice(size.IndexOf(0, y, z), size.X);
                var first = row.IndexOf(true);
                if (first >= 0)
                {
                    rows.Add(new(y, z, first, SampleCount, row.LastIndexOf(true) + 1 - first));
                    SampleCount += rows[^1].Padded;
                }
            }
        }

        _rows = [.. rows];
        Weights = new float[SampleCount];
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                if (inside[size.IndexOf(row.X + i, row.Y, row.Z)])
                {
                    Weights[row.Offset + i] = 1;
                    InsideCount++;
                }
            }
        }
    }

    /// <summary>The grid.</summary>
    public GridSize Size { get; }

    /// <summary>Samples in the list, those of weight 0 included; a whole number of vectors.</summary>
    public int SampleCount { get; }

    /// <summary>Voxels of the mask.</summary>
    public int InsideCount { get; }

    /// <summary>1 for voxels of the mask, 0 for the others.</summary>
    public float[] Weights { get; }

    /// <summary>The rows, by z and then y.</summary>
    public ReadOnlySpan<Row> Rows => _rows;

    /// <summary>The logarithms of the voxels of the mask, which must be above 0; 0 for the other samples.</summary>
    public float[] Logarithms(ReadOnlySpan<float> voxels)
    {
        var result = new float[SampleCount];
        foreach (var row in _rows)
        {
            var from = voxels.Slice(Size.IndexOf(row.X, row.Y, row.Z), row.Length);
            for (var i = 0; i < row.Length; i++)
            {
                result[row.Offset + i] = Weights[row.Offset + i] > 0 ? MathF.Log(from[i]) : 0;
            }
        }

        return result;
    }

    /// <summary>A row of samples.</summary>
    /// <param name="Y">Its place along y.</param>
    /// <param name="Z">Its place along z.</param>
    /// <param name="X">The place along x of its first sample.</param>
    /// <param name="Offset">Where in the list it begins.</param>
    /// <param name="Length">Samples from the first voxel in the mask to the last.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Row(int Y, int Z, int X, int Offset, int Length)
    {
        /// <summary>Samples with those that fill up the last vector.</summary>
        public int Padded => Fused.RoundUp(Length);
    }
}
