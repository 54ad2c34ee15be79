using System.Runtime.InteropServices;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>Carries voxels into SimpleITK's images and back, by one block copy each way.</summary>
internal sealed class SimpleItkImages(SimpleItkApi api)
{
    /// <summary>A volume as an image of floats.</summary>
    public IDisposable From(Volume volume)
    {
        var image = Make(volume.Geometry, api.Float32);
        using var pixels = Floats(image);
        pixels.WriteSpan<float>(0, volume.Voxels);
        return image;
    }

    /// <summary>Some voxels of a grid as an image of bytes: 1 for those, 0 for the others.</summary>
    /// <param name="geometry">The grid.</param>
    /// <param name="inside">Which voxels.</param>
    public IDisposable From(VolumeGeometry geometry, ReadOnlySpan<bool> inside)
    {
        var image = Make(geometry, api.UInt8);
        using var pixels = new PixelBuffer(api.Images.GetBufferAsUInt8(image), api.Images.GetNumberOfPixels(image));
        pixels.WriteSpan(0, MemoryMarshal.AsBytes(inside));
        return image;
    }

    /// <summary>An image of floats as a volume. Where it lies is known to whoever asks.</summary>
    /// <exception cref="EngineException">It has another number of voxels.</exception>
    public Volume ToVolume(IDisposable image, VolumeGeometry geometry)
    {
        RequireSize(image, geometry.Size);
        var voxels = new float[geometry.Size.Count];
        using var pixels = Floats(image);
        pixels.ReadSpan<float>(0, voxels);
        return new(geometry, voxels);
    }

    /// <summary>Starts reading the voxels of an image of floats, which is let go with the reader.</summary>
    /// <exception cref="EngineException">It has another number of voxels than is due.</exception>
    public SimpleItkImageReader Open(IDisposable image, GridSize size)
    {
        try
        {
            RequireSize(image, size);
            return new(image, Floats(image));
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    private PixelBuffer Floats(IDisposable image) => new(api.Images.GetBufferAsFloat(image), sizeof(float) * api.Images.GetNumberOfPixels(image));

    private void RequireSize(IDisposable image, GridSize size)
    {
        if (api.Images.GetNumberOfPixels(image) is var found && found != (ulong)size.Count)
        {
            throw new EngineException($"gave an image of {found:N0} voxels where {size.Count:N0} were due");
        }
    }

    private IDisposable Make(VolumeGeometry geometry, object pixelType)
    {
        var size = geometry.Size;
        var image = api.Images.New((uint)size.X, (uint)size.Y, (uint)size.Z, pixelType);
        var (origin, spacing, direction) = LpsSpace.Describe(geometry);
        using var originVector = api.Vectors.Double.Of(origin);
        using var spacingVector = api.Vectors.Double.Of(spacing);
        using var directionVector = api.Vectors.Double.Of(direction);
        api.Images.SetOrigin(image, originVector);
        api.Images.SetSpacing(image, spacingVector);
        api.Images.SetDirection(image, directionVector);
        return image;
    }
}
