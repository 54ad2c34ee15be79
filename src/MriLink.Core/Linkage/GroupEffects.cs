using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace MriLink.Core.Linkage;

/// <summary>
/// What pairs score more or less because of the groups that both scans are of, on top of how each scan scores with everybody: strangers of one
/// site, or of one contrast, are more alike than strangers of two.
/// </summary>
/// <remarks>
/// <para>
/// Nobody has to name the groups. Of the values less their row's and column's medians the product of a number per row and a number per column
/// is taken that explains most (the leading singular vectors), again and again, as long as it stands out from what independent values have
/// (Marchenko and Pastur 1967: σ(√rows + √columns), and more where people have several scans). Values count up to three deviations; larger
/// effects are found in several steps. Groups too small for that, or too far out, are taken off before
/// (<see cref="DenseGroup"/>).
/// </para>
/// <para>
/// Scans of one person under several labels are a group too, and one that is looked for. A small group that lies out as links do, by more than
/// seven deviations, is therefore not levelled: nobody can tell from scores alone whether it is one person. Its pairs are no strangers to learn
/// from, so that they take nobody else's links away, and links among them are remarked upon. Of what is left, pairs that lie out by more than
/// five deviations do not count, no pair is moved by more than that, and an effect must be shared by ten rows and ten columns at least (the
/// inverse of the sum of fourth powers).
/// </para>
/// </remarks>
internal sealed class GroupEffects
{
    private const int FewestScans = 10;
    private const double Clip = 3;
    private const double Most = 5;

    // Rows of uneven quality have values up to half as large again as their edge.
    private const double Margin = 1.5;
    private const int MostSteps = 12;
    private const int Iterations = 40;
    private const double Settled = 1e-3;

    // Strangers of one real site have been up to three deviations more alike than those of two, scans of one person ten and more.
    private const double LikePeople = 7;

    private readonly List<double[]> _directions = [];
    private readonly List<DenseGroup> _dense = [];
    private readonly List<DenseGroup> _asPeople = [];
    private readonly int _rows;
    private readonly double _deviation;

    private GroupEffects(int rows, double deviation) => (_rows, _deviation) = (rows, deviation);

    /// <summary>Finds the effects; null when there are none, or too few scans to tell.</summary>
    /// <param name="values">Values less the medians of rows and columns; NaN where there is none.</param>
    /// <param name="candidates">Whose scans they are of: scans of one person are alike, so that independent values are fewer.</param>
    public static GroupEffects? Find(double[,] values, CandidatePairs candidates)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        if (rows < FewestScans || columns < FewestScans)
        {
            return null;
        }

        double[] sorted = [.. values.Cast<double>().Where(v => !double.IsNaN(v)).Order()];
        var found = new GroupEffects(rows, sorted.Length == 0 ? 0 : Bandwidth.RobustDeviation(sorted, SortedArrayStatistics.Median(sorted)));
        var (perRow, perColumn) = (rows / (double)candidates.ProbePeople, columns / (double)candidates.GalleryPeople);
        var edge = Margin * found._deviation * (Math.Sqrt(perColumn * rows) + Math.Sqrt(perRow * columns));
        if (!(edge > 0))
        {
            return null;
        }

