using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Volumes;

/// <summary>Numbers to whole ones towards zero, for values known to fit: a plain cast looks for those that do not, since .NET 9.</summary>
internal static class Truncate
{
    /// <summary>The whole part of a value within the range of an int.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ToInt(float value) => Sse.IsSupported ? Sse.ConvertToInt32WithTruncation(Vector128.CreateScalarUnsafe(value)) : (int)value;

    /// <summary>The whole parts of eight such values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ToInt(Vector256<float> values) =>
        Avx.IsSupported ? Avx.ConvertToVector256Int32WithTruncation(values) : Vector256.ConvertToInt32(values);
}
