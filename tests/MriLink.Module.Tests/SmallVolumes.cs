using System.Buffers.Binary;
using System.IO.Compression;

namespace MriLink.Module.Tests;

/// <summary>Small volumes that say something: a real head at 4 mm, and brains of invented people that are told apart by their voxels.</summary>
internal static class SmallVolumes
{
    /// <summary>Voxels along each side of an invented person's volume.</summary>
    public const int PersonSide = 16;

    private const int HeadStep = 4;
    private static readonly Lazy<(int[] Size, byte[] Head, byte[] Brain)> Colin27 = new(ReadTemplate);

    /// <summary>
    /// The template's head on a grid of 4 mm, its world turned about the vertical and shifted as if the person had lain so.
    /// </summary>
    /// <param name="degrees">Turn of the head.</param>
    /// <param name="shift">Shift along each axis, mm.</param>
    /// <param name="stripped">Whether everything outside the brain is 0.</param>
    public static byte[] Head(double degrees = 0, double shift = 0, bool stripped = false)
    {
        var (size, head, brain) = Colin27.Value;
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        Span<double> origin = [-90, -125, -71];
        double[] world =
        [
            HeadStep * cos, -HeadStep * sin, 0, (origin[0] * cos) - (origin[1] * sin) + shift,
            HeadStep * sin, HeadStep * cos, 0, (origin[0] * sin) + (origin[1] * cos) + shift,
            0, 0, HeadStep, origin[2] + shift,
        ];
        return Nifti(size, world, stripped ? [.. head.Zip(brain, (h, b) => b != 0 ? h : (byte)0)] : head);
    }

    /// <summary>The stripped head with a texture of an invented person's own, and a little noise of each scan's.</summary>
    public static byte[] HeadOf(int person, int scan)
    {
        var bytes = Head(stripped: true);
        var texture = new Random(person);
        var noise = new Random((1000 * person) + scan);
        for (var i = 352; i < bytes.Length; i++)
        {
            // Drawn for every voxel, so that a voxel's texture does not depend on the others.
            var (own, shown) = (texture.NextDouble(), noise.NextDouble());
            bytes[i] = bytes[i] == 0 ? (byte)0 : (byte)Math.Max(1, bytes[i] * (0.6 + (0.3 * own) + (0.1 * shown)));
        }

        return bytes;
    }

    /// <summary>The brain of <see cref="Head"/>, as a mask of 0 and 1.</summary>
    public static byte[] HeadMask() => Nifti(Colin27.Value.Size, [4, 0, 0, -90, 0, 4, 0, -125, 0, 0, 4, -71], Colin27.Value.Brain);

    /// <summary>A scan of an invented person: the same person gives nearly the same voxels whatever the scan, another person others.</summary>
    public static byte[] Person(int person, int scan)
    {
        var anatomy = new Random(person);
        var noise = new Random((1000 * person) + scan);
        var voxels = new byte[PersonSide * PersonSide * PersonSide];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = (byte)(50 + anatomy.Next(150) + noise.Next(40));
        }

        return Nifti([PersonSide, PersonSide, PersonSide], [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], voxels);
    }

    /// <summary>Writes a scan of an invented person under a BIDS name.</summary>
    public static string PlacePerson(this ModuleSession session, int person, int scan) =>
        session.Place($"sub-{person:00}_ses-{scan}_T1w.nii", Person(person, scan));

    /// <summary>A NIfTI-1 file of bytes.</summary>
    public static byte[] Nifti(int[] size, double[] voxelToWorld, byte[] voxels)
    {
        var bytes = new byte[352 + voxels.Length];
        TinyNifti.Make(1, 1, 1).AsSpan(0, 352).CopyTo(bytes);
        for (var axis = 0; axis < 3; axis++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(42 + (2 * axis)), (short)size[axis]);
        }

        for (var i = 0; i < 12; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(280 + (4 * i)), (float)voxelToWorld[i]);
        }

        voxels.CopyTo(bytes, 352);
        return bytes;
    }

    private static (int[] Size, byte[] Head, byte[] Brain) ReadTemplate()
    {
        var head = Voxels("colin27-head.nii.gz", out var full);
        var mask = Voxels("colin27-mask.nii.gz", out _);
        int[] size = [.. full.Select(n => (n + HeadStep - 1) / HeadStep)];
        return (size, Thin(head, full, size), Thin(mask, full, size));
    }

    private static byte[] Thin(byte[] voxels, int[] full, int[] size)
    {
        var thinned = new byte[size[0] * size[1] * size[2]];
        for (var i = 0; i < thinned.Length; i++)
        {
            var (x, y, z) = (i % size[0], i / size[0] % size[1], i / size[0] / size[1]);
            thinned[i] = voxels[(HeadStep * x) + (full[0] * HeadStep * (y + (full[1] * z)))];
        }

        return thinned;
    }

    private static byte[] Voxels(string name, out int[] size)
    {
        using var file = File.OpenRead(Path.Combine(ModuleSession.RepositoryRoot, "src", "MriLink.Core", "Templates", name));
        using var stream = new GZipStream(file, CompressionMode.Decompress);
        var header = new byte[352];
        stream.ReadExactly(header);
        size = [.. Enumerable.Range(0, 3).Select(axis => (int)BinaryPrimitives.ReadInt16LittleEndian(header.AsSpan(42 + (2 * axis))))];
        var voxels = new byte[size[0] * size[1] * size[2]];
        stream.ReadExactly(voxels);
        return voxels;
    }
}
