using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Volumes;

/// <summary>a·b + c on eight or four lanes, with one rounding where the processor can.</summary>
internal static class Fused
{
    /// <summary>Lanes of single precision that the kernels work on at a time.</summary>
    public const int Lanes = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.IsSupported ? Fma.MultiplyAdd(a, b, c) : (a * b) + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> MultiplyAdd(Vector256<double> a, Vector256<double> b, Vector256<double> c) =>
        Fma.IsSupported ? Fma.MultiplyAdd(a, b, c) : (a * b) + c;

    /// <summary>The least whole number of <see cref="Lanes"/> that holds <paramref name="count"/>.</summary>
    public static int RoundUp(int count) => (count + Lanes - 1) / Lanes * Lanes;
}
