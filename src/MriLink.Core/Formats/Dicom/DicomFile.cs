using Microsoft.Win32.SafeHandles;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>The elements of a DICOM file up to its pixels, as far as they can be read.</summary>
internal sealed class DicomFile
{
    // 128 bytes of anything, then "DICM".
    private const int PreambleLength = 132;

    // As much as a first element of a file without a preamble may be long.
    private const int StartLength = 1024;

    private DicomFile(FileStamp stamp, DicomDataSet meta, DicomDataSet data)
    {
        Stamp = stamp;
        Meta = meta;
        Data = data;
    }

    public FileStamp Stamp { get; }

    public string Path => Stamp.Path;

    /// <summary>How the file is encoded, a UID; null where it does not say, and then it is as it looks.</summary>
    public string? TransferSyntax { get; private set; }

    /// <summary>Elements of group 2: about the file.</summary>
    public DicomDataSet Meta { get; }

    /// <summary>All other elements; the last is that of the pixels, if there are any.</summary>
    public DicomDataSet Data { get; }

    /// <summary>Whether numbers have their highest byte first.</summary>
    public bool IsBigEndian { get; private set; }

    /// <summary>Where deflated elements begin, after which all places are counted from there; null where nothing is deflated.</summary>
    public long? DeflatedFrom { get; private set; }

    /// <summary>Where the pieces of compressed pixels are, the table of frames first; empty where the pixels are not in pieces.</summary>
    public IReadOnlyList<(long Offset, uint Length)> Fragments { get; private set; } = [];

    /// <summary>What ended the reading before the pixels, or null.</summary>
    public MriFileException? Damage { get; private set; }

    /// <summary>Null when the bytes start like DICOM; otherwise what they do instead.</summary>
    public static string? Mismatch(ReadOnlySpan<byte> bytes) => StartOf(bytes) is null ? "lacks the letters 'DICM' after its first 128 bytes" : null;

    /// <summary>Reads a file; null when it does not start like DICOM.</summary>
    /// <exception cref="MriFileException">The file cannot be read at all.</exception>
    public static DicomFile? Read(SafeFileHandle handle, FileStamp stamp)
    {
        using var plain = DicomBytes.Plain(handle, stamp);
        Span<byte> bytes = stackalloc byte[StartLength];
        var length = 0;
        while (length < bytes.Length && plain.Read(bytes[length..], length) is > 0 and var more)
        {
            length += more;
        }

        if (StartOf(bytes[..length]) is not { } start)
        {
            return null;
        }

        var file = new DicomFile(stamp, new(), new());
        try
        {
            file.Read(handle, plain, start);
        }
        catch (MriFileException exception)
        {
            file.Damage = exception;
        }

        return file;
    }

    private void Read(SafeFileHandle handle, DicomBytes plain, int start)
    {
        using var reader = new DicomReader(plain, Path, start);
        (var isExplicit, reader.IsBigEndian) = reader.Guess((true, false));
        if (!reader.IsBigEndian)
        {
            reader.Read(Meta, isExplicit, onlyGroup: 2);
        }

        TransferSyntax = Meta.Text(DicomTags.TransferSyntax);
        if (TransferSyntax is DicomTags.Deflated)
        {
            DeflatedFrom = reader.Position;
            using var inflated = DicomBytes.Deflated(handle, Stamp, reader.Position);
            using var inner = new DicomReader(inflated, Path, 0);
            inner.Read(Data, isExplicit: true);
            return;
        }

        // The data are as they look: a transfer syntax may be missing or wrong, and no data say so of themselves.
        (isExplicit, IsBigEndian) = reader.Guess((!DicomTags.IsImplicit(TransferSyntax), TransferSyntax is DicomTags.BigEndian));
        reader.IsBigEndian = IsBigEndian;
        reader.Read(Data, isExplicit);
        Fragments = reader.Fragments;
    }

    // Where the first element is, or null.
    private static int? StartOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= PreambleLength && bytes.Slice(PreambleLength - 4, 4).SequenceEqual("DICM"u8) ? PreambleLength
        : bytes.StartsWith("DICM"u8) ? 4
        : StartsWithElements(bytes) ? 0
        : null;

    // Without the letters, two elements that follow one another as those of a file do: of the file's own group or the one after.
    private static bool StartsWithElements(ReadOnlySpan<byte> bytes)
    {
        var bigEndian = bytes is [0, 8, ..];
        var fields = new FieldReader(bytes, bigEndian);
        var (group, element) = ((ushort)fields.Int16(0), (ushort)fields.Int16(2));
        if (bytes.Length < 16 || group is not (2 or 8) || element > 0x70)
        {
            return false;
        }

        var isExplicit = DicomTags.IsType(bytes[4], bytes[5]);
        var isLong = isExplicit && DicomTags.Type((char)bytes[4], (char)bytes[5]) is "OB" or "SQ" or "UN" or "UT";
        var length = isExplicit && !isLong ? (ushort)fields.Int16(6) : (uint)fields.Int32(isLong ? 8 : 4);
        var next = (isLong ? 12 : 8) + (long)length;
        if (next > bytes.Length - 4)
        {
            return false;
        }

        var (nextGroup, nextElement) = ((ushort)fields.Int16((int)next), (ushort)fields.Int16((int)next + 2));
        return (nextGroup == group && nextElement > element) || (nextGroup > group && nextGroup <= 0x20);
    }
}
