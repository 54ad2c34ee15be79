using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.MetaImage;

/// <summary>MetaImage of ITK: .mha with its voxels, .mhd with the name of the files that hold them; plain or compressed by zlib.</summary>
internal sealed class MetaImageFormat : IVolumeFormat
{
    // What says how voxels are stored and where they lie. Every other field is text of whoever wrote the file.
    private static readonly HashSet<string> Technical = new(StringComparer.OrdinalIgnoreCase)
    {
        "ObjectType", "ObjectSubType", "TransformType", "NDims", "BinaryData", "BinaryDataByteOrderMSB", "ElementByteOrderMSB", "CompressedData",
            "CompressedDataSize",
        "TransformMatrix", "Rotation", "Orientation", "Offset", "Position", "Origin", "CenterOfRotation", "AnatomicalOrientation", "ElementSpacing",
            "ElementSize",
        "DimSize", "HeaderSize", "ElementType", "ElementNumberOfChannels", "Modality", "SequenceID", "ElementMin", "ElementMax", "ID", "ParentID",
            "Color", "DistanceUnits",
        "ElementToIntensityFunctionSlope", "ElementToIntensityFunctionOffset",
    };

    public string Name => "MetaImage";

    public IReadOnlyList<string> Extensions { get; } = [".mha", ".mhd"];

    public string? Mismatch(VolumeFile file) => MetaImageHeader.Mismatch(file.Start);

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        var header = new MetaImageHeader(file);
        var warnings = header.Warnings.ToList();
        var chosen = header.Shape.Choose(volume, warnings);
        var stamps = new List<FileStamp> { file.Stamp };
        IVoxelData voxels;
        if (header.DataFile.ToUpperInvariant() is "LOCAL")
        {
            voxels = Local(header, file, chosen);
        }
        else
        {
            stamps.AddRange(DataFiles(header, file.Path).Select(FileStamp.Of));
            voxels = JoinedVoxels.Of(
                file.Path, stamps[1..], header.Shape, chosen, (stamp, first, count, all) =>
                Place(header, stamp, Offset(header, stamp, 0, all), first, count, all));
        }

        return new("MetaImage", header.Geometry, stamps, warnings, voxels, header.Encoding.Type.ToString(), header.Shape.Volumes, chosen);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file)
    {
        foreach (var line in MetaImageHeader.ReadText(file).Lines.Where(line => line.Trim().Length > 0))
        {
            var (key, value) = MetaImageHeader.Split(line) ?? ("data file", line);
            yield return new(key, value, mayIdentify: !Technical.Contains(key) && !(key is "ElementDataFile" && value is "LOCAL" or "LIST"));
        }
    }

    private static RawVoxels Local(MetaImageHeader header, VolumeFile file, long volume)
    {
        var count = header.Shape.Size.Count;
        var all = count * header.Shape.Volumes;
        if (!file.IsGzip)
        {
            return Place(header, file.Stamp, Offset(header, file.Stamp, header.Length, all), volume * count, count, all);
        }

        return header is { IsCompressed: false, HeaderSize: 0 }
            ? RawVoxels.InWholeFile(file, header.Length, header.Shape, volume, header.Encoding)
            : throw new MriFileException(file.Path, "is compressed twice, as a file and within it, which cannot be read.");
    }

    private static RawVoxels Place(MetaImageHeader header, FileStamp file, long start, long first, long count, long all)
    {
        if (header is { IsCompressed: true, CompressedLength: { } length } && (length < 0 || length > file.Length - start))
        {
            throw new MriFileException(
                file.Path, $"is truncated: by its header it has {length:N0} bytes of compressed voxels, but there are {file.Length - start:N0}.");
        }

        var size = header.Encoding.Size;
        var packing = !header.IsCompressed ? Packing.None : IsGzip(file, start) ? Packing.Gzip : Packing.Zlib;
        return new(file, packing, start, first * size, count, header.Encoding) { Length = all * size };
    }

    // MetaIO inflates both.
    private static bool IsGzip(FileStamp file, long start)
    {
        using var handle = file.Reopen();
        Span<byte> magic = stackalloc byte[2];
        return RandomAccess.Read(handle, magic, start) == magic.Length && magic is [0x1f, 0x8b];
    }

    // Where in a file the data begin; before them its own header may be, of unknown length when HeaderSize is -1.
    private static long Offset(MetaImageHeader header, FileStamp file, long start, long voxels)
    {
        if (header.HeaderSize is < -1 or > int.MaxValue)
        {
            throw new MriFileException(file.Path, $"has a damaged header: its field 'HeaderSize' is {header.HeaderSize}.");
        }

        if (header.HeaderSize >= 0)
        {
            return start + header.HeaderSize;
        }

        var offset = file.Length - (voxels * header.Encoding.Size);
        return !header.IsCompressed && offset >= start
            ? offset
            : throw new MriFileException(file.Path, header.IsCompressed
                ? "has compressed voxels that are to be found from its end, which cannot be done."
                : $"is truncated: its voxels take {voxels * header.Encoding.Size:N0} bytes, but there are {file.Length - start:N0}.");
    }

    private static IEnumerable<string> DataFiles(MetaImageHeader header, string path)
    {
        IEnumerable<string> names;
        var words = header.DataFile.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (MetaImageHeader.IsList(header.DataFile))
        {
            names = header.ListedFiles;
        }
        else if (words.Length is 3 or 4 && words[0].Contains('%', StringComparison.Ordinal))
        {
            var range = TextHeader.Integers(path, "ElementDataFile", string.Join(' ', words[1..]));
            names = DataFileName.Expand(path, words[0], range[0], range[1], range.Length > 2 ? range[2] : 1);
        }
        else
        {
            names = [header.DataFile];
        }

        return DataFileName.ResolveAll(path, names);
    }
}
