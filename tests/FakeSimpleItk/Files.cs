using System.Globalization;

namespace itk.simple;

public class ImageReaderBase : ProcessObject
{
    private protected PixelIDValueEnum? OutputType { get; private set; }

    public static string GetImageIOFromFileName(string fileName) => "FakeImageIO";

    public void SetOutputPixelType(PixelIDValueEnum pixelID) => OutputType = pixelID;
}

/// <summary>
/// Reads a text of lines: "size 4 3 2 5", "spacing …", "origin …", "direction …", "components 1". The voxel x, y, z of volume v is
/// x + 10y + 100z + 1000v. A line "broken header" or "broken voxels" makes it fail there, as the binding does.
/// </summary>
public class ImageFileReader : ImageReaderBase
{
    private readonly Dictionary<string, double[]> _lines = new(StringComparer.Ordinal);
    private string _fileName = string.Empty;
    private string _broken = string.Empty;
    private uint[]? _extractSize;
    private int[]? _extractIndex;

    public void SetFileName(string fn) => _fileName = fn;

    public void ReadImageInformation()
    {
        foreach (var line in File.ReadAllLines(_fileName))
        {
            var words = line.Split(' ');
            if (words[0] is "broken")
            {
                _broken = words[1];
            }
            else
            {
                _lines[words[0]] = [.. words[1..].Select(w => double.Parse(w, CultureInfo.InvariantCulture))];
            }
        }

        FailIf("header");
    }

    public uint GetNumberOfComponents() => (uint)_lines["components"][0];

    public VectorUInt64 GetSize()
    {
        var size = new VectorUInt64();
        foreach (var n in _lines["size"])
        {
            size.Add((uint)n);
        }

        return size;
    }

    public VectorDouble GetOrigin() => VectorDouble.Of(_lines["origin"]);

    public VectorDouble GetSpacing() => VectorDouble.Of(_lines["spacing"]);

    public VectorDouble GetDirection() => VectorDouble.Of(_lines["direction"]);

    public int GetPixelIDValue() => 8;

    public void SetExtractSize(VectorUInt32 size) => _extractSize = size.ToArray();

    public void SetExtractIndex(VectorInt32 index) => _extractIndex = index.ToArray();

    public Image Execute()
    {
        ReadImageInformation();
        FailIf("voxels");
        if (OutputType != PixelIDValueEnum.sitkFloat32)
        {
            throw new ApplicationException("Exception thrown in SimpleITK ImageFileReader_Execute: this test double reads floats only");
        }

        var size = _lines["size"];
        if (size.Length > 3 && _extractSize?[3] != 0)
        {
            throw new ApplicationException(
                "Exception thrown in SimpleITK ImageFileReader_Execute: sitk::ERROR: The file has more dimensions than are supported.");
        }

        var volume = _extractIndex?[3] ?? 0;
        using var like = new Image(1, 1, 1, PixelIDValueEnum.sitkFloat32);
        return like.Like([(uint)size[0], (uint)size[1], (uint)size[2]], (x, y, z) => x + (10 * y) + (100 * z) + (1000 * volume));
    }

    private void FailIf(string stage)
    {
        if (string.Equals(_broken, stage, StringComparison.Ordinal))
        {
            throw new ApplicationException(
                $"Exception thrown in SimpleITK ImageFileReader_Execute: /build/Code/IO/src/sitkImageFileReader.cxx:99:\nsitk::ERROR: The {stage} of "
                    + $"\"{_fileName}\"\n  cannot be understood.");
        }
    }
}

public class ImageSeriesReader : ImageReaderBase
{
    public static VectorString GetGDCMSeriesIDs(string directory) => new();

    public static VectorString GetGDCMSeriesFileNames(string directory, string seriesID) => new();

    public void SetFileNames(VectorString fileNames) => throw new NotSupportedException();

    public Image Execute() => throw new NotSupportedException();
}
