using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>What the header of a file says about its volume. Holds no voxels.</summary>
public sealed class VolumeHeader
{
    /// <summary>Ends the warning of a format whose file does not surely say which side is left.</summary>
    internal const string SidesUnsure = "left and right may be swapped.";

    /// <summary>The reader that is always there: this library itself.</summary>
    internal const string BuiltInReader = "BuiltIn";

    internal VolumeHeader(string format, VolumeGeometry geometry, IReadOnlyList<FileStamp> files, IReadOnlyList<string> warnings, IVoxelData voxels,
        string dataType, long volumes = 1, long volume = 0)
    {
        Format = format;
        Geometry = geometry;
        Stamps = files;
        Files = [.. files.Select(file => file.Path)];
        Warnings = warnings;
        Voxels = voxels;
        DataType = dataType;
        Volumes = volumes;
        Volume = volume;
    }

    /// <summary>The format's name, "NIfTI-1" for example.</summary>
    public string Format { get; }

    /// <summary>The file that holds the header.</summary>
    public string Path => Files[0];

    /// <summary>The path whose name says whose scan this is: that of the file, or of the folder of a series.</summary>
    public string NamePath
    {
        get => field ?? Path;
        internal init;
    }

    /// <summary>Of a DICOM volume, whose it is and which series, by its first file; otherwise null.</summary>
    public DicomIdentity? Dicom { get; internal init; }

    /// <summary>Every file the volume is made of, the header first: two for a .hdr/.img pair.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Where the voxels lie.</summary>
    public VolumeGeometry Geometry { get; }

    /// <summary>How a voxel is stored: "UInt8", "Int16", "Float32", …</summary>
    public string DataType { get; }

    /// <summary>How many volumes the file holds; one of them is meant.</summary>
    public long Volumes { get; }

    /// <summary>Which of them, from 0 on.</summary>
    public long Volume { get; }

    /// <summary>What a person should know before trusting the geometry, each as the end of a sentence; usually empty.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Whether left and right may be swapped: the file does not say, or says two things; a warning tells why.</summary>
    public bool MayBeMirrored => Warnings.Any(warning => warning.EndsWith(SidesUnsure, StringComparison.Ordinal));

    /// <summary>Whose reading this is, with the version: "BuiltIn", or an engine's name.</summary>
    public string Reader { get; internal init; } = BuiltInReader;

    internal IReadOnlyList<FileStamp> Stamps { get; }

    /// <summary>Whether every file that the volume is made of is known. Other libraries do not tell which they open.</summary>
    internal bool NamesAllFiles { get; init; } = true;

    internal IVoxelData Voxels { get; }
}
