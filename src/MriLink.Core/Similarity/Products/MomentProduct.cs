using MriLink.Core.Basics;

namespace MriLink.Core.Similarity.Products;

/// <summary>
/// The joint moments of every volume of one set with every volume of another as one matrix product, and where masks differ a few
/// corrections to it (see <see cref="PanelBlock"/>): exactly the sums over the voxels in both masks.
/// </summary>
/// <remarks>
/// Memory beyond the volumes themselves: 8 bytes per pair, 52 where masks differ, and 64 KB to 128 KB per 16 volumes. Sets larger than
/// <see cref="Most"/> are multiplied part by part.
/// </remarks>
internal sealed class MomentProduct
{
    /// <summary>The largest set that is multiplied at once: its sums take 56 MB at most, and packing it 2 ‰ of the work.</summary>
    public const int Most = 1024;

    // One piece of work for a thread is about a millisecond long: so many panels of either side.
    private const int PanelsOfRows = 4;
    private const int PanelsOfColumns = 32;
    private readonly VoxelUnion _union;
    private readonly PanelBlock _rows;
    private readonly PanelBlock _columns;
    private readonly PanelKernel.Instructions _instructions;
    private readonly double[] _products;
    private readonly Corrections _missing;
    private readonly Corrections _added;

    private MomentProduct(VoxelUnion union, PanelBlock rows, PanelBlock columns, PanelKernel.Instructions instructions)
    {
        _union = union;
        _rows = rows;
        _columns = columns;
        _instructions = instructions;
        var size = rows.PanelCount * columns.PanelCount * PanelKernel.Tile;
        _products = new double[size];
        _missing = new(union.IsOneMask ? 0 : size, ofProducts: 0);
        _added = new(union.IsOneMask ? 0 : size, ofProducts: union.IsOneMask ? 0 : size);
    }

    /// <summary>Computes the moments of some rows with some columns.</summary>
    /// <param name="union">The voxels of <paramref name="columns"/>.</param>
    /// <param name="rows">Volumes.</param>
    /// <param name="rowRange">Which of them: <see cref="Most"/> or fewer.</param>
    /// <param name="columns">Volumes; the same list and range where a set is multiplied with itself: then only pairs with row ≤ column are
    /// known.</param>
    /// <param name="columnRange">Which of them: <see cref="Most"/> or fewer.</param>
    /// <param name="source">What of each volume enters.</param>
    /// <param name="instructions">Which instructions to use.</param>
    /// <param name="work">Threads and cancellation; sums do not depend on the number of threads.</param>
    /// <param name="blockDone">Called after each block, or null.</param>
    public static MomentProduct Compute(
        VoxelUnion union,
        IReadOnlyList<PreparedVolume> rows,
        (int First, int Count) rowRange,
        IReadOnlyList<PreparedVolume> columns,
        (int First, int Count) columnRange,
        ProductSource source,
        PanelKernel.Instructions instructions,
        WorkOptions work,
        Action? blockDone = null)
    {
        var left = new PanelBlock(rows, rowRange.First, rowRange.Count, union, source);
        var isSelf = ReferenceEquals(rows, columns) && rowRange == columnRange;
        var right = isSelf ? left : new PanelBlock(columns, columnRange.First, columnRange.Count, union, source);
        var product = new MomentProduct(union, left, right, instructions);
        var pieces = product.Pieces(isSelf);
        var panels = left.PanelCount + (isSelf ? 0 : right.PanelCount);
        for (var block = 0; block < union.BlockCount; block++)
        {
            work.ForBlocks(panels, panel =>
            {
                if (panel < left.PanelCount)
                {
                    left.Pack(panel, block);
                }
                else
                {
                    right.Pack(panel - left.PanelCount, block);
                }
            });
            var depth = union.Length(block);
            var isUsual = block < union.UsualBlockCount;
            work.ForBlocks(pieces.Count, piece => product.Multiply(pieces[piece], isSelf, isUsual, depth));
            blockDone?.Invoke();
        }

        return product;
    }

