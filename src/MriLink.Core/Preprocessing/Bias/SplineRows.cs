using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>Evaluates rows of samples along x from the control points of their line.</summary>
internal sealed class SplineRows(SplineAxis axis)
{
    private readonly float[] _table = axis.ByControlPoint();
    private readonly int _stride = axis.Count + Fused.Lanes;

    /// <summary>Evaluates samples <paramref name="start"/>, <paramref name="start"/> + 1, …</summary>
    /// <param name="line">The line's control points.</param>
    /// <param name="start">The first sample.</param>
    /// <param name="target">Receives the samples; beyond the axis' last sample zeros.</param>
    public void Evaluate(ReadOnlySpan<float> line, int start, Span<float> target)
    {
        var i = 0;
        for (; i <= target.Length - Fused.Lanes; i += Fused.Lanes)
        {
            EightAt(line, start + i).CopyTo(target[i..]);
        }

        if (i < target.Length)
        {
            Span<float> eight = stackalloc float[Fused.Lanes];
            EightAt(line, start + i).CopyTo(eight);
            eight[..(target.Length - i)].CopyTo(target[i..]);
        }
    }

    private Vector256<float> EightAt(ReadOnlySpan<float> line, int start)
    {
        // Only the control points that touch these samples, whichever way the samples run.
        var (a, b) = (axis.First(start), axis.First(Math.Min(start + Fused.Lanes, axis.Count) - 1));
        var (first, last) = (Math.Min(a, b), Math.Max(a, b) + SplineAxis.Support);
        ref var weights = ref MemoryMarshal.GetReference(_table.AsSpan((first * _stride) + start, ((last - first - 1) * _stride) + Fused.Lanes));
        var sum = Vector256<float>.Zero;
        for (var c = first; c < last; c++)
        {
            sum = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref weights, (nuint)((c - first) * _stride)), Vector256.Create(line[c]), sum);
        }

        return sum;
    }
}
