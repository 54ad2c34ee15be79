using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>All that the header of one file says, or that of a scan.</summary>
public sealed class MriHeader
{
    internal MriHeader(string path, string format, VolumeHeader? header, string? problem, IReadOnlyList<HeaderField> fields)
    {
        Path = path;
        Format = format;
        Geometry = header?.Geometry;
        DataType = header?.DataType;
        Volumes = header?.Volumes;
        Files = [.. header?.Files ?? [path]];
        Warnings = [.. header?.Warnings ?? []];
        Problem = problem;
        Fields = [.. fields];
    }

    /// <summary>Full path of the file that holds the header.</summary>
    public string Path { get; }

    /// <summary>Whose scan it is; null where only the file was looked at.</summary>
    public ScanIdentity? Identity { get; internal init; }

    /// <summary>Label of the person, as for Import-MriVolume.</summary>
    public string? Participant => Identity?.Participant;

    /// <summary>Label of the visit, or null.</summary>
    public string? Session => Identity?.Session;

    /// <summary>Label of the repetition, or null.</summary>
    public string? Run => Identity?.Run;

    /// <summary>Every file that the header speaks of, itself first.</summary>
    public PlainList<string> Files { get; }

    /// <summary>The format's name, "NIfTI-1" for example.</summary>
    public string Format { get; }

    /// <summary>Voxels along each axis, or null when the header describes no volume that can be read.</summary>
    public GridSize? Size => Geometry?.Size;

    /// <summary>How many volumes there are.</summary>
    public long? Volumes { get; }

    /// <summary>How a voxel is stored: "Int16", for example.</summary>
    public string? DataType { get; }

    /// <summary>mm between neighbouring voxel centres along each axis.</summary>
    public Point3? Spacing => Geometry?.Spacing;

    /// <summary>Anatomical directions of the axes, "RAS" for example.</summary>
    public string? Orientation => Geometry?.Orientation;

    /// <summary>Where the voxels lie.</summary>
    public VolumeGeometry? Geometry { get; }

    /// <summary>All fields of the header in their order.</summary>
    public PlainList<HeaderField> Fields { get; }

    /// <summary>Those that may identify a person.</summary>
    public PlainList<HeaderField> IdentifyingFields => [.. Fields.Where(item => item.MayIdentify)];

    /// <summary>How many of them there are.</summary>
    public int Identifying => Fields.Count(item => item.MayIdentify);

    /// <summary>What a person should know before trusting the geometry.</summary>
    public PlainList<string> Warnings { get; }

    /// <summary>Why the file cannot be imported, or null when nothing in its header is against it.</summary>
    public string? Problem { get; }

    /// <summary>The value of a field, or null: the first of that name.</summary>
    public string? this[string name] => Fields.FirstOrDefault(item => string.Equals(item.Name, name, StringComparison.OrdinalIgnoreCase))?.Value;

    /// <inheritdoc/>
    public override string ToString() => Geometry is null ? $"{Format}: {Problem}" : $"{Format} {Geometry}";
}
