using MriLink.Benchmarks.Reporting;

namespace MriLink.Benchmarks.Measuring;

/// <summary>Repeated measurements of one thing.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Values">One value for each run, in the order of the runs; seconds where times are meant.</param>
internal sealed record Samples(string Name, IReadOnlyList<double> Values)
{
    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public double Median
    {
        get
        {
            var sorted = Values.Order().ToArray();
            return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
        }
    }

    /// <summary>The smallest value.</summary>
    public double Min => Values.Min();

    /// <summary>The largest value.</summary>
    public double Max => Values.Max();

    /// <summary>
    /// How many times as large the other's values are: the median of the ratios run by run, so that a slow moment of the machine counts to both.
    /// </summary>
    public Samples RatioOf(Samples other) => new($"{other.Name} / {Name}", other.Values.Zip(Values, (theirs, ours) => theirs / ours).ToArray());

    /// <summary>"median (min–max)".</summary>
    public string Describe(Func<double, string> format) => $"{format(Median)} ({format(Min)}–{format(Max)})";

    /// <summary>"median (min–max)" of times in seconds.</summary>
    public string DescribeTime() => Describe(Figures.Time);
}
