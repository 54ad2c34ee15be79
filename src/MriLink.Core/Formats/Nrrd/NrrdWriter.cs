using System.Globalization;
using System.IO.Compression;
using System.Text;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nrrd;

/// <summary>Writes NRRD with its voxels in the same file, compressed by gzip, in LPS coordinates as 3D Slicer and ITK do.</summary>
/// <remarks>The format has no scale factor, so integers are written only where they are exact.</remarks>
internal sealed class NrrdWriter : IVolumeWriter
{
    public IReadOnlyList<string> Extensions { get; } = [".nrrd"];

    // The header stays readable; only the voxels are compressed.
    public bool IsGzip(string path) => false;

    public void Write(Stream content, Volume volume, VolumeDataType dataType, string path, CancellationToken cancellationToken)
    {
        if (StoredVoxels.Scaling(volume.Voxels, dataType, path) is not (1, 0))
        {
            throw new MriFileException(
                path, $"cannot hold the volume as {dataType}: NRRD has no scale factor, and not all voxels are whole numbers of that range. "
                    + $"Float32 holds it.");
        }

        content.Write(Encoding.ASCII.GetBytes(BuildHeader(volume.Geometry, dataType)));
        using var packed = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true);
        StoredVoxels.Write(packed, volume.Voxels, dataType, 1, 0, cancellationToken);
    }

    private static string BuildHeader(VolumeGeometry geometry, VolumeDataType dataType)
    {
        var m = geometry.VoxelToWorld;
        var type = dataType switch
        {
            VolumeDataType.UInt8 => "uint8",
            VolumeDataType.Int16 => "int16",
            _ => "float",
        };
        return string.Create(CultureInfo.InvariantCulture, $"""
            NRRD0004
            type: {type}
            dimension: 3
            space: left-posterior-superior
            sizes: {geometry.Size.X} {geometry.Size.Y} {geometry.Size.Z}
            space directions: {Vector(m.M11, m.M21, m.M31)} {Vector(m.M12, m.M22, m.M32)} {Vector(m.M13, m.M23, m.M33)}
            kinds: domain domain domain
            endian: little
            encoding: gzip
            space origin: {Vector(m.M14, m.M24, m.M34)}


            """).ReplaceLineEndings("\n");
    }

    // In LPS. Written so that reading gives the same doubles.
    private static string Vector(double right, double anterior, double superior) =>
        string.Create(CultureInfo.InvariantCulture, $"({-right:R},{-anterior:R},{superior:R})");
}
