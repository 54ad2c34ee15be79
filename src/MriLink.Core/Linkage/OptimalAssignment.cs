namespace MriLink.Core.Linkage;

/// <summary>
/// Pairs rows with columns, each at most once, so that the sum over pairs is largest: shortest augmenting paths with potentials
/// (Jonker and Volgenant 1987, Computing 38:325, in the form of Crouse 2016, IEEE Trans Aerosp Electron Syst 52:1679).
/// </summary>
/// <remarks>Cubic in the smaller side: a second for 1000 × 1000. No library on offer has it without native code of tens of megabytes.</remarks>
internal static class OptimalAssignment
{
    /// <summary>The column of each row, −1 for rows that get none: there are more rows than columns, or all that is left is forbidden.</summary>
    /// <param name="values">Larger is better; NaN forbids a pair, and as many pairs as possible are made of the others.</param>
    /// <param name="cancellationToken">Obeyed once per row.</param>
    public static int[] Maximize(double[,] values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var (rows, columns) = (values.GetLength(0), values.GetLength(1));
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            (low, high) = double.IsNaN(value) ? (low, high) : (Math.Min(low, value), Math.Max(high, value));
        }

        var assigned = new int[rows];
        Array.Fill(assigned, -1);
        if (low > high)
        {
            return assigned;
        }

        // One forbidden pair costs more than all others can bring together.
        var forbidden = (high - low + 1) * (Math.Min(rows, columns) + 1);
        double Cost(int row, int column) => double.IsNaN(values[row, column]) ? forbidden : high - values[row, column];
        var rowOfColumn = rows <= columns
            ? Solve(rows, columns, Cost, cancellationToken)
            : Solve(columns, rows, (column, row) => Cost(row, column), cancellationToken);
        for (var at = 0; at < rowOfColumn.Length; at++)
        {
            if (rowOfColumn[at] >= 0)
            {
                var (row, column) = rows <= columns ? (rowOfColumn[at], at) : (at, rowOfColumn[at]);
                assigned[row] = double.IsNaN(values[row, column]) ? -1 : column;
            }
        }

        return assigned;
    }

    // At most as many rows as columns. Gives the row of each column.
    private static int[] Solve(int rows, int columns, Func<int, int, double> cost, CancellationToken cancellationToken)
    {
        var rowPotential = new double[rows];
        var columnPotential = new double[columns];
        var rowOf = new int[columns];
        Array.Fill(rowOf, -1);
        var columnOf = new int[rows];
        Array.Fill(columnOf, -1);
        var shortest = new double[columns];
        var previous = new int[columns];
        var columnDone = new bool[columns];
        var rowDone = new bool[rows];
        for (var start = 0; start < rows; start++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Fill(shortest, double.PositiveInfinity);
            Array.Clear(columnDone);
            Array.Clear(rowDone);
            var (row, length, sink) = (start, 0.0, -1);
            while (sink < 0)
            {
                rowDone[row] = true;
                var (next, nearest) = (-1, double.PositiveInfinity);
                for (var column = 0; column < columns; column++)
                {
                    if (columnDone[column])
                    {
                        continue;
                    }

                    var path = length + cost(row, column) - rowPotential[row] - columnPotential[column];
                    if (path < shortest[column])
                    {
                        (shortest[column], previous[column]) = (path, row);
                    }

                    // Among equals a free column ends the search.
                    if (shortest[column] < nearest || (shortest[column] <= nearest && rowOf[column] < 0))
                    {
                        (next, nearest) = (column, shortest[column]);
                    }
                }

                length = nearest;
                columnDone[next] = true;
                (sink, row) = rowOf[next] < 0 ? (next, row) : (-1, rowOf[next]);
            }

            rowPotential[start] += length;
            for (var other = 0; other < rows; other++)
            {
                if (rowDone[other] && other != start)
                {
                    rowPotential[other] += length - shortest[columnOf[other]];
                }
            }

            for (var column = 0; column < columns; column++)
            {
                columnPotential[column] -= columnDone[column] ? length - shortest[column] : 0;
            }

            for (var column = sink; ;)
            {
                var owner = previous[column];
                rowOf[column] = owner;
                (column, columnOf[owner]) = (columnOf[owner], column);
                if (owner == start)
                {
                    break;
                }
            }
        }

        return rowOf;
    }
}