    /// <summary>The moments of a pair over its joint mask, of values as the source standardises them.</summary>
    public JointMoments this[int row, int column]
    {
        get
        {
            const int width = PanelKernel.Width;
            var tile = Tile(row / width, column / width);
            var byColumn = tile + (column % width * width) + (row % width);
            if (_union.IsOneMask)
            {
                return new(_union.Count, _rows.Sums[row], _columns.Sums[column], _rows.Squares[row], _columns.Squares[column], _products[byColumn]);
            }

            var byRow = tile + (row % width * width) + (column % width);
            return new(
                _rows.Voxels[row] - _missing.Counts[byColumn] + _added.Counts[byColumn],
                _rows.Sums[row] - _missing.RowSums[byColumn] + _added.RowSums[byColumn],
                _columns.Sums[column] - _missing.ColumnSums[byRow] + _added.ColumnSums[byRow],
                _rows.Squares[row] - _missing.RowSquares[byColumn] + _added.RowSquares[byColumn],
                _columns.Squares[column] - _missing.ColumnSquares[byRow] + _added.ColumnSquares[byRow],
                _products[byColumn] + _added.Products[byColumn]);
        }
    }

    private int Tile(int rowPanel, int columnPanel) => ((rowPanel * _columns.PanelCount) + columnPanel) * PanelKernel.Tile;

    private List<(int RowPanel, int ColumnPanel)> Pieces(bool isSelf)
    {
        var pieces = new List<(int, int)>();
        for (var row = 0; row < _rows.PanelCount; row += PanelsOfRows)
        {
            for (var column = 0; column < _columns.PanelCount; column += PanelsOfColumns)
            {
                if (!isSelf || column + PanelsOfColumns > row)
                {
                    pieces.Add((row, column));
                }
            }
        }

        return pieces;
    }

    private void Multiply((int RowPanel, int ColumnPanel) piece, bool isSelf, bool isUsual, int depth)
    {
        var lastRow = Math.Min(piece.RowPanel + PanelsOfRows, _rows.PanelCount);
        var lastColumn = Math.Min(piece.ColumnPanel + PanelsOfColumns, _columns.PanelCount);
        for (var column = piece.ColumnPanel; column < lastColumn; column++)
        {
            var y = _columns.Values(column);
            for (var row = piece.RowPanel; row < lastRow && (!isSelf || row <= column); row++)
            {
                if (isUsual)
                {
                    PanelKernel.Multiply(_instructions, _rows.Values(row), y, depth, _products.AsSpan(Tile(row, column), PanelKernel.Tile));
                }

                if (!_union.IsOneMask)
                {
                    Correct(row, column, isUsual);
                }
            }
        }
    }

    // Each mask's exceptions, applied to all volumes of the other panel. Few masks have an unusual voxel: there the products are summed
    // one by one as well.
    private void Correct(int rowPanel, int columnPanel, bool isUsual)
    {
        const int width = PanelKernel.Width;
        var tile = Tile(rowPanel, columnPanel);
        var to = isUsual ? _missing : _added;
        var x = _rows.Values(rowPanel);
        var y = _columns.Values(columnPanel);
        var inX = _rows.Members(rowPanel);
        for (var i = 0; i < width; i++)
        {
            var at = tile + (i * width);
            var voxels = _columns.Exceptions((columnPanel * width) + i);
            if (!voxels.IsEmpty)
            {
                PanelKernel.AddVoxels(x, voxels, to.RowSums.AsSpan(at, width), to.RowSquares.AsSpan(at, width));
                PanelKernel.CountVoxels(inX, voxels, to.Counts.AsSpan(at, width));
                if (!isUsual)
                {
                    PanelKernel.AddProducts(x, voxels, y[i..], to.Products.AsSpan(at, width));
                }
            }

            voxels = _rows.Exceptions((rowPanel * width) + i);
            if (!voxels.IsEmpty)
            {
                PanelKernel.AddVoxels(y, voxels, to.ColumnSums.AsSpan(at, width), to.ColumnSquares.AsSpan(at, width));
            }
        }
    }

    // Sums over exceptional voxels, a few per cent of all: single precision does not show in the moments. The columns' are stored row
    // by row, everything else column by column.
    private sealed class Corrections(int size, int ofProducts)
    {
        public float[] RowSums { get; } = new float[size];

        public float[] RowSquares { get; } = new float[size];

        public float[] ColumnSums { get; } = new float[size];

        public float[] ColumnSquares { get; } = new float[size];

        public float[] Products { get; } = new float[ofProducts];

        public int[] Counts { get; } = new int[size];
    }
}
