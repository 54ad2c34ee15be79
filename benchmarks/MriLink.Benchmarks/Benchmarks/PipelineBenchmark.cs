using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;
using MriLink.SimpleItk;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>All of Invoke-MriPreprocess against two of its steps done by ITK and elastix.</summary>
internal sealed class PipelineBenchmark : IBenchmark
{
    private const string Module = "out/MriLink/MriLink.psd1";

    // Scans of each kind in the throughput runs: two kinds, and enough for two workers to share evenly.
    private const int ScansOfEachKind = 8;

    // The program of the .NET tool: "dotnet pwsh" would start it as a child, and what is measured is a process.
    private static readonly Lazy<string> Pwsh = new(() =>
        Path.Combine(Child.Run("dotnet", ["pwsh", "-NoProfile", "-Command", "$PSHOME"]).Output.Trim(), OperatingSystem.IsWindows() ? "pwsh.exe"
            : "pwsh"));

    public string Name => "pipeline";

    public string Summary =>
        "`Invoke-MriPreprocess` on a raw 1 mm head, reading and brain extraction included, against ITK's N4 and elastix's affine alone";

    public IReadOnlyList<Peer> Peers { get; } =
    [
        Colin27Files.Peer,
        ItkDriver.Peer,
        Elastix.Peer,
        new("PowerShell", "dotnet tool restore && dotnet pwsh build.ps1 -Task Build", () => File.Exists(BenchmarkContext.InRepository(Module))
            && File.Exists(Pwsh.Value)),
    ];

    public void Run(BenchmarkContext context)
    {
        Input[] inputs = [Input.Colin27(), Input.Padded(context)];
        var preprocessor = new Preprocessor(new PreprocessOptions(), context.Work);
        CompareTimes(inputs, preprocessor, FindSimpleItk(), context);
        CompareThroughput(inputs, preprocessor, context);
    }

    // Null where it is not installed. One that is named but cannot be used is an error.
    private static PreprocessingEngine? FindSimpleItk()
    {
        try
        {
            return PreprocessingEngines.Get(
                SimpleItkEngine.SimpleItkName,
                new(null, Environment.GetEnvironmentVariable(SimpleItkSearch.Variable), BenchmarkContext.InRepository("out/MriLink")));
        }
        catch (EngineUnavailableException exception) when (exception.Problem == EngineProblem.NotInstalled)
        {
            return null;
        }
        catch (EngineUnavailableException exception)
        {
            throw new BenchmarkException(exception.Message, exception);
        }
    }

    private static void CompareTimes(Input[] inputs, Preprocessor preprocessor, PreprocessingEngine? simpleItk, BenchmarkContext context)
    {
        string[] headings = ["head", "ITK N4", "elastix", "MriLink process", "times as fast", "first call", "times as fast", "each further scan",
            "times as fast", "process' peak memory"];
        var table = new MarkdownTable(simpleItk is null ? headings : [.. headings, "`-Engine SimpleITK`, each scan", "times as slow"]);
        var theirs = simpleItk is null ? null : new Preprocessor(new PreprocessOptions { Engine = simpleItk }, context.Work);
        var steps = new List<string>();
        foreach (var input in inputs)
        {
            var peak = 0L;
            var timings = new List<IReadOnlyList<StepTiming>>();
            double Process()
            {
                var run = RunShell(input, context);
                peak = Math.Max(peak, run.PeakBytes);
                return run.Elapsed.TotalSeconds;
            }

            double Scan(Preprocessor by, List<IReadOnlyList<StepTiming>> to)
            {
                var watch = Stopwatch.StartNew();
                to.Add(by.Process(input.Scan, null, context.Work).Timings);
                return watch.Elapsed.TotalSeconds;
            }

            List<(string Name, Func<double> Work)> sides =
            [
                ("ITK N4", () => RunItk(input, context).Elapsed.TotalSeconds),
                ("elastix", () => Elastix.RunAffine(
                    Colin27Files.Head, input.File, context.Scratch("elastix"), context.Work.MaxThreads).Elapsed.TotalSeconds),
                ("process", Process),
                ("first call", () => double.Parse(RunShell(input, context).Output, CultureInfo.InvariantCulture)),
                ("scan", () => Scan(preprocessor, timings)),
            ];
            var theirTimings = new List<IReadOnlyList<StepTiming>>();
            if (theirs is not null)
            {
                sides.Add(("SimpleITK", () => Scan(theirs, theirTimings)));
            }

            var times = Alternating.Measure(context.Runs, [.. sides]);
            var peers = new Samples("ITK and elastix", times[0].Values.Zip(times[1].Values, (a, b) => a + b).ToArray());
            string[] cells =
            [
                input.Name,
                times[0].DescribeTime(),
                times[1].DescribeTime(),
                times[2].DescribeTime(),
                times[2].RatioOf(peers).Describe(Figures.Ratio),
                times[3].DescribeTime(),
                times[3].RatioOf(peers).Describe(Figures.Ratio),
                times[4].DescribeTime(),
                times[4].RatioOf(peers).Describe(Figures.Ratio),
                Figures.Megabytes(peak),
            ];
            table.Row(theirs is null ? cells : [.. cells, times[5].DescribeTime(), times[4].RatioOf(times[5]).Describe(Figures.Ratio)]);
            steps.Add($"{input.Name}: {string.Join(", ", Steps(timings))}.");
            if (theirs is not null)
            {
                steps.Add($"With {simpleItk}: {string.Join(", ", Steps(theirTimings))}.");
            }
        }

        context.Say(table);
        context.Say($"""
            Whole processes, from start to exit, each with {context.Work.MaxThreads} threads: the ITK driver (reads, N4 at shrink factor 4 within
            the head as Otsu's threshold finds it, since the brain of a raw head is not known, writes the field), elastix (reads, registers to
            Colin27, resamples, writes), and pwsh running `Import-MriVolume … | Invoke-MriPreprocess`. "First call" is what that pipeline takes by
            its own clock, once pwsh has started, and "each further scan" what a scan takes in a process that has done some. "Times as fast" is
            against the sum of the two peers. The first run of each is not counted.
            """.ReplaceLineEndings("\n"));
        context.Say(simpleItk is null
            ? $"SimpleITK is left out: it is not installed (`Get-MriEngine` says how it is, and {SimpleItkSearch.Variable} names its folder)."
            : $"`-Engine SimpleITK` is {simpleItk}, in a running process. \"Times as slow\" is against each scan by the built-in engine.");
        context.Say("Median of each step within a running process. " + string.Join(' ', steps));
    }

