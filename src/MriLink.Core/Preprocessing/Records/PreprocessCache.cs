using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>A folder of results, each under a key of content, parameters and version, so that nothing is preprocessed twice.</summary>
/// <remarks>
/// <para>An entry holds voxels, mask, transform, quality and provenance: no name and no path (<see cref="PreprocessedVolumeCodec"/>),
/// about 0.8 MB for a brain at 2 mm. Nothing is ever deleted but what an interrupted writer left a day ago.</para>
/// <para>Any number of processes may share a folder: an entry is written under another name and put in its place in one step, so a
/// reader meets a whole one or none.</para>
/// </remarks>
public sealed class PreprocessCache
{
    private const string Extension = ".mripre";

    private readonly string _folder;

    /// <summary>Uses a folder; makes it when it is not there.</summary>
    /// <exception cref="IOException">The folder cannot be made or read; the message names it.</exception>
    public PreprocessCache(string folder)
    {
        _folder = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(_folder);
            WholeFile.RemoveAbandoned(_folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The cache '{folder}' cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The file in which a result is kept.</summary>
    /// <remarks>The key includes the identity of this very build, so that results of other code, even of the same version, are not taken.</remarks>
    public string PathOf(Provenance provenance)
    {
        ArgumentNullException.ThrowIfNull(provenance);
        var build = typeof(PreprocessCache).Assembly.ManifestModule.ModuleVersionId;
        var text = $"{PreprocessedVolumeCodec.FormatVersion} {build:N} {ProvenanceJson.Write(provenance)}";
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text))).ToLowerInvariant();
        return Path.Combine(_folder, key + Extension);
    }

    /// <summary>The kept result, or null when there is none.</summary>
    /// <param name="provenance">What the result must have been made from and how.</param>
    /// <param name="identity">Whose scan it is; entries do not know.</param>
    /// <exception cref="MriFileException">The entry is damaged.</exception>
    public PreprocessedVolume? Find(Provenance provenance, ScanIdentity identity)
    {
        var watch = Stopwatch.StartNew();
        var path = PathOf(provenance);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MriFileException(path, $"cannot be read: {exception.Message}", exception);
        }

        var timings = new StepTiming[1];
        var volume = PreprocessedVolumeCodec.Decode(bytes, path, identity, timings);
        timings[0] = new("cache", watch.Elapsed);
        return provenance.Equals(volume.Provenance)
            ? volume
            : throw new MriFileException(path, "is damaged: it holds the result of another scan or of other parameters.");
    }

    /// <summary>Keeps a result, in place of what is there.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void Keep(PreprocessedVolume volume, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var path = PathOf(volume.Provenance ?? throw new ArgumentException($"'{volume.Name}' has no provenance to keep it under.", nameof(volume)));
        WholeFile.Write(path, PreprocessedVolumeCodec.Encode(volume, cancellationToken));
    }
}
