using System.Runtime.InteropServices;

namespace itk.simple;

/// <summary>Voxels in unmanaged memory, as the binding has them.</summary>
public class Image : IDisposable
{
    /// <summary>Images that nobody has disposed; not of the binding.</summary>
    public static int Alive;

    private readonly uint[] _size;
    private readonly PixelIDValueEnum _type;
    private double[] _origin = [0, 0, 0];
    private double[] _spacing = [1, 1, 1];
    private double[] _direction = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    private nint _buffer;

    public Image(uint width, uint height, uint depth, PixelIDValueEnum valueEnum)
    {
        _size = [width, height, depth];
        _type = valueEnum;
        _buffer = Marshal.AllocHGlobal((nint)((long)GetNumberOfPixels() * valueEnum.Bytes));
        Interlocked.Increment(ref Alive);
    }

    public Image(uint width, uint height, PixelIDValueEnum valueEnum)
        : this(width, height, 1, valueEnum)
    {
    }

    ~Image() => Free();

    internal int[] Size => Array.ConvertAll(_size, n => (int)n);

    internal PixelIDValueEnum Type => _type;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    public ulong GetNumberOfPixels() => (ulong)_size[0] * _size[1] * _size[2];

    public VectorUInt32 GetSize()
    {
        var size = new VectorUInt32();
        foreach (var n in _size)
        {
            size.Add(n);
        }

        return size;
    }

    public VectorDouble GetOrigin() => VectorDouble.Of(_origin);

    public VectorDouble GetSpacing() => VectorDouble.Of(_spacing);

    public VectorDouble GetDirection() => VectorDouble.Of(_direction);

    public void SetOrigin(VectorDouble origin) => _origin = Checked(origin, 3);

    public void SetSpacing(VectorDouble spacing) => _spacing = Checked(spacing, 3);

    public void SetDirection(VectorDouble direction) => _direction = Checked(direction, 9);

    public nint GetBufferAsFloat() => Buffer(PixelIDValueEnum.sitkFloat32);

    public nint GetBufferAsUInt8() => Buffer(PixelIDValueEnum.sitkUInt8);

    internal Image Like(uint[] size, Func<int, int, int, float> value)
    {
        var image = new Image(size[0], size[1], size[2], _type);
        var n = 0;
        for (var z = 0; z < size[2]; z++)
        {
            for (var y = 0; y < size[1]; y++)
            {
                for (var x = 0; x < size[0]; x++)
                {
                    image[n++] = value(x, y, z);
                }
            }
        }

        return image;
    }

    internal float this[int index]
    {
        get => _type.Bytes == 1 ? Marshal.ReadByte(_buffer, index) : BitConverter.Int32BitsToSingle(Marshal.ReadInt32(_buffer, 4 * index));
        set
        {
            if (_type.Bytes == 1)
            {
                Marshal.WriteByte(_buffer, index, (byte)value);
            }
            else
            {
                Marshal.WriteInt32(_buffer, 4 * index, BitConverter.SingleToInt32Bits(value));
            }
        }
    }

    internal float At(int x, int y, int z) =>
        x < 0 || y < 0 || z < 0 || x >= _size[0] || y >= _size[1] || z >= _size[2] ? 0 : this[x + (int)(_size[0] * (y + (_size[1] * z)))];

    // Continuous voxel indices of a point; the direction's inverse is its transpose.
    internal double[] IndexOf(double[] point)
    {
        var index = new double[3];
        for (var axis = 0; axis < 3; axis++)
        {
            for (var row = 0; row < 3; row++)
            {
                index[axis] += _direction[(3 * row) + axis] * (point[row] - _origin[row]) / _spacing[axis];
            }
        }

        return index;
    }

    private static double[] Checked(VectorDouble vector, int count) =>
        vector.ToArray() is var values && values.Length == count ? values
            : throw new ApplicationException("Exception thrown in SimpleITK Image_Set: wrong number of values");

    private nint Buffer(PixelIDValueEnum type) =>
        _buffer == 0 ? throw new ObjectDisposedException(nameof(Image))
        : type == _type ? _buffer
        : throw new ApplicationException("Exception thrown in SimpleITK Image_GetBuffer: sitk::ERROR: The image has another pixel type.");

    private void Free()
    {
        if (_buffer != 0)
        {
            Marshal.FreeHGlobal(_buffer);
            _buffer = 0;
            Interlocked.Decrement(ref Alive);
        }
    }
}
