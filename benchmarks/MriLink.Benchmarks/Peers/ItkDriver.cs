using System.Globalization;
using MriLink.Benchmarks.Measuring;
using MriLink.Core.Volumes;
using MriLink.SimpleItk;

namespace MriLink.Benchmarks.Peers;

/// <summary>The small program over ITK in <c>benchmarks/itk</c>.</summary>
internal static class ItkDriver
{
    private const string Build = "apt-get install libinsighttoolkit5-dev cmake g++ && cmake -S benchmarks/itk -B out/itk && cmake --build out/itk";

    private static string Program { get; } = BenchmarkContext.InRepository("out/itk/mrilink-itk");

    /// <summary>The program as what a benchmark needs.</summary>
    public static Peer Peer { get; } = new("the ITK driver", Build, () => File.Exists(Program));

    /// <summary>Runs a subcommand.</summary>
    public static ChildRun Run(string command, params string[] options) => Child.Run(Program, [command, .. options]);

    /// <summary>The seconds that the driver printed for a step: its own clock, without starting and reading files.</summary>
    public static double Seconds(ChildRun run, string step) => double.Parse(
        run.Output.Split('\n').Single(line => line.StartsWith(step + " ", StringComparison.Ordinal))[(step.Length + 1)..],
        CultureInfo.InvariantCulture);

    /// <summary>The map from fixed to moving world (RAS mm) that the subcommand <c>affine</c> printed.</summary>
    public static Affine ReadMap(ChildRun run) => LpsSpace.Other(Affine.FromRows([.. run.Output.Split('\n')
        .Where(line => line.StartsWith("row ", StringComparison.Ordinal))
        .SelectMany(line => line.Split(' ')[1..])
        .Select(text => double.Parse(text, CultureInfo.InvariantCulture))]));
}