        values = found.WithoutDense(values, candidates);
        var effects = new double[rows, columns];
        var rest = new double[rows, columns];
        while (rows >= 2 * FewestScans && columns >= 2 * FewestScans && found._directions.Count < MostSteps)
        {
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    rest[i, j] = found.Clipped(values[i, j] - effects[i, j]);
                }
            }

            var (ofRows, ofColumns, size) = Leading(rest);
            if (size < edge || Shared(ofRows) < FewestScans || Shared(ofColumns) < FewestScans)
            {
                break;
            }

            found._directions.Add(ofRows);
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    effects[i, j] = found.Limited(effects[i, j] + (size * ofRows[i] * ofColumns[j]));
                }
            }
        }

        return found.Levels || found._asPeople.Count > 0 ? found : null;
    }

    /// <summary>
    /// The rows that have, with this column, a pair of a few scans that are all as alike as links are: no strangers to learn from.
    /// </summary>
    /// <param name="value">A row's value less the medians.</param>
    public IEnumerable<int> AsOnePerson(Func<int, double> value) =>
        _asPeople.Where(group => group.Takes(value, _deviation)).SelectMany(group => group.Rows);

    /// <summary>Whether there is any effect to take off.</summary>
    public bool Levels => _directions.Count + _dense.Count > 0;

    /// <summary>The effects on a column's values, which need not be one of those that groups were found in.</summary>
    /// <param name="value">A row's value less the medians.</param>
    public double[] OfColumn(Func<int, double> value)
    {
        var dense = new double[_rows];
        foreach (var group in _dense.Where(group => group.Takes(value, _deviation)))
        {
            Array.ForEach(group.Rows, i => dense[i] += group.Effect);
        }

        var effects = new double[_rows];
        foreach (var direction in _directions)
        {
            double along = 0;
            for (var i = 0; i < effects.Length; i++)
            {
                along += direction[i] * Clipped(value(i) - dense[i] - effects[i]);
            }

            for (var i = 0; i < effects.Length; i++)
            {
                effects[i] = Limited(effects[i] + (along * direction[i]));
            }
        }

        return [.. effects.Zip(dense, (a, b) => a + b)];
    }

    // The values with small groups levelled.
    private double[,] WithoutDense(double[,] values, CandidatePairs candidates)
    {
        var result = (double[,])values.Clone();
        foreach (var group in DenseGroup.Find(values, _deviation, candidates))
        {
            var isSmall = Math.Min(group.Rows.Length, group.Columns.Length) < FewestScans;
            if (isSmall && group.Effect > LikePeople * _deviation)
            {
                _asPeople.Add(group);
                continue;
            }

            if (!isSmall && group.Effect <= Most * _deviation)
            {
                continue;
            }

            _dense.Add(group);
            foreach (var i in group.Rows)
            {
                Array.ForEach(group.Columns, j => result[i, j] -= group.Effect);
            }
        }

        return result;
    }

    private double Clipped(double value) =>
        double.IsNaN(value) || Math.Abs(value) > Most * _deviation ? 0 : Math.Clamp(value, -Clip * _deviation, Clip * _deviation);

    private double Limited(double effect) => Math.Clamp(effect, -Most * _deviation, Most * _deviation);

    // How many entries of a vector of unit length matter.
    private static double Shared(double[] vector) => 1 / vector.Sum(v => v * v * v * v);

    // The first singular value and its vectors, by iteration from a drawn start until it stays.
    private static (double[] Rows, double[] Columns, double Size) Leading(double[,] values)
    {
        var (ofRows, ofColumns) = (new double[values.GetLength(0)], new double[values.GetLength(1)]);
        var (size, before) = (0.0, 0.0);
        var random = new MersenneTwister(1);
        for (var j = 0; j < ofColumns.Length; j++)
        {
            ofColumns[j] = random.NextDouble() - 0.5;
        }

        for (var iteration = 0; iteration == 0 || (iteration < Iterations && size - before > Settled * size); iteration++)
        {
            before = size;
            Array.Clear(ofRows);
            for (var i = 0; i < ofRows.Length; i++)
            {
                for (var j = 0; j < ofColumns.Length; j++)
                {
                    ofRows[i] += values[i, j] * ofColumns[j];
                }
            }

            Normalize(ofRows);
            Array.Clear(ofColumns);
            for (var i = 0; i < ofRows.Length; i++)
            {
                for (var j = 0; j < ofColumns.Length; j++)
                {
                    ofColumns[j] += values[i, j] * ofRows[i];
                }
            }

            size = Normalize(ofColumns);
        }

        return (ofRows, ofColumns, size);
    }

    private static double Normalize(double[] vector)
    {
        var length = Math.Sqrt(vector.Sum(v => v * v));
        for (var i = 0; i < vector.Length && length > 0; i++)
        {
            vector[i] /= length;
        }

        return length;
    }
}
