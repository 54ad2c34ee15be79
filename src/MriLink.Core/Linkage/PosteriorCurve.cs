using System.Runtime.InteropServices;

namespace MriLink.Core.Linkage;

/// <summary>The probability of one person as a function of a comparable score: Bayes' rule on two densities, made to rise.</summary>
/// <remarks>
/// Each density is mixed with a uniform one over the whole range that weighs as much as one more pair. A sample of a hundred pairs does not
/// show that a score cannot happen, only that it happens less than about once in a hundred. Far out, where the wider kernel would win
/// whatever the score says, the curve is carried on level.
/// </remarks>
internal sealed class PosteriorCurve
{
    private const int Points = 1024;

    // Beyond this many kernel widths from the outermost value a kernel says nothing more.
    private const double Reach = 4;

    private readonly double _low;
    private readonly double _step;
    private readonly double[] _logOdds;

    /// <summary>Tabulates the curve.</summary>
    /// <param name="genuine">Density of genuine scores.</param>
    /// <param name="impostor">Density of impostor scores.</param>
    /// <param name="prior">Probability of one person before the score is known.</param>
    /// <param name="crossing">A score between the two samples, from which the curve is made to rise both ways.</param>
    public PosteriorCurve(ScoreDensity genuine, ScoreDensity impostor, double prior, double crossing)
    {
        _low = Math.Min(genuine.Low - (Reach * genuine.Width), impostor.Low - (Reach * impostor.Width));
        var high = Math.Max(genuine.High + (Reach * genuine.Width), impostor.High + (Reach * impostor.Width));
        _step = (high - _low) / (Points - 1);
        var logUniform = -Math.Log(high - _low);
        var logPrior = Math.Log(prior / (1 - prior));
        _logOdds = new double[Points];
        for (var i = 0; i < Points; i++)
        {
            var x = _low + (i * _step);
            _logOdds[i] = logPrior + Mixed(genuine, x) - Mixed(impostor, x);
        }

        var middle = Math.Clamp((int)((crossing - _low) / _step), 0, Points - 1);
        for (var i = middle + 1; i < Points; i++)
        {
            _logOdds[i] = Math.Max(_logOdds[i], _logOdds[i - 1]);
        }

        for (var i = middle - 1; i >= 0; i--)
        {
            _logOdds[i] = Math.Min(_logOdds[i], _logOdds[i + 1]);
        }

        double Mixed(ScoreDensity density, double x)
        {
            var (a, b) = (density.Log(x) + Math.Log(density.Count / (density.Count + 1.0)), logUniform - Math.Log(density.Count + 1.0));
            var top = Math.Max(a, b);
            return top + Math.Log(Math.Exp(a - top) + Math.Exp(b - top));
        }
    }

    private PosteriorCurve(double low, double step, double[] logOdds) => (_low, _step, _logOdds) = (low, step, logOdds);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static PosteriorCurve Parse(string text)
    {
        var numbers = MemoryMarshal.Cast<byte, double>(Convert.FromBase64String(text));
        return numbers.Length == Points + 2 && numbers[1] > 0
            ? new(numbers[0], numbers[1], numbers[2..].ToArray())
            : throw new FormatException("It is no curve of probabilities.");
    }

    /// <summary>The curve as text: its beginning, its step and its points, eight bytes each, little end first, in base 64.</summary>
    public override string ToString() => Convert.ToBase64String(MemoryMarshal.AsBytes<double>((double[])[_low, _step, .. _logOdds]));

    /// <summary>The probability at a comparable score.</summary>
    public double At(double value)
    {
        var position = Math.Clamp((value - _low) / _step, 0, Points - 1);
        var below = Math.Min((int)position, Points - 2);
        var odds = _logOdds[below] + ((position - below) * (_logOdds[below + 1] - _logOdds[below]));
        return 1 / (1 + Math.Exp(-odds));
    }
}
