using System.Globalization;

namespace MriLink.Fuzz;

/// <summary>
/// A bounded run of fixed seeds. For a long one set MRILINK_FUZZ_INPUTS to the number of inputs for each format and MRILINK_FUZZ_SEED to
/// another seed, MRILINK_FUZZ_FORMAT to a format to have it alone, and MRILINK_FUZZ_FIRST to the number of an input to begin with it:
/// <code>MRILINK_FUZZ_INPUTS=1000000 dotnet run -c Release --project tests/Fuzz -- -showliveoutput</code>
/// </summary>
public sealed class ReaderFuzzTests(ITestOutputHelper output)
{
    private const long BoundedInputs = 1500;

    // A run that finds this many problems has found enough.
    private const int MostProblems = 10;

    public static TheoryData<string> Formats =>
        [.. SeedCorpus.Formats.Where(format => (Environment.GetEnvironmentVariable("MRILINK_FUZZ_FORMAT") ?? format) == format)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_damaged_file_does_harm(string format)
    {
        using var run = new FuzzRun(format, (int)Number("MRILINK_FUZZ_SEED", 1));
        var problems = run.CheckSeeds().ToList();
        var inputs = Number("MRILINK_FUZZ_INPUTS", BoundedInputs);
        var first = Number("MRILINK_FUZZ_FIRST", 0);
        for (var i = 0L; i < inputs && problems.Count < MostProblems; i++)
        {
            if (run.Try(first + i) is { } problem)
            {
                problems.Add(problem);
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{format}: {inputs} inputs, {run.Accepted} volumes read, {run.Refused} refusals, slowest {run.Slowest.TotalMilliseconds:0} ms, most "
                + $"memory beyond voxels {run.MostAllocated / 1e6:0.0} MB"));
        Assert.True(problems.Count == 0, string.Join(Environment.NewLine, problems));

        // Damage that is always refused, or never, would try one path only.
        Assert.InRange(run.Accepted, inputs / 100, inputs + 1000);
        Assert.InRange(run.Refused, inputs / 100, long.MaxValue);
    }

    private static long Number(string variable, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
