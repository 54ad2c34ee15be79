using System.IO.Compression;
using MriLink.Core.Formats.Nifti;
using MriLink.Core.Volumes;

namespace MriLink.Core.Templates;

/// <summary>The NIfTI files embedded in the library.</summary>
internal static class EmbeddedVolume
{
    /// <summary>Opens one, decompressed.</summary>
    public static Stream Open(string resource)
    {
        var stream = typeof(EmbeddedVolume).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The library lacks its resource {resource}.");
        return resource.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    /// <summary>Reads one.</summary>
    public static Volume Read(string resource) => NiftiFormat.Read(Open(resource), resource);
}
