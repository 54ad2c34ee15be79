using MriLink.Core.Basics;
using StbImageWriteSharp;

namespace MriLink.Core.Reporting;

/// <summary>Pictures as PNG.</summary>
public static class PngFile
{
    /// <summary>The bytes of a PNG file; it holds pixels and nothing else.</summary>
    public static byte[] Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var stream = new MemoryStream();
        new ImageWriter().WritePng(image.Bytes, image.Width, image.Height, ColorComponents.RedGreenBlue, stream);
        return stream.ToArray();
    }

    /// <summary>Writes a PNG file; it appears only once it is complete.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, RgbImage image) => WholeFile.Write(path, Encode(image));
}
