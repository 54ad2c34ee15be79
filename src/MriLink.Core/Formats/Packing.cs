namespace MriLink.Core.Formats;

/// <summary>How the bytes of the voxels are compressed.</summary>
internal enum Packing
{
    None,

    /// <summary>RFC 1952; one or several members.</summary>
    Gzip,

    /// <summary>RFC 1950.</summary>
    Zlib,

    Bzip2,

    /// <summary>RFC 1951, without a checksum.</summary>
    Deflate,

    /// <summary>By itself, in a way of its own: a frame in RLE or JPEG.</summary>
    Frame,
}
