using System.Diagnostics;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing.Bias;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>N4 against ITK's on Colin27's head under simulated fields.</summary>
internal sealed class N4Benchmark : IBenchmark
{
    // Peak-to-peak over a head, in percent.
    private static readonly int[] Inhomogeneities = [20, 40, 60];

    public string Name => "n4";

    public string Summary => "N4 against `itk::N4BiasFieldCorrectionImageFilter`, shrink factor 4, 4 levels of up to 50 iterations";

    public IReadOnlyList<Peer> Peers { get; } = [Colin27Files.Peer, ItkDriver.Peer];

    public void Run(BenchmarkContext context)
    {
        var mask = Template.Colin27.BrainMask;
        var maskFile = context.Scratch("mask.nii");
        VolumeWriter.Write(maskFile, mask.ToVolume(), VolumeDataType.UInt8);

        var head = Colin27Files.Read(Colin27Files.Head);
        var table = new MarkdownTable("field", "ITK", "MriLink", "times as fast", "correlation", "error, ITK", "error, MriLink", "error ratio");
        foreach (var percent in Inhomogeneities)
        {
            var field = Field(head.Geometry, percent);
            var biased = new Volume(head.Geometry, head.Voxels.Zip(field, (v, b) => v * MathF.Exp(b)).ToArray());
            var file = context.Scratch($"biased-{percent}.nii");
            var itkFile = context.Scratch($"itk-{percent}.nii");
            VolumeWriter.Write(file, biased);
            Volume? ours = null;
            var times = Alternating.Measure(
                context.Runs,
                ("ITK", () => ItkDriver.Seconds(RunItk(file, maskFile, itkFile, context), "total")),
                ("MriLink", () => Seconds(
                    () => ours = N4BiasFieldCorrection.Estimate(biased, mask, new(), context.Work).LogFieldOn(biased.Geometry, context.Work))));
            var theirs = Colin27Files.Read(itkFile).Voxels;
            var errors = (Itk: Error(theirs, field, mask), Ours: Error(ours!.Voxels, field, mask));
            table.Row(
                $"{percent} %",
                times[0].DescribeTime(),
                times[1].DescribeTime(),
                times[1].RatioOf(times[0]).Describe(Figures.Ratio),
                Figures.Fixed(Correlation(theirs, ours.Voxels, mask), 4),
                Figures.Fixed(errors.Itk, 4),
                Figures.Fixed(errors.Ours, 4),
                Figures.Fixed(errors.Ours / errors.Itk, 3));
        }

        context.Say(table);
        context.Say("""
            Both estimate on Colin27's head shrunk by 4 within the filled brain mask and evaluate the field at 1 mm, each with the
            threads it is allowed; reading and writing are left out. Fields run over the given range, peak to peak, in a head.
            Correlation (Pearson) is between the two log fields in the brain; the error is the standard deviation there of log field
            minus true log field, Colin27's own field included. What differs between the two is where scripts around ITK evaluate
            its spline, stretched from the shrunk grid to the full one; on one grid the two agree to rounding (see the tests).
            """.ReplaceLineEndings("\n"));
    }

    private static double Seconds(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static ChildRun RunItk(string file, string maskFile, string fieldFile, BenchmarkContext context) =>
        ItkDriver.Run("n4", "--input", file, "--mask", maskFile, "--field", fieldFile, "--threads", context.Option("threads"));

    private static float[] Field(VolumeGeometry grid, int percent)
    {
        var conditions = new ScanConditions { BiasField = percent, GradientDistortion = 0 };
        var lattice = new ScannerField(grid, conditions, scanSeed: percent, scannerSeed: percent).Lattice;
        var size = grid.Size;
        var field = new float[size.Count];
        Parallel.For(0, size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    field[size.IndexOf(x, y, z)] = MathF.Log(lattice.Sample(VectorLattice.ToVector(grid.VoxelToWorld.Apply(new(x, y, z)))).W);
                }
            }
        });
        return field;
    }

    private static double Error(float[] estimated, float[] truth, Mask mask)
    {
        var difference = estimated.Zip(truth, (e, t) => (double)e - t).Where((_, i) => mask.Voxels[i]).ToArray();
        var mean = difference.Average();
        return Math.Sqrt(difference.Average(d => (d - mean) * (d - mean)));
    }

    private static double Correlation(float[] a, float[] b, Mask mask)
    {
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < a.Length; i++)
        {
            if (mask.Voxels[i])
            {
                double u = a[i], v = b[i];
                (n, x, y, xx, yy, xy) = (n + 1, x + u, y + v, xx + (u * u), yy + (v * v), xy + (u * v));
            }
        }

        return ((n * xy) - (x * y)) / Math.Sqrt(((n * xx) - (x * x)) * ((n * yy) - (y * y)));
    }
}
