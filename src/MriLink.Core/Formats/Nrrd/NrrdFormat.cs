using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nrrd;

/// <summary>NRRD of teem and 3D Slicer, versions 1 to 5: with its voxels, or a detached header that names the files which hold them.</summary>
internal sealed class NrrdFormat : IVolumeFormat
{
    public string Name => "NRRD";

    public IReadOnlyList<string> Extensions { get; } = [".nrrd.gz", ".nrrd", ".nhdr"];

    public string? Mismatch(VolumeFile file) => NrrdHeader.Mismatch(file.Start);

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        var header = new NrrdHeader(file);
        var warnings = header.Warnings.ToList();
        var chosen = header.Shape.Choose(volume, warnings);
        var stamps = new List<FileStamp> { file.Stamp };
        IVoxelData voxels;
        if (header["data file"] is { } dataFile)
        {
            stamps.AddRange(DataFiles(header, file.Path, dataFile).Select(FileStamp.Of));
            voxels = Detached(header, file.Path, stamps[1..], chosen);
        }
        else
        {
            voxels = Attached(header, file, chosen);
        }

        return new("NRRD", header.Geometry, stamps, warnings, voxels, header.Encoding.Type.ToString(), header.Shape.Volumes, chosen);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file)
    {
        var lines = NrrdHeader.ReadText(file).Lines;
        var isList = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (i == 0)
            {
                yield return new("version", line);
            }
            else if (isList)
            {
                yield return new("data file", line, mayIdentify: true);
            }
            else if (line.StartsWith('#'))
            {
                // What teem writes into every file names nobody.
                yield return new("comment", line[1..], mayIdentify: !line.Contains("NRRD file format specification", StringComparison.Ordinal)
                    && !line.Contains("//teem.sourceforge.net", StringComparison.Ordinal));
            }
            else if (colon > 0)
            {
                // "key:=value" is the writer's own.
                var isKey = colon + 1 < line.Length && line[colon + 1] == '=';
                var name = line[..colon];
                isList = !isKey && NrrdHeader.IsList(line);
                yield return new(name, line[(colon + (isKey ? 2 : 1))..], mayIdentify: isKey
                    || name is "content" or "labels" or "data file" or "datafile");
            }
        }
    }

    private static RawVoxels Attached(NrrdHeader header, VolumeFile file, long volume)
    {
        var skip = Skip(header, file.Path, "byte skip");
        if (!file.IsGzip)
        {
            return Place(header, file.Stamp, AfterLines(header, file.Stamp, header.Length), skip, volume);
        }

        return header.Packing is Packing.None && skip >= 0 && Skip(header, file.Path, "line skip") == 0
            ? Place(header, file.Stamp, 0, header.Length + skip, volume) with { Packing = Packing.Gzip }
            : throw new MriFileException(file.Path, "is compressed twice, as a file and within it, which cannot be read.");
    }

    private static JoinedVoxels Detached(NrrdHeader header, string path, List<FileStamp> files, long volume)
    {
        var skip = Skip(header, path, "byte skip");
        if (files.Count == 1)
        {
            return new([Place(header, files[0], AfterLines(header, files[0], 0), skip, volume)]);
        }

        if (header.Lanes > 1)
        {
            throw new MriFileException(path, "holds interleaved volumes in several files, which is not understood.");
        }

        return JoinedVoxels.Of(path, files, header.Shape, volume, (stamp, first, count, all) =>
        {
            var start = AfterLines(header, stamp, 0);
            var offset = Offset(header, stamp, start, skip, all);
            return new(stamp, header.Packing, start, offset + (first * header.Encoding.Size), count,
                header.Encoding)
            { Length = offset + (all * header.Encoding.Size) };
        });
    }

    // One volume of a file that holds them all, whose data begin at `start` and are skipped by `skip` bytes after decompression.
    private static RawVoxels Place(NrrdHeader header, FileStamp file, long start, long skip, long volume)
    {
        var (count, size) = (header.Shape.Size.Count, header.Encoding.Size);
        var all = count * header.Shape.Volumes;
        var offset = Offset(header, file, start, skip, all);
        var first = header.Lanes > 1 ? 0 : volume * count;
        return new(file, header.Packing, start, offset + (first * size), count, header.Encoding)
        {
            Length = offset + (all * size),
            Lanes = header.Lanes,
            Lane = header.Lanes > 1 ? (int)volume : 0,
        };
    }

    // Lines are skipped before anything is decompressed, bytes after that.
    private static long AfterLines(NrrdHeader header, FileStamp file, long start)
    {
        var lines = Skip(header, file.Path, "line skip");
        if (lines <= 0)
        {
            return start;
        }

        using var content = new FileStream(file.Reopen(), FileAccess.Read, bufferSize: 1 << 12);
        content.Seek(start, SeekOrigin.Begin);
        while (lines > 0)
        {
            lines -= content.ReadByte() switch
            {
                '\n' => 1,
                < 0 => throw new MriFileException(
                    file.Path, $"is truncated: it ends before the {Skip(header, file.Path, "line skip"):N0} lines that are to be skipped do."),
                _ => 0,
            };
        }

        return content.Position;
    }

    // A byte skip of -1: the voxels are the last bytes of the file, or of what it decompresses to.
    private static long Offset(NrrdHeader header, FileStamp file, long start, long skip, long voxels)
    {
        if (skip >= 0)
        {
            return skip;
        }

        var length = header.Packing switch
        {
            Packing.None => file.Length - start,
            Packing.Gzip => GzipCheck.LengthOf(file, start, CancellationToken.None),
            _ => throw new MriFileException(file.Path, "has voxels compressed by bzip2 that are to be found from its end, which is not understood."),
        };
        var offset = length - (voxels * header.Encoding.Size);
        return offset >= 0
            ? offset
            : throw new MriFileException(
                file.Path, $"is truncated: its voxels take {voxels * header.Encoding.Size:N0} bytes, but there are {length:N0}.");
    }

    private static long Skip(NrrdHeader header, string path, string field)
    {
        var skip = header[field] is { } text ? TextHeader.Integer(path, field, text) : 0;
        return skip is >= -1 and <= int.MaxValue
            ? skip
            : throw new MriFileException(path, $"has a damaged header: its field '{field}' is {skip}.");
    }

    private static IEnumerable<string> DataFiles(NrrdHeader header, string path, string dataFile)
    {
        IEnumerable<string> names;
        var words = dataFile.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is ["LIST", ..])
        {
            names = header.ListedFiles;
        }
        else if (words.Length is 4 or 5 && words[0].Contains('%', StringComparison.Ordinal))
        {
            var range = TextHeader.Integers(path, "data file", string.Join(' ', words[1..4]));
            names = DataFileName.Expand(path, words[0], range[0], range[1], range[2]);
        }
        else
        {
            names = [dataFile];
        }

        return DataFileName.ResolveAll(path, names);
    }
}
