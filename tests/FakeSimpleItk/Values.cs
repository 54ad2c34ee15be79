using System.Reflection;

namespace itk.simple;

public abstract class Vector<T> : IDisposable
{
    private readonly List<T> _values = [];

    public virtual void Add(T x) => _values.Add(x);

    public int Count => _values.Count;

    public T this[int index] => _values[index];

    public T[] ToArray() => [.. _values];

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

public class VectorDouble : Vector<double>
{
    internal static VectorDouble Of(IEnumerable<double> values)
    {
        var vector = new VectorDouble();
        foreach (var value in values)
        {
            vector.Add(value);
        }

        return vector;
    }
}

public class VectorUInt32 : Vector<uint>
{
}

public class VectorInt32 : Vector<int>
{
}

/// <summary>As in the binding for Linux, where C++'s unsigned long is uint to it.</summary>
public class VectorUInt64 : Vector<uint>
{
}

public class VectorString : Vector<string>
{
    /// <summary>Vectors of texts that nobody has disposed; not of the binding.</summary>
    public static int Alive;

    public VectorString() => Interlocked.Increment(ref Alive);

    public override void Add(string x) => base.Add(x ?? throw new ArgumentNullException(nameof(x)));

    public override void Dispose()
    {
        Interlocked.Decrement(ref Alive);
        base.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class PixelIDValueEnum(int bytes)
{
    public static readonly PixelIDValueEnum sitkUInt8 = new(1);
    public static readonly PixelIDValueEnum sitkFloat32 = new(4);

    internal int Bytes => bytes;
}

public sealed class InterpolatorEnum
{
    public static readonly InterpolatorEnum sitkLinear = new();
}

public class Version
{
    // A test that wants another version writes it beside a copy of this library.
    public static uint MajorVersion() => Part(0);

    public static uint MinorVersion() => Part(1);

    public static uint PatchVersion() => Part(2);

    public static string ITKVersionString() => "test double";

    private static uint Part(int index)
    {
        var file = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "version.txt");
        return uint.Parse((File.Exists(file) ? File.ReadAllText(file) : "2.4.1").Split('.')[index],
            System.Globalization.CultureInfo.InvariantCulture);
    }
}

public class SimpleITK
{
    public static string GetPixelIDValueAsString(int type) => $"type {type}";

    public static string GetPixelIDValueAsString(PixelIDValueEnum type) => $"type of {type.Bytes} bytes";
}
