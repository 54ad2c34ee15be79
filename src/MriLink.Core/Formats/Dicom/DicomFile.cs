using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>The elements of a DICOM Part 10 file up to its pixels.</summary>
internal sealed class DicomFile
{
    // 128 bytes of anything, then "DICM".
    private const int PreambleLength = 132;

    private DicomFile(FileStamp stamp, string transferSyntax, DicomDataSet meta, DicomDataSet data)
    {
        Stamp = stamp;
        TransferSyntax = transferSyntax;
        Meta = meta;
        Data = data;
    }

    public FileStamp Stamp { get; }

    public string Path => Stamp.Path;

    /// <summary>How the file is encoded, a UID.</summary>
    public string TransferSyntax { get; }

    /// <summary>Elements of group 2: about the file.</summary>
    public DicomDataSet Meta { get; }

    /// <summary>All other elements; the last is that of the pixels, if there are any.</summary>
    public DicomDataSet Data { get; }

    /// <summary>Null when the bytes start like DICOM; otherwise what they do instead.</summary>
    public static string? Mismatch(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= PreambleLength && bytes.Slice(PreambleLength - 4, 4).SequenceEqual("DICM"u8) ? null : "lacks the letters 'DICM' after its first 128 bytes";

    /// <summary>Reads a file whose start is DICOM's.</summary>
    /// <exception cref="MriFileException">The file is damaged, or encoded in a way that cannot be read.</exception>
    public static DicomFile Read(FileStamp stamp)
    {
        using var handle = stamp.Reopen();
        try
        {
            using var reader = new DicomReader(handle, stamp.Path, PreambleLength, stamp.Length);
            var meta = new DicomDataSet();
            reader.Read(meta, isExplicit: true, onlyGroup: 2);
            var syntax = meta.Text(DicomTags.TransferSyntax) ?? throw new MriFileException(stamp.Path, "has a damaged header: it does not name its transfer syntax.");
            var data = new DicomDataSet();
            reader.Read(data, DicomTags.IsExplicit(stamp.Path, syntax));
            return new(stamp, syntax, meta, data);
        }
        catch (IOException exception) when (exception is not MriFileException)
        {
            throw new MriFileException(stamp.Path, $"cannot be read: {exception.Message}", exception);
        }
    }
}
