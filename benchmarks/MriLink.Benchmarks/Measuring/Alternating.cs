using System.Diagnostics;

namespace MriLink.Benchmarks.Measuring;

/// <summary>Times several sides in turn, so that whatever else the machine does touches all of them alike.</summary>
internal static class Alternating
{
    /// <summary>Runs each side once unmeasured (files come into memory, code is compiled), then all of them in turn.</summary>
    /// <param name="runs">Rounds that count.</param>
    /// <param name="sides">Name and work of each side.</param>
    /// <returns>Wall seconds of each side, in the order given.</returns>
    public static IReadOnlyList<Samples> Time(int runs, params (string Name, Action Work)[] sides) =>
        Measure(runs, sides.Select(side => (side.Name, (Func<double>)(() =>
        {
            var watch = Stopwatch.StartNew();
            side.Work();
            return watch.Elapsed.TotalSeconds;
        }))).ToArray());

    /// <summary>The same for sides that measure themselves.</summary>
    /// <param name="runs">Rounds that count.</param>
    /// <param name="sides">Name of each side, and its work, which returns the figure.</param>
    public static IReadOnlyList<Samples> Measure(int runs, params (string Name, Func<double> Work)[] sides)
    {
        var values = sides.Select(_ => new double[runs]).ToArray();
        for (var run = -1; run < runs; run++)
        {
            for (var side = 0; side < sides.Length; side++)
            {
                var value = sides[side].Work();
                if (run >= 0)
                {
                    values[side][run] = value;
                }
            }
        }

        return sides.Select((side, i) => new Samples(side.Name, values[i])).ToList();
    }
}
