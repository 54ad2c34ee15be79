using System.Diagnostics;
using System.Globalization;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing;
using MriLink.Core.Registration;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>Affine registration to the template from random poses, against elastix.</summary>
internal sealed class AffineBenchmark : IBenchmark
{
    private const double Degree = Math.PI / 180;

    // A registration that is farther off than this has failed.
    private const double Success = 2;

    public string Name => "affine";

    public string Summary => "Affine registration of posed heads to Colin27 against elastix (4 resolutions of 250 iterations)";

    public IReadOnlyList<Peer> Peers { get; } = [Elastix.Peer, ItkDriver.Peer.Optional()];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("cases", "100", "Random poses of Colin27's head."),
        new("mattes", "20", "The first so many of the poses are also registered by ITK's own Mattes mutual information."),
        new("pairs", "10", "Simulated participants scanned twice."),
    ];

    public void Run(BenchmarkContext context)
    {
        var template = PreparedTemplate.Create(Template.Colin27, context.Work);
        Poses(context, template);
        Pairs(context, template);
    }

    private static void Poses(BenchmarkContext context, PreparedTemplate template)
    {
        var fixedFile = context.Scratch("fixed.nii");
        var movingFile = context.Scratch("moving.nii");
        var resultFile = context.Scratch("result.nii");
        var folder = context.Scratch("elastix");
        VolumeWriter.Write(fixedFile, Template.Colin27.Head);
        var random = new Random(4);
        var cases = context.Number("cases");
        var mattes = ItkDriver.Peer.IsAvailable ? Math.Min(cases, context.Number("mattes")) : 0;
        var (mattesError, mattesWhole, mattesRegister) = (new double[mattes], new double[mattes], new double[mattes]);
        var (ourError, theirError) = (new double[cases], new double[cases]);
        var (ourWhole, ourRegister, theirWhole, theirLogged) = (new double[cases], new double[cases], new double[cases], new double[cases]);
        for (var k = -1; k < cases; k++)
        {
            // The first is run twice: once unmeasured.
            var truth = k < 0 ? Affine.Identity : RandomPose(random);
            VolumeWriter.Write(movingFile, Posed(truth, random, context), overwrite: true);
            var theirs = Elastix.RunAffine(fixedFile, movingFile, folder, context.Work.MaxThreads);
            var whole = Stopwatch.StartNew();
            var moving = Colin27Files.Read(movingFile);
            var register = Stopwatch.StartNew();
            var ours = AffineRegistration.Register(template.HeadTargets, moving, context.Work);
            register.Stop();
            VolumeWriter.Write(resultFile, Resampler.Resample(moving, ours.FixedToMoving, Template.Colin27.Head.Geometry, null, context.Work),
                overwrite: true);
            whole.Stop();
            if (k >= 0)
            {
                (ourError[k], theirError[k]) = (Error(template, ours.FixedToMoving, truth), Error(template, Elastix.ReadMap(folder), truth));
                (ourWhole[k], ourRegister[k]) = (whole.Elapsed.TotalSeconds, register.Elapsed.TotalSeconds);
                (theirWhole[k], theirLogged[k]) = (theirs.Elapsed.TotalSeconds, Elastix.LoggedSeconds(theirs));
                if (k < mattes)
                {
                    var itk = ItkDriver.Run(
                        "affine", "--fixed", fixedFile, "--moving", movingFile, "--output", resultFile, "--threads",
                        context.Work.MaxThreads.ToString(CultureInfo.InvariantCulture));
                    (mattesError[k], mattesWhole[k], mattesRegister[k]) =
                        (Error(template, ItkDriver.ReadMap(itk), truth), itk.Elapsed.TotalSeconds, ItkDriver.Seconds(itk, "register"));
                }

                context.Progress($"pose {k + 1} of {cases}: {Figures.Fixed(ourError[k], 2)} mm, elastix {Figures.Fixed(theirError[k], 2)} mm");
            }
        }

        var (our, their) = (new Samples("MriLink", ourError), new Samples("elastix", theirError));
        var wholes = (Our: new Samples("MriLink", ourWhole), Their: new Samples("elastix", theirWhole));
        var registers = (Our: new Samples("MriLink", ourRegister), Their: new Samples("elastix", theirLogged));
        context.Say(new MarkdownTable("", "elastix", "MriLink", "times as fast")
            .Row($"succeeded (below {Success} mm)", Count(theirError, cases), Count(ourError, cases), "")
            .Row("median error", Millimetres(their.Median), Millimetres(our.Median), "")
            .Row("largest error", Millimetres(their.Max), Millimetres(our.Max), "")
            .Row("median error where elastix succeeded", Millimetres(Where(theirError, theirError)), Millimetres(Where(ourError, theirError)), "")
            .Row("read, register, resample, write", wholes.Their.DescribeTime(), wholes.Our.DescribeTime(),
                wholes.Our.RatioOf(wholes.Their).Describe(Figures.Ratio))
            .Row("register (elastix: as it logs)", registers.Their.DescribeTime(), registers.Our.DescribeTime(),
                registers.Our.RatioOf(registers.Their).Describe(Figures.Ratio)));
        context.Say("""
            Colin27's head at 1 mm, turned by up to 30° about each axis, shifted by up to 50 mm along each and scaled by 0.85 to 1.15 along
            each, with a receive field of 40 % and noise of 3 % of white matter; large shifts push part of the head out of view. Errors are
            mean distances over the brain between where the found and the true map take it. elastix starts from the centres of gravity.
            """.ReplaceLineEndings("\n"));
        if (mattes > 0)
        {
            SayMattes(context, (mattesError, mattesWhole, mattesRegister), (ourError[..mattes], ourWhole[..mattes], ourRegister[..mattes]));
        }
    }

    private static void SayMattes(
        BenchmarkContext context, (double[] Error, double[] Whole, double[] Register) itk, (double[] Error, double[] Whole, double[] Register) ours)
    {
        var (first, their, our) = (itk.Error.Length, new Samples("ITK", itk.Error), new Samples("MriLink", ours.Error));
        var wholes = (Our: new Samples("MriLink", ours.Whole), Their: new Samples("ITK", itk.Whole));
        var registers = (Our: new Samples("MriLink", ours.Register), Their: new Samples("ITK", itk.Register));
        context.Say($"The first {first} poses by ITK's registration method alone: Mattes mutual information of a tenth of the voxels, levels 4, 2 "
            + $"and 1 of up to 100 iterations, "
            + "regular step gradient descent from the centres of gravity.");
        context.Say(new MarkdownTable("", "ITK, Mattes", "MriLink", "times as fast")
            .Row($"succeeded (below {Success} mm)", Count(itk.Error, first), Count(ours.Error, first), "")
            .Row("median error", Millimetres(their.Median), Millimetres(our.Median), "")
            .Row("read, register, resample, write", wholes.Their.DescribeTime(), wholes.Our.DescribeTime(),
                wholes.Our.RatioOf(wholes.Their).Describe(Figures.Ratio))
            .Row("register", registers.Their.DescribeTime(), registers.Our.DescribeTime(),
                registers.Our.RatioOf(registers.Their).Describe(Figures.Ratio)));
    }

    private static void Pairs(BenchmarkContext context, PreparedTemplate template)
    {
        var pairs = context.Number("pairs");
        var scans = new SimulatedCohort
        {
            Seed = 3,
            ParticipantNumbers = [.. Enumerable.Range(1, pairs)],
            SessionNumbers = [1, 2],
            Adjust = c => c with { Rotation = 30, Translation = 25, BiasField = 40, Noise = 3, GradientDistortion = 0 },
        }.Scans().ToArray();
        var errors = new double[pairs];
        for (var k = 0; k < pairs; k++)
        {
            var (first, second) = (scans[2 * k].SimulateTruth(context.Work), scans[(2 * k) + 1].SimulateTruth(context.Work));
            var a = AffineRegistration.Register(template.HeadTargets, first.Head, context.Work).FixedToMoving;
            var b = AffineRegistration.Register(template.HeadTargets, second.Head, context.Work).FixedToMoving.Inverse();
            errors[k] = Mean(template, p => b.Apply(second.Truth.FromAnatomy(first.Truth.ToAnatomy(a.Apply(p)))) - p);
            context.Progress($"pair {k + 1} of {pairs}: {Figures.Fixed(errors[k], 2)} mm");
        }

        var samples = new Samples("pairs", errors);
        context.Say($"Two raw scans of each of {pairs} simulated participants (turned by up to 30° and shifted by up to 25 mm, field 40 %, noise 3 "
            + $"%), registered separately: "
            + $"the same anatomy lies {Millimetres(samples.Median)} apart in the template at the median, {Millimetres(samples.Max)} at most.");
    }

    private static string Millimetres(double value) => $"{Figures.Fixed(value, 2)} mm";

    private static string Count(double[] errors, int cases) => $"{errors.Count(e => e < Success)} of {cases}";

    private static double Where(double[] errors, double[] succeeded)
    {
        var kept = errors.Where((_, i) => succeeded[i] < Success).ToArray();
        return kept.Length == 0 ? double.NaN : new Samples("", kept).Median;
    }

    private static Affine RandomPose(Random random)
    {
        double Within(double most) => ((2 * random.NextDouble()) - 1) * most;
        double Scale() => 0.85 + (0.3 * random.NextDouble());
        return Affine.FromTranslation(Within(50), Within(50), Within(50))
            * Affine.FromRotation(Within(30) * Degree, Within(30) * Degree, Within(30) * Degree)
            * Affine.FromScale(Scale(), Scale(), Scale());
    }

    // What a scanner shows when the template's p lies at truth(p).
    private static Volume Posed(Affine truth, Random random, BenchmarkContext context)
    {
        var conditions = new ScanConditions { Rotation = 0, Translation = 0, BiasField = 40, GradientDistortion = 0 };
        var grid = new VolumeGeometry(new(220, 256, 220), Affine.FromTranslation(-110, -138, -100));
        var scan = Resampler.Resample(Template.Colin27.Head, truth.Inverse(), grid, null, context.Work);
        var white = Percentile(Template.Colin27, 0.8);
        var field = new ScannerField(grid, conditions, random.NextInt64(), random.NextInt64());
        for (var i = 0; i < scan.Voxels.Length; i++)
        {
            var p = grid.PlaceOf(i);
            var radius = 0.03 * white * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            var real = (scan.Voxels[i] * field.Lattice.Sample(VectorLattice.ToVector(p)).W) + (radius * cosine);
            scan.Voxels[i] = (float)Math.Sqrt((real * real) + (radius * sine * radius * sine));
        }

        return scan;
    }

    private static double Percentile(Template template, double fraction)
    {
        var brain = template.Head.Voxels.Where((_, i) => template.BrainMask.Voxels[i]).Order().ToArray();
        return brain[(int)(brain.Length * fraction)];
    }

    private static double Error(PreparedTemplate template, Affine found, Affine truth) => Mean(template, p => found.Apply(p) - truth.Apply(p));

    private static double Mean(PreparedTemplate template, Func<Point3, Point3> difference)
    {
        var (mask, sum, count) = (template.BrainMask, 0.0, 0);
        for (var i = 0; i < mask.Voxels.Length; i += 97)
        {
            if (mask.Voxels[i])
            {
                var p = mask.Geometry.PlaceOf(i);
                sum += difference(p).Length;
                count++;
            }
        }

        return sum / count;
    }
}
