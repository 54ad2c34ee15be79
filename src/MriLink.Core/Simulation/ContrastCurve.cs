using MriLink.Core.Basics;

namespace MriLink.Core.Simulation;

/// <summary>
/// A monotone map of intensities relative to white matter: what another protocol makes of the tissues. 0 stays 0 and white matter stays 1.
/// </summary>
internal sealed class ContrastCurve
{
    // Between the tissues of a T1-weighted scan: CSF about 0.35, grey matter 0.75, white matter 1, fat above.
    private static readonly double[] Knots = [0, 0.2, 0.4, 0.55, 0.7, 0.85, 1, 1.5, 2.5, 4];
    private const int Steps = 1024;
    private const int BrightSteps = 4;

    // At full strength the contrast between neighbouring tissues varies by a factor of about two either way.
    private const double LargestLogSlope = 0.7;
    private readonly float[] _table;
    private readonly float _scale;

    public ContrastCurve(double strength, double gamma, long scannerSeed)
    {
        _table = new float[Steps + 2];
        _scale = Steps / (float)Knots[^1];
        var random = RandomStream.For(scannerSeed, SeedUse.Contrast);
        var values = new double[Knots.Length];
        for (var i = 1; i < Knots.Length; i++)
        {
            values[i] = values[i - 1] + ((Knots[i] - Knots[i - 1]) * Math.Exp(strength * random.Uniform(-LargestLogSlope, LargestLogSlope)));
        }

        var white = values[Array.IndexOf(Knots, 1)];
        var segment = 0;
        for (var i = 0; i < _table.Length; i++)
        {
            var t = Math.Pow(Math.Min(i * Knots[^1] / Steps, Knots[^1]) / Knots[^1], gamma) * Math.Pow(Knots[^1], gamma);
            t = Math.Min(t, Knots[^1]);
            while (segment < Knots.Length - 2 && t > Knots[segment + 1])
            {
                segment++;
            }

            var part = (t - Knots[segment]) / (Knots[segment + 1] - Knots[segment]);
            _table[i] = (float)((values[segment] + (part * (values[segment + 1] - values[segment]))) / white);
        }
    }

    private ContrastCurve(double gamma)
    {
        _scale = Steps / (float)Knots[^1];
        _table = new float[(BrightSteps * Steps) + 2];
        for (var i = 0; i < _table.Length; i++)
        {
            _table[i] = (float)Math.Pow(i / (double)_scale, gamma);
        }
    }

    /// <summary>The power alone, also of what is much brighter than white matter: fluid in a T2-weighted scan. Saturated from 16 on.</summary>
    public static ContrastCurve Power(double gamma) => new(gamma);

    /// <summary>Maps an intensity relative to white matter; from 4 on it is saturated.</summary>
    public float Apply(float relative)
    {
        var position = Math.Clamp(relative * _scale, 0, _table.Length - 2);
        var i = (int)position;
        return _table[i] + ((_table[i + 1] - _table[i]) * (position - i));
    }
}
