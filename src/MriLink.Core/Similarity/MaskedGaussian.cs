using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MriLink.Core.Similarity;

/// <summary>
/// Gaussian sums over a mask's own voxels: around each of them G∗m, G∗(v·m) and, if wanted, G∗(v²·m), where m is the mask and v its values.
/// Made for one mask, and used for all that is asked of it; not for several threads.
/// </summary>
/// <remarks>
/// <para>
/// Rows along x are gathered four by four: a cell is four rows of four planes. For each cell is known between which columns it holds anything
/// of the mask, and all that is computed is computed there alone, and as far around as windows reach. Beyond the mask's box there is nothing,
/// so its border needs no rule.
/// </para>
/// <para>
/// Planes are taken one after the other. What is smooth along x and y is kept for as many planes as windows are deep and no more, so that it
/// stays in the processor's cache. Four rows, or four planes, are summed at once: they share most of what they are sums of, which is then read
/// once.
/// </para>
/// </remarks>
/// <typeparam name="T">What is computed with.</typeparam>
internal sealed class MaskedGaussian<T> : IDisposable
    where T : struct, ILanes<T>
{
    // Rows and planes of a cell, and the voxels to either side that the fast sums take.
    private const int Cell = 4;
    private const int Near = 3;

    // Values, their squares and the mask.
    private const int MostChannels = 3;

    // Floats of a line of the cache.
    private const int Line = 16;
    private readonly Buffers _buffers = Buffers.Pooled();
    private readonly MaskRuns _mask;
    private readonly int _width;
    private readonly int _height;
    private readonly int _depth;

    // A row of the box in whole vectors, and the room on either side of one along which is summed.
    private readonly int _row;
    private readonly int _margin;

    // How many cells lie along y and z, and over how many to either side windows reach.
    private readonly int _rows;
    private readonly int _planes;
    private readonly int _reach;

    // The first run of each row of the box, and one more; per cell, the columns of the mask, of the mask and the cells before and behind it,
    // and of these and the cells above and below them.
    private readonly int[] _firstRuns;
    private readonly Columns[] _own;
    private readonly Columns[] _alongZ;
    private readonly Columns[] _alongYAndZ;

    // One room for all, and where in it lies what, channel after channel: four rows of the mask; a plane that is smooth along x; planes that
    // are smooth along x and y; and a cell's results.
    private readonly float[] _room;
    private readonly int _lines;
    private readonly int _plane;
    private readonly int _ring;
    private readonly int _results;

    /// <summary>Gets ready.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="radius">How far the widest kernel reaches along each axis, in voxels.</param>
    public MaskedGaussian(MaskRuns mask, (int X, int Y, int Z) radius)
    {
        _mask = mask;
        (_width, _height, _depth) = (mask.Box.X1 - mask.Box.X0, mask.Box.Y1 - mask.Box.Y0, mask.Box.Z1 - mask.Box.Z0);
        _row = RoundUp(_width, T.Count);
        _margin = RoundUp(Math.Max(radius.X, Near), T.Count);
        (_rows, _planes) = (RoundUp(_height, Cell) / Cell, RoundUp(_depth, Cell) / Cell);
        _reach = RoundUp(Math.Max(Math.Max(radius.Y, radius.Z), Near), Cell) / Cell;
        _firstRuns = _buffers.Ints((_height * _depth) + 1);
        _own = new Columns[_rows * _planes];
        _alongZ = new Columns[_rows * (_planes + (2 * _reach))];
        _alongYAndZ = new Columns[_rows * _planes];
        Place();
        Widen();

        _room = _buffers.Floats(Line + (MostChannels * ((Cell * LineLength) + PlaneLength + RingLength + (Cell * Cell * ResultLength))));
        _lines = ToLine(_room);
        _plane = _lines + (MostChannels * Cell * LineLength);
        _ring = _plane + (MostChannels * PlaneLength);
        _results = _ring + (MostChannels * RingLength);

        // Above and below the box, planes stay empty.
        var beyond = _reach * Cell * _row;
        for (var channel = 0; channel < MostChannels; channel++)
        {
            var plane = _room.AsSpan(_plane + (channel * PlaneLength), PlaneLength);
            plane[..beyond].Clear();
            plane[^beyond..].Clear();
        }
    }

    // All are whole lines of the cache.
    private int LineLength => RoundUp(_row + (2 * _margin), Line);

    private int PlaneLength => (_rows + (2 * _reach)) * Cell * _row;

    // An odd number of lines, so that what lies one above the other does not compete for the same places in the cache.
    private int LayerLength => (((_rows * Cell * _row) / Line) | 1) * Line;

    private int Layers => Cell * (1 + (2 * _reach));

    private int RingLength => LayerLength * Layers;

    private int ResultLength => RoundUp(_row + T.Count, Line);

    /// <summary>Sums over the windows around all voxels.</summary>
    /// <param name="values">Values, one per voxel of the mask.</param>
    /// <param name="map">Maps them to v.</param>
    /// <param name="ofSquares">Whether sums of squares are wanted.</param>
    /// <param name="kernels">The weights along each axis, of the voxel itself and then to one side.</param>
    /// <param name="weights">G∗m where it is known, one per voxel and a vector's more; null for it to be computed.</param>
    /// <param name="sink">Takes the sums of each run; may write to values of that run.</param>
    public void Apply<TSink>(
        ReadOnlySpan<float> values, Standardization map, bool ofSquares, (float[] X, float[] Y, float[] Z) kernels, float[]? weights, ref TSink sink)
        where TSink : struct, IGaussianSink
    {
        var channels = new Channels(ofSquares, weights is null);
        for (var plane = -_reach; plane < _planes + _reach; plane++)
        {
            if (plane < 0 || plane >= _planes)
            {
                Empty(plane, channels.Count);
            }
            else
            {
                for (var z = plane * Cell; z < (plane + 1) * Cell; z++)
                {
                    Take(z, values, map, channels, kernels);
                }
            }

            if (plane >= _reach)
            {
                Give(plane - _reach, channels, kernels.Z, weights, ref sink);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private static int RoundUp(int value, int to) => (value + to - 1) / to * to;

    // The first element that begins a line of the cache. The array is large, so that it is not moved; were it, only time would be lost.
    private static int ToLine(float[] array)
    {
        var beyond = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) % (Line * sizeof(float)));
        return beyond == 0 ? 0 : Line - (beyond / sizeof(float));
    }

    // Says where runs lie.
    private void Place()
    {
        ReadOnlySpan<int> starts = _mask.Starts, offsets = _mask.Offsets;
        _own.AsSpan().Fill(Columns.None);
        var run = 0;
        for (var z = 0; z < _depth; z++)
        {
            for (var y = 0; y < _height; y++)
            {
                _firstRuns[(z * _height) + y] = run;
                var first = At(y, z);
                ref var own = ref _own[(z / Cell * _rows) + (y / Cell)];
                for (; run < starts.Length && starts[run] < first + _width; run++)
                {
                    var from = starts[run] - first;
                    own = own.And(new(from / T.Count * T.Count, RoundUp(from + offsets[run + 1] - offsets[run], T.Count)));
                }
            }
        }

        _firstRuns[_height * _depth] = run;
    }

    // Says what is needed around them.
    private void Widen()
    {
        _alongZ.AsSpan().Fill(Columns.None);
        _alongYAndZ.AsSpan().Fill(Columns.None);
        for (var plane = -_reach; plane < _planes + _reach; plane++)
        {
            for (var row = 0; row < _rows; row++)
            {
                ref var found = ref _alongZ[((plane + _reach) * _rows) + row];
                for (var other = Math.Max(0, plane - _reach); other <= Math.Min(_planes - 1, plane + _reach); other++)
                {
                    found = found.And(_own[(other * _rows) + row]);
                }
            }
        }

        for (var plane = 0; plane < _planes; plane++)
        {
            for (var row = 0; row < _rows; row++)
            {
                ref var found = ref _alongYAndZ[(plane * _rows) + row];
                for (var other = Math.Max(0, row - _reach); other <= Math.Min(_rows - 1, row + _reach); other++)
                {
                    found = found.And(_alongZ[((plane + _reach) * _rows) + other]);
                }
            }
        }
    }

    // Beyond the box.
    private void Empty(int plane, int channels)
    {
        for (var row = 0; row < _rows; row++)
        {
            var columns = _alongZ[((plane + _reach) * _rows) + row];
            for (var i = 0; i < Cell * Cell * channels && !columns.IsEmpty; i++)
            {
                var at = RingAt(i / Cell / Cell, (row * Cell) + (i % Cell), (plane * Cell) + (i / Cell % Cell));
                _room.AsSpan(at + columns.First, columns.Count).Clear();
            }
        }
    }

    // Smooths a plane along x and y: along y as soon as the rows below are there, so that they are still in the first-level cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Take(int z, ReadOnlySpan<float> values, Standardization map, Channels channels, (float[] X, float[] Y, float[] Z) kernels)
    {
        var plane = z / Cell;
        for (var row = 0; row < _rows + _reach; row++)
        {
            if (row < _rows && !_alongYAndZ[(plane * _rows) + row].IsEmpty)
            {
                TakeRows(row * Cell, z, _alongYAndZ[(plane * _rows) + row], values, map, channels, kernels.X);
            }

            var columns = row < _reach ? Columns.None : _alongZ[((plane + _reach) * _rows) + row - _reach];
            for (var channel = 0; channel < channels.Count && !columns.IsEmpty; channel++)
            {
                SumY((row - _reach) * Cell, z, columns, channel, kernels.Y);
            }
        }
    }

    // Smooths four rows along x. All are laid out before the first is summed: a processor is slow to read what it has just written in pieces
    // that are cut elsewhere.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeRows(int y, int z, Columns columns, ReadOnlySpan<float> values, Standardization map, Channels channels, float[] kernel)
    {
        ReadOnlySpan<int> starts = _mask.Starts, offsets = _mask.Offsets;
        var length = Cell * LineLength;
        _room.AsSpan(_lines, length).Clear();
        if (channels.OfMask)
        {
            _room.AsSpan(_lines + (channels.Mask * length), length).Clear();
        }

        for (var i = 0; i < Cell && y + i < _height && z < _depth; i++)
        {
            var row = (z * _height) + y + i;
            var toLine = _lines + (i * LineLength) + _margin - At(y + i, z);
            for (var run = _firstRuns[row]; run < _firstRuns[row + 1]; run++)
            {
                var at = toLine + starts[run];
                Put(values, map, offsets[run], offsets[run + 1] - offsets[run], ref _room[at]);
                if (channels.OfMask)
                {
                    PutOnes(offsets[run + 1] - offsets[run], ref _room[at + (channels.Mask * length)]);
                }
            }
        }

        if (channels.OfSquares)
        {
            ref var line = ref _room[_lines];
            ref var squares = ref _room[_lines + length];
            for (var i = 0; i < length; i += T.Count)
            {
                var v = T.Load(ref Unsafe.Add(ref line, i));
                T.Store(v * v, ref Unsafe.Add(ref squares, i));
            }
        }

        for (var channel = 0; channel < channels.Count; channel++)
        {
            var from = _lines + (channel * length) + _margin + columns.First;
            var to = PlaneAt(channel, y) + columns.First;
            for (var i = 0; i < Cell; i++)
            {
                SumX(ref _room[from + (i * LineLength)], ref _room[to + (i * _row)], columns.Count, kernel);
            }
        }
    }

    // Lays a run's values into a row. The last vector writes zeros behind them, where nothing is yet.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Put(ReadOnlySpan<float> values, Standardization map, int first, int count, ref float to)
    {
        var own = values.Slice(first, count);
        ref var from = ref MemoryMarshal.GetReference(own);
        var (shift, factor) = (T.Of(map.Shift), T.Of(map.Factor));
        var i = 0;
        for (; i <= count - T.Count; i += T.Count)
        {
            T.Store((T.Load(ref Unsafe.Add(ref from, i)) - shift) * factor, ref Unsafe.Add(ref to, i));
        }

        if (i < count && first + i + T.Count <= values.Length)
        {
            T.Store(T.First(count - i, (T.Load(ref Unsafe.Add(ref from, i)) - shift) * factor, T.Of(0)), ref Unsafe.Add(ref to, i));
            return;
        }

        // Behind the last run there need be no more values to read.
        for (; i < count; i++)
        {
            Unsafe.Add(ref to, i) = (own[i] - map.Shift) * map.Factor;
        }
    }

    private static void PutOnes(int count, ref float to)
    {
        var one = T.Of(1);
        var i = 0;
        for (; i <= count - T.Count; i += T.Count)
        {
            T.Store(one, ref Unsafe.Add(ref to, i));
        }

        if (i < count)
        {
            T.Store(T.First(count - i, one, T.Of(0)), ref Unsafe.Add(ref to, i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumX(ref float from, ref float to, int count, float[] kernel)
    {
        if (kernel.Length != Near + 1)
        {
            for (var i = 0; i < count; i += T.Count)
            {
                T.Store(SumFar(ref Unsafe.Add(ref from, i), 1, kernel), ref Unsafe.Add(ref to, i));
            }

            return;
        }

        var (w0, w1, w2, w3) = (T.Of(kernel[0]), T.Of(kernel[1]), T.Of(kernel[2]), T.Of(kernel[3]));
        var before = T.Load(ref Unsafe.Subtract(ref from, T.Count));
        var own = T.Load(ref from);
        for (var i = 0; i < count; i += T.Count)
        {
            ref var at = ref Unsafe.Add(ref from, i);
            var after = T.Load(ref Unsafe.Add(ref at, T.Count));
            var sum = T.MultiplyAdd(T.Neighbours(before, own, after, ref at, 1), w1, own * w0);
            sum = T.MultiplyAdd(T.Neighbours(before, own, after, ref at, 2), w2, sum);
            T.Store(T.MultiplyAdd(T.Neighbours(before, own, after, ref at, 3), w3, sum), ref Unsafe.Add(ref to, i));
            (before, own) = (own, after);
        }
    }

    // Smooths four rows along y.
    private void SumY(int y, int z, Columns columns, int channel, float[] kernel)
    {
        var from = PlaneAt(channel, y) + columns.First;
        var to = RingAt(channel, y, z) + columns.First;
        if (kernel.Length == Near + 1)
        {
            SumNear(
                ref _room[from - (Cell * _row)], ref _room[from], ref _room[from + (Cell * _row)], _row, ref _room[to], _row, columns.Count, kernel);
            return;
        }

        for (var i = 0; i < Cell; i++)
        {
            for (var x = 0; x < columns.Count; x += T.Count)
            {
                T.Store(SumFar(ref _room[from + (i * _row) + x], _row, kernel), ref _room[to + (i * _row) + x]);
            }
        }
    }

    // Four sums of seven at once, of ten vectors that are read once each: `from` is the first of them that stands in the middle of a sum, `before`
    // four steps before it, and `after` four steps behind it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumNear(
        ref float before, ref float from, ref float after, int step, ref float to, int toStep, int count, float[] kernel)
    {
        var (w0, w1, w2, w3) = (T.Of(kernel[0]), T.Of(kernel[1]), T.Of(kernel[2]), T.Of(kernel[3]));
        for (var i = 0; i < count; i += T.Count)
        {
            var a = T.Load(ref Unsafe.Add(ref before, step));
            var b = T.Load(ref Unsafe.Add(ref before, 2 * step));
            var c = T.Load(ref Unsafe.Add(ref before, 3 * step));
            var d = T.Load(ref from);
            var e = T.Load(ref Unsafe.Add(ref from, step));
            var f = T.Load(ref Unsafe.Add(ref from, 2 * step));
            var g = T.Load(ref Unsafe.Add(ref from, 3 * step));
            T.Store(Sum(a, b, c, d, e, f, g, w0, w1, w2, w3), ref to);
            var h = T.Load(ref after);
            T.Store(Sum(b, c, d, e, f, g, h, w0, w1, w2, w3), ref Unsafe.Add(ref to, toStep));
            var j = T.Load(ref Unsafe.Add(ref after, step));
            T.Store(Sum(c, d, e, f, g, h, j, w0, w1, w2, w3), ref Unsafe.Add(ref to, 2 * toStep));
            var k = T.Load(ref Unsafe.Add(ref after, 2 * step));
            T.Store(Sum(d, e, f, g, h, j, k, w0, w1, w2, w3), ref Unsafe.Add(ref to, 3 * toStep));
            before = ref Unsafe.Add(ref before, T.Count);
            from = ref Unsafe.Add(ref from, T.Count);
            after = ref Unsafe.Add(ref after, T.Count);
            to = ref Unsafe.Add(ref to, T.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sum(T a, T b, T c, T d, T e, T f, T g, T w0, T w1, T w2, T w3) =>
        T.MultiplyAdd(a + g, w3, T.MultiplyAdd(b + f, w2, T.MultiplyAdd(c + e, w1, d * w0)));

    // A sum of any length, around the vector that stands at a place.
    private static T SumFar(ref float at, int step, float[] kernel)
    {
        var sum = T.Load(ref at) * T.Of(kernel[0]);
        for (var k = 1; k < kernel.Length; k++)
        {
            var pair = T.Load(ref Unsafe.Subtract(ref at, k * step)) + T.Load(ref Unsafe.Add(ref at, k * step));
            sum = T.MultiplyAdd(pair, T.Of(kernel[k]), sum);
        }

        return sum;
    }

    // Smooths a cell's planes along z and gives their runs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Give<TSink>(int plane, Channels channels, float[] kernel, float[]? weights, ref TSink sink)
        where TSink : struct, IGaussianSink
    {
        for (var row = 0; row < _rows; row++)
        {
            var columns = _own[(plane * _rows) + row];
            if (columns.IsEmpty)
            {
                continue;
            }

            for (var channel = 0; channel < channels.Count; channel++)
            {
                for (var i = 0; i < Cell; i++)
                {
                    SumZ((row * Cell) + i, plane, columns, channel, kernel);
                }
            }

            for (var y = row * Cell; y < Math.Min(_height, (row + 1) * Cell); y++)
            {
                GiveRow(y, plane, channels, weights, ref sink);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GiveRow<TSink>(int y, int plane, Channels channels, float[]? weights, ref TSink sink)
        where TSink : struct, IGaussianSink
    {
        ReadOnlySpan<int> starts = _mask.Starts, offsets = _mask.Offsets;
        for (var z = plane * Cell; z < Math.Min(_depth, (plane + 1) * Cell); z++)
        {
            var row = (z * _height) + y;
            var toResult = ResultAt(0, y, z) - At(y, z);
            for (var run = _firstRuns[row]; run < _firstRuns[row + 1]; run++)
            {
                var at = toResult + starts[run];
                ref var weight = ref weights is null ? ref _room[at + (channels.Mask * ResultsLength)] : ref weights[offsets[run]];
                sink.Take<T>(offsets[run], offsets[run + 1] - offsets[run], ref weight, ref _room[at], ref _room[at + ResultsLength]);
            }
        }
    }

    // Smooths a row of a cell's planes along z.
    private void SumZ(int y, int plane, Columns columns, int channel, float[] kernel)
    {
        var to = ResultAt(channel, y, 0) + columns.First;
        if (kernel.Length == Near + 1)
        {
            SumNear(
                ref _room[RingAt(channel, y, (plane - 1) * Cell) + columns.First], ref _room[RingAt(channel, y, plane * Cell) + columns.First],
                ref _room[RingAt(channel, y, (plane + 1) * Cell) + columns.First], LayerLength, ref _room[to], ResultLength, columns.Count, kernel);
            return;
        }

        // As SumFar, but that planes are kept in turn.
        for (var z = plane * Cell; z < (plane + 1) * Cell; z++, to += ResultLength)
        {
            for (var x = 0; x < columns.Count; x += T.Count)
            {
                var at = columns.First + x;
                var sum = T.Load(ref _room[RingAt(channel, y, z) + at]) * T.Of(kernel[0]);
                for (var k = 1; k < kernel.Length; k++)
                {
                    var pair = T.Load(ref _room[RingAt(channel, y, z - k) + at]) + T.Load(ref _room[RingAt(channel, y, z + k) + at]);
                    sum = T.MultiplyAdd(pair, T.Of(kernel[k]), sum);
                }

                T.Store(sum, ref _room[to + x]);
            }
        }
    }

    private int ResultsLength => Cell * Cell * ResultLength;

    // Where rows begin.
    private int PlaneAt(int channel, int y) => _plane + (channel * PlaneLength) + (((_reach * Cell) + y) * _row);

    private int RingAt(int channel, int y, int z) => _ring + (channel * RingLength) + ((z + (_reach * Cell)) % Layers * LayerLength) + (y * _row);

    private int ResultAt(int channel, int y, int z) => _results + (channel * ResultsLength) + (((y % Cell * Cell) + (z % Cell)) * ResultLength);

    // The grid index of a row's first voxel in the box.
    private int At(int y, int z) => _mask.Size.IndexOf(_mask.Box.X0, _mask.Box.Y0 + y, _mask.Box.Z0 + z);

    // Which sums are computed: of values, of squares, of the mask.
    private readonly record struct Channels(bool OfSquares, bool OfMask)
    {
        public int Mask => OfSquares ? 2 : 1;

        public int Count => OfMask ? Mask + 1 : Mask;
    }

    // Whole vectors of a row.
    private readonly record struct Columns(int First, int End)
    {
        public static Columns None => new(int.MaxValue, 0);

        public int Count => End - First;

        public bool IsEmpty => First >= End;

        public Columns And(Columns other) => new(Math.Min(First, other.First), Math.Max(End, other.End));
    }
}
