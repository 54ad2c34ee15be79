using MathNet.Numerics;
using MathNet.Numerics.Statistics;

namespace MriLink.Core.Linkage;

/// <summary>A few scans on either side nearly all of whose pairs score more than others do, as those of a small site are.</summary>
/// <param name="Rows">The scans on the probes' side.</param>
/// <param name="Columns">The scans in the gallery.</param>
/// <param name="Effect">The median of their pairs that are not thought to be one person.</param>
/// <remarks>
/// They are too few to stand out from the noise of a whole matrix (<see cref="GroupEffects"/>), and are looked for pair by pair instead: from
/// the high pairs of one row, the rows that share half of those columns, the columns that share half of those rows, and so on until
/// nothing changes. What remains is a group when so many high pairs among so many are rarer than one in a thousand for any choice of rows and
/// columns (the union bound over the choices and over which pairs are high), given how often these scans have high pairs with others.
/// </remarks>
internal sealed record DenseGroup(int[] Rows, int[] Columns, double Effect)
{
    // In robust deviations; one stranger in a thousand is so high.
    private const double High = 3;
    private const int FewestLabels = 3;
    private const int MostRounds = 20;
    private static readonly double Rare = Math.Log(1e-3);

    /// <summary>Whether a column, which need not be one of those that groups were found in, belongs to the group.</summary>
    /// <param name="value">A row's value less the medians.</param>
    /// <param name="deviation">The values' robust deviation.</param>
    public bool Takes(Func<int, double> value, double deviation) => 2 * Rows.Count(i => value(i) > High * deviation) >= Rows.Length;

    /// <summary>Finds all.</summary>
    /// <param name="values">Values less the medians of rows and columns; NaN where there is none.</param>
    /// <param name="deviation">Their robust deviation.</param>
    /// <param name="candidates">Which pairs may be one person, and whose the scans are.</param>
    public static IReadOnlyList<DenseGroup> Find(double[,] values, double deviation, CandidatePairs candidates)
    {
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        HashSet<int>[] ofRow = [.. Enumerable.Range(0, rows).Select(_ => new HashSet<int>())];
        HashSet<int>[] ofColumn = [.. Enumerable.Range(0, columns).Select(_ => new HashSet<int>())];
        var (high, strangers) = (0L, 0L);
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var isHigh = values[i, j] > High * deviation;
                if (isHigh)
                {
                    ofRow[i].Add(j);
                    ofColumn[j].Add(i);
                }

                if (IsStranger(i, j))
                {
                    strangers++;
                    high += isHigh ? 1 : 0;
                }
            }
        }

        var found = new List<DenseGroup>();
        foreach (var seed in Enumerable.Range(0, rows).OrderByDescending(i => ofRow[i].Count).ToArray())
        {
            var (inRows, inColumns) = Grow(seed, ofRow, ofColumn);
            if (inRows.Select(candidates.PersonOfProbe).Distinct().Count() < FewestLabels
                || inColumns.Select(candidates.PersonOfGallery).Distinct().Count() < FewestLabels)
            {
                continue;
            }

            double[] within = [.. inRows.SelectMany(i => inColumns.Where(j => IsStranger(i, j)).Select(j => values[i, j])).Order()];
            var highWithin = within.Count(v => v > High * deviation);
            if (2 * highWithin <= within.Length)
            {
                continue;
            }

            // Poor scans have many high pairs with everybody, so each pair is as likely high as the worse of its scans' other pairs are.
            var usual = (double)high / strangers;
            double[] byRow = [.. inRows.Select(i => ofRow[i].Count(j => IsStranger(i, j) && Array.BinarySearch(inColumns, j) < 0)
                / (columns - inColumns.Length + 1.0))];
            double[] byColumn = [.. inColumns.Select(j => ofColumn[j].Count(i => IsStranger(i, j) && Array.BinarySearch(inRows, i) < 0)
                / (rows - inRows.Length + 1.0))];
            var chance = byRow.Average(r => byColumn.Average(c => Math.Log(Math.Max(usual, Math.Max(r, c)))));
            if (!IsRare((rows, inRows.Length), (columns, inColumns.Length), (within.Length, highWithin), chance))
            {
                continue;
            }

            found.Add(new(inRows, inColumns, SortedArrayStatistics.Median(within)));
            Array.ForEach(inRows, i => ofRow[i].ExceptWith(inColumns));
            Array.ForEach(inColumns, j => ofColumn[j].ExceptWith(inRows));
        }

        return found;

        bool IsStranger(int i, int j) => !double.IsNaN(values[i, j]) && !candidates.OfProbe(i, j);
    }

    private static (int[] Rows, int[] Columns) Grow(int seed, HashSet<int>[] ofRow, HashSet<int>[] ofColumn)
    {
        int[] rows = [];
        int[] columns = [.. ofRow[seed].Order()];
        for (var round = 0; round < MostRounds && columns.Length >= FewestLabels; round++)
        {
            int[] nextRows = Sharing(columns, ofColumn);
            int[] nextColumns = Sharing(nextRows, ofRow);
            if (nextRows.SequenceEqual(rows) && nextColumns.SequenceEqual(columns))
            {
                break;
            }

            (rows, columns) = (nextRows, nextColumns);
        }

        return (rows, columns);
    }

    // Those of the other side that at least half of these have high pairs with.
    private static int[] Sharing(int[] those, HashSet<int>[] partners)
    {
        var counts = new Dictionary<int, int>();
        foreach (var partner in those.SelectMany(one => partners[one]))
        {
            counts[partner] = counts.GetValueOrDefault(partner) + 1;
        }

        return [.. counts.Where(c => 2 * c.Value >= those.Length).Select(c => c.Key).Order()];
    }

    // The logarithm of how many choices there are, times how likely one of them is so by chance.
    private static bool IsRare((int All, int Chosen) rows, (int All, int Chosen) columns, (int All, int High) pairs, double chance) =>
        SpecialFunctions.BinomialLn(rows.All, rows.Chosen) + SpecialFunctions.BinomialLn(columns.All, columns.Chosen)
            + SpecialFunctions.BinomialLn(pairs.All, pairs.High) + (pairs.High * chance) < Rare;
}
