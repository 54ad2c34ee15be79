using System.Runtime.InteropServices;
using MriLink.Benchmarks.Peers;

namespace MriLink.Benchmarks.Similarity;

/// <summary>Single-precision matrix products of OpenBLAS.</summary>
internal static class OpenBlas
{
    private const string Library = "libopenblas.so.0";
    private const int RowMajor = 101;
    private const int AsIs = 111;
    private const int Transposed = 112;

    public static Peer Peer { get; } = new("OpenBLAS", "apt-get install libopenblas-dev", () => NativeLibrary.TryLoad(Library, out _));

    /// <summary>The rows of <paramref name="x"/> times those of <paramref name="y"/>: a result for each pair of rows.</summary>
    /// <param name="x">Rows of <paramref name="length"/> values, one after another.</param>
    /// <param name="y">The same.</param>
    /// <param name="length">Values per row.</param>
    /// <param name="result">Row by row.</param>
    /// <param name="threads">Threads to use.</param>
    public static void Multiply(float[] x, float[] y, int length, float[] result, int threads)
    {
        SetThreads(threads);
        int rows = x.Length / length, columns = y.Length / length;
        Sgemm(RowMajor, AsIs, Transposed, rows, columns, length, 1, x, length, y, length, 0, result, columns);
    }

    [DllImport(Library, EntryPoint = "openblas_set_num_threads")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void SetThreads(int count);

    [DllImport(Library, EntryPoint = "cblas_sgemm")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Sgemm(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float[] a, int lda, float[] b, int ldb, float beta, float[] c,
        int ldc);
}
