using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>The voxels of a file, read anew whenever they are asked for. Holds the header only.</summary>
public sealed class FileVoxelSource : IFileContent
{
    /// <summary>The most voxels a volume may have: those of the longest array of floats, 2 147 483 591.</summary>
    public static readonly long MaxVoxels = Array.MaxLength;

    // Cancellation is looked at once per chunk: 64 Ki voxels take about a millisecond.
    private const int ChunkVoxels = 1 << 16;

    private readonly VoxelReadOptions _options;
    private readonly Reorientation? _reorientation;

    /// <summary>Makes a source for the file behind <paramref name="header"/>.</summary>
    public FileVoxelSource(VolumeHeader header, VoxelReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(options);
        Header = header;
        _options = options with { Volume = header.Volume, Reader = header.Reader };
        _reorientation = options.Reorient ? new Reorientation(header.Geometry) : null;
    }

    /// <summary>What the file's header says.</summary>
    public VolumeHeader Header { get; }

    /// <inheritdoc/>
    public object ReadOptions => _options;

    /// <inheritdoc/>
    public VolumeGeometry Geometry => _reorientation?.Geometry ?? Header.Geometry;

    /// <inheritdoc/>
    /// <remarks>Takes memory for one float per voxel and less than a megabyte beside it.</remarks>
    public Volume Read(CancellationToken cancellationToken)
    {
        RequireUnchanged();
        using var reader = Header.Voxels.Open();
        var volume = Read(reader, Header.Geometry, Header.Path, _options, _reorientation, cancellationToken);
        RequireUnchanged();
        return volume;
    }

    /// <inheritdoc/>
    public string HashContent(CancellationToken cancellationToken)
    {
        if (!Header.NamesAllFiles)
        {
            // The voxels may lie in a file that nobody named.
            return ContentHash.Of(Read(cancellationToken));
        }

        try
        {
            return ContentHash.OfBytes(
                Header.Stamps.Select(stamp => new FileStream(stamp.Reopen(), FileAccess.Read, bufferSize: 1)), cancellationToken);
        }
        catch (IOException exception) when (exception is not MriFileException)
        {
            throw new MriFileException(Header.Path, $"cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads every voxel without keeping any, to find damage that the header does not show.</summary>
    /// <exception cref="MriFileException">The file is damaged, has changed, or has voxels that <see cref="VoxelReadOptions"/> does not
    /// allow.</exception>
    public void Verify(CancellationToken cancellationToken)
    {
        RequireUnchanged();
        using var reader = Header.Voxels.Open();
        ReadChunks(reader, Header.Geometry.Size.Count, Header.Path, _options, null, (_, _) => { }, cancellationToken);
        RequireUnchanged();
    }

    internal static Volume Read(
        VoxelReader reader, VolumeGeometry geometry, string name, VoxelReadOptions options, Reorientation? reorientation,
        CancellationToken cancellationToken)
    {
        float[] voxels;
        try
        {
            voxels = GC.AllocateUninitializedArray<float>(checked((int)geometry.Size.Count));
            LargePages.Request(voxels);
        }
        catch (OutOfMemoryException exception)
        {
            throw new MriFileException(
                name, $"does not fit into memory: {geometry.Size} voxels take {geometry.Size.Count * sizeof(float):N0} bytes.", exception);
        }

        if (reorientation is null || reorientation.IsIdentity)
        {
            ReadChunks(reader, voxels.Length, name, options, voxels, (_, _) => { }, cancellationToken);
            return new(reorientation?.Geometry ?? geometry, voxels);
        }

        ReadChunks(reader, voxels.Length, name, options, null, (first, chunk) => reorientation.Place(chunk, first, voxels), cancellationToken);
        return new(reorientation.Geometry, voxels);
    }

    // Reads straight into `destination`, or through one small buffer when there is none, and hands over each chunk once it is clean.
    private static void ReadChunks(
        VoxelReader reader, long count, string name, VoxelReadOptions options, float[]? destination, ChunkAction action,
        CancellationToken cancellationToken)
    {
        var buffer = destination is null ? ArrayPool<float>.Shared.Rent(ChunkVoxels) : null;
        try
        {
            long bad = 0;
            for (long first = 0; first < count; first += ChunkVoxels)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var length = (int)Math.Min(ChunkVoxels, count - first);
                var chunk = destination is null ? buffer.AsSpan(0, length) : destination.AsSpan((int)first, length);
                reader.Read(chunk);
                if (!reader.IsAlwaysFinite && !AllFinite(chunk))
                {
                    bad += ZeroNonFinite(chunk);
                }

                action(first, chunk);
            }

            reader.Finish(cancellationToken);
            if (bad > 0 && options.NonFinite is NonFiniteVoxels.Error)
            {
                throw new MriFileException(
                    name, $"has {bad:N0} of {count:N0} voxels that are not finite numbers (NaN, infinite, or beyond the range of a float).");
            }
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<float>.Shared.Return(buffer);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AllFinite(ReadOnlySpan<float> voxels)
    {
        // v - v is 0 for every finite v and NaN otherwise, and NaN stays through sums.
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i <= voxels.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = new Vector<float>(voxels[i..]);
            sum += v - v;
        }

        var rest = Vector.Sum(sum);
        for (; i < voxels.Length; i++)
        {
            rest += voxels[i] - voxels[i];
        }

        return float.IsFinite(rest);
    }

    private static int ZeroNonFinite(Span<float> voxels)
    {
        var count = 0;
        foreach (ref var voxel in voxels)
        {
            if (!float.IsFinite(voxel))
            {
                voxel = 0;
                count++;
            }
        }

        return count;
    }

    private void RequireUnchanged()
    {
        foreach (var stamp in Header.Stamps)
        {
            stamp.Reopen().Dispose();
        }
    }

    private delegate void ChunkAction(long first, ReadOnlySpan<float> chunk);
}