    private static void CompareThroughput(Input[] inputs, Preprocessor preprocessor, BenchmarkContext context)
    {
        var scans = Enumerable.Repeat(inputs, ScansOfEachKind).SelectMany(i => i).Select(i => i.Scan).ToList();

        // One scan at a time goes to whoever is free, as in the cmdlet: ranges handed out beforehand would leave a worker idle at the end.
        void Process(int atOnce, int threads) => Parallel.ForEach(
            Partitioner.Create(scans, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, scan =>
                preprocessor.Process(scan, null, new(threads, CancellationToken.None)));

        var times = Alternating.Time(
            context.Runs,
            ("one at a time, one thread", () => Process(1, 1)),
            ("one at a time, two threads", () => Process(1, 2)),
            ("two at a time, one thread each", () => Process(2, 1)));
        var table = new MarkdownTable("scans", "seconds a scan", "throughput");
        foreach (var time in times)
        {
            table.Row(
                time.Name,
                new Samples(time.Name, time.Values.Select(t => t / scans.Count).ToArray()).DescribeTime(),
                time.RatioOf(times[0]).Describe(Figures.Ratio));
        }

        context.Say(table);
        context.Say("Throughput is relative to one scan at a time on one thread, both heads in turn, in a process that is running.");
    }

    private static IEnumerable<string> Steps(List<IReadOnlyList<StepTiming>> timings) => timings[0].Select((step, i) =>
    {
        var median = new Samples(step.Step, timings.Skip(1).Select(run => run[i].Duration.TotalSeconds).ToArray()).Median;
        return $"{step.Step} {Figures.Time(median)}";
    });

    private static ChildRun RunItk(Input input, BenchmarkContext context) => ItkDriver.Run(
        "n4", "--input", input.File, "--field", context.Scratch("field.nii"), "--threads", context.Option("threads"));

    private static ChildRun RunShell(Input input, BenchmarkContext context) => Child.Run(
        Pwsh.Value,
        [
            "-NoProfile",
            "-Command",
            $"Import-Module '{BenchmarkContext.InRepository(Module)}'; $w = [Diagnostics.Stopwatch]::StartNew(); $r = Import-MriVolume -LiteralPath "
                + $"'{input.File}' | Invoke-MriPreprocess; if ($null -eq $r) {{ throw 'no result' }}; "
                + "[Console]::Write($w.Elapsed.TotalSeconds.ToString([cultureinfo]::InvariantCulture))",
        ],
        ("DOTNET_PROCESSOR_COUNT", context.Work.MaxThreads.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A raw head in a file.</summary>
    private sealed record Input(string Name, string File)
    {
        public MriVolume Scan { get; } = new(new ScanIdentity(Name), new FileVoxelSource(VolumeFormats.ReadHeader(File), new()));

        public static Input Colin27() => new("Colin27, 181x217x181", Colin27Files.Head);

        // The head in the middle of a grid of the usual size of a sagittal MPRAGE.
        public static Input Padded(BenchmarkContext context)
        {
            var size = new GridSize(256, 256, 180);
            var head = context.Scratch("padded.nii.gz");
            VolumeWriter.Write(head, Pad(Colin27Files.Read(Colin27Files.Head), size), VolumeDataType.Int16);
            return new("padded, 256x256x180", head);
        }

        private static Volume Pad(Volume volume, GridSize size)
        {
            var from = volume.Size;
            var (x0, y0, z0) = ((size.X - from.X) / 2, (size.Y - from.Y) / 2, (size.Z - from.Z) / 2);
            var voxels = new float[size.Count];
            for (var z = 0; z < Math.Min(size.Z, from.Z); z++)
            {
                for (var y = 0; y < from.Y; y++)
                {
                    volume.Voxels.AsSpan(from.IndexOf(0, y, z), from.X).CopyTo(voxels.AsSpan(size.IndexOf(x0, y + y0, z + z0)));
                }
            }

            return new(new(size, volume.Geometry.VoxelToWorld * Affine.FromTranslation(-x0, -y0, -z0)), voxels);
        }
    }
}
