using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>What a header says about sizes, checked: a grid of three axes, and how many such volumes there are.</summary>
internal sealed record VolumeShape
{
    private readonly string _path;

    private VolumeShape(string path, GridSize size, long volumes, string text)
    {
        _path = path;
        Size = size;
        Volumes = volumes;
        Text = text;
    }

    /// <summary>Voxels of one volume along its three axes.</summary>
    public GridSize Size { get; }

    /// <summary>The number of volumes: the product of all sizes beyond the third.</summary>
    public long Volumes { get; }

    /// <summary>All sizes as they are written, "64x64x30x200".</summary>
    public string Text { get; }

    /// <summary>Whether the voxels lie in a line: values of a surface's points, which FreeSurfer and others keep in files of volumes.</summary>
    public bool IsLine => Size is { X: > 1, Y: 1, Z: 1 };

    /// <summary>What is said of a file of a surface's values, by their number.</summary>
    public static string Overlay(long count) => $"holds no volume but a list of {count:N0} values, as surface overlays are.";

    /// <summary>Checks the sizes of a header: three spatial ones first, then any others.</summary>
    /// <exception cref="MriFileException">There are fewer than three axes, one is empty, or the volume is larger than can be read.</exception>
    public static VolumeShape Of(string path, IReadOnlyList<long> sizes)
    {
        var text = string.Join('x', sizes);
        if (sizes.Any(size => size < 1))
        {
            throw new MriFileException(path, $"has no voxels: its header claims a size of {text}.");
        }

        if (sizes.Count < 3)
        {
            throw new MriFileException(path, $"is not a 3D volume but {sizes.Count}D ({text}).");
        }

        // As doubles, because several 64-bit sizes multiplied can exceed every integer.
        var count = (double)sizes[0] * sizes[1] * sizes[2];
        if (count > FileVoxelSource.MaxVoxels)
        {
            throw new MriFileException(
                path, $"is too large: its header claims {text} = {count:N0} voxels, and the most that can be read are "
                    + $"{FileVoxelSource.MaxVoxels:N0}.");
        }

        // The bytes of all volumes together, 16 each at most, must be countable.
        var volumes = sizes.Skip(3).Aggregate(1.0, (product, size) => product * size);
        if (count * volumes > long.MaxValue / 64)
        {
            throw new MriFileException(path, $"is too large: its header claims {text} voxels.");
        }

        return new(path, new((int)sizes[0], (int)sizes[1], (int)sizes[2]), (long)volumes, text);
    }

    /// <summary>The index of the volume that is read: the wanted one, or else the first, with a warning where there are others.</summary>
    /// <exception cref="MriFileException">There are not so many volumes.</exception>
    public long Choose(int? wanted, List<string> warnings)
    {
        if (wanted >= Volumes || wanted < 0)
        {
            throw new MriFileException(_path, $"has no volume {wanted}: it is {Text}, and its volumes are counted from 0 to {Volumes - 1}.");
        }

        if (wanted is null && Volumes > 1)
        {
            warnings.Add($"is not one 3D volume but holds {Volumes:N0} ({Text}): the first is taken; -Volume chooses another.");
        }

        return wanted ?? 0;
    }

    /// <summary>The geometry of the volumes.</summary>
    /// <param name="voxelToWorld">Voxel indices to RAS+ mm.</param>
    /// <param name="source">The part of the header it comes from, for messages.</param>
    /// <exception cref="MriFileException">The matrix cannot be inverted.</exception>
    public VolumeGeometry Place(Affine voxelToWorld, string source) => voxelToWorld.IsInvertible
        ? new(Size, voxelToWorld)
        : throw new MriFileException(_path, $"does not say where its voxels lie: the matrix of its {source} ({voxelToWorld}) cannot be inverted.");
}
