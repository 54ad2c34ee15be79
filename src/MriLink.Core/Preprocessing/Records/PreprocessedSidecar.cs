using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>The JSON file beside an exported preprocessed volume, as BIDS derivatives have it: same name, ending .json.</summary>
/// <remarks>
/// BIDS fields at the top (SkullStripped, SpatialReference, Resolution, GeneratedBy, and Sources where the user asks for it); under
/// "MriLink" all that brings the volume back as a preprocessed one: grid, transform, quality, provenance. Without Sources it holds
/// neither name nor path.
/// </remarks>
public static class PreprocessedSidecar
{
    // Ours are some 2 KB; what is longer is not ours.
    private const int Longest = 1 << 20;

    /// <summary>The path of the sidecar of an exported volume.</summary>
    public static string PathFor(string volumePath) =>
        Path.Combine(Path.GetDirectoryName(volumePath) ?? string.Empty, VolumeFormats.GetStem(volumePath) + ".json");

    /// <summary>The path of the mask of an exported volume: BIDS replaces the suffix (…_T1w becomes …_mask), any other name gets it added.</summary>
    public static string MaskPathFor(string volumePath)
    {
        var stem = VolumeFormats.GetStem(volumePath);
        var ending = Path.GetFileName(volumePath)[stem.Length..];
        var suffix = BidsName.Parse(volumePath).Suffix;
        var start = suffix is null ? stem + "_" : stem[..^suffix.Length];
        return Path.Combine(Path.GetDirectoryName(volumePath) ?? string.Empty, start + "mask" + ending);
    }

    /// <summary>The sidecar's text.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="includeSource">Whether Sources names the scan's file by its full path.</param>
    public static string Write(PreprocessedVolume volume, bool includeSource)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var spacing = volume.Spacing;
        var sidecar = new Sidecar(
            "T1-weighted volume on the template's grid: bias field removed, brain taken out, intensities harmonised, as the parameters say.",
            includeSource && volume.Path is { } path ? [path] : null,
            volume.Provenance?.Parameters.TryGetValue(nameof(PreprocessOptions.BrainExtraction), out var extraction) != true
                || !string.Equals(extraction as string, nameof(BrainExtractionMode.Never), StringComparison.Ordinal)
                || volume.Quality is { InputStripped: true },
            volume.Template,
            FormattableString.Invariant($"{spacing.X:0.###} x {spacing.Y:0.###} x {spacing.Z:0.###} mm"),
            [new(volume.Provenance?.Tool ?? "MriLink", volume.Provenance?.Version ?? Provenance.ToolVersion)],
            PreprocessedRecord.Of(volume));
        return JsonSerializer.Serialize(sidecar, ProvenanceJson.Indented) + "\n";
    }

    /// <summary>Writes the sidecar; it appears, or replaces the old one, only once it is complete.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteFile(string path, PreprocessedVolume volume, bool includeSource) =>
        WholeFile.Write(path, Encoding.UTF8.GetBytes(Write(volume, includeSource)));

    /// <summary>Gives an imported volume back as the preprocessed one that was exported, when a sidecar of ours lies beside its file.</summary>
    /// <param name="volume">A volume from a file.</param>
    /// <param name="readMask">Reads the mask's file, should it be there.</param>
    /// <returns>The preprocessed volume, whose voxels are still read only when asked for; or null when there is no such sidecar.</returns>
    /// <exception cref="MriFileException">There is a sidecar of ours, and it is damaged or belongs to another volume.</exception>
    public static PreprocessedVolume? Restore(MriVolume volume, Func<string, Volume> readMask)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(readMask);
        if (volume.Path is not { } path || volume.FileContent is not { } content || Read(PathFor(path)) is not { } record)
        {
            return null;
        }

        if (record.Geometry() is not { } geometry || geometry.Size != volume.Size)
        {
            throw new MriFileException(PathFor(path), $"describes another volume than '{Path.GetFileName(path)}', which has {volume.Size} voxels.");
        }

        var maskPath = MaskPathFor(path);
        return new(
            volume.Identity,
            content,
            () => ReadMask(record, volume, File.Exists(maskPath) ? readMask(maskPath) : volume.ReadVoxels(), File.Exists(maskPath)),
            record.Template,
            Affine.FromRows(record.TemplateToScan),
            record.Quality!,
            [])
        {
            Provenance = record.Provenance,
        };
    }

    // Without a mask file the brain is what is not 0. Integer voxels round some inner ones to 0, so a few may be missing there.
    private static Mask ReadMask(PreprocessedRecord record, MriVolume volume, Volume voxels, bool fromFile)
    {
        var mask = new Mask(voxels.Geometry, Array.ConvertAll(voxels.Voxels, v => v != 0));
        return mask.Size == volume.Size && (!fromFile || mask.Count == record.BrainVoxels)
            ? mask
            : throw new MriFileException(MaskPathFor(volume.Path!), $"is not the mask of '{System.IO.Path.GetFileName(volume.Path)}': it has {mask.Count:N0} voxels, not {record.BrainVoxels:N0}.");
    }

    /// <summary>Whether a volume's file has a sidecar beside it that describes a preprocessed volume; another tool's is none.</summary>
    public static bool IsBeside(string volumePath)
    {
        try
        {
            return Read(PathFor(volumePath)) is not null;
        }
        catch (MriFileException)
        {
            return false;
        }
    }

    private static PreprocessedRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            // Every BIDS volume may have a sidecar; most are not ours and may hold anything.
            using var file = File.OpenRead(path);
            if (file.Length > Longest)
            {
                return null;
            }

            using var document = JsonDocument.Parse(file, new() { MaxDepth = ProvenanceJson.Compact.MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(nameof(Sidecar.MriLink), out var own)
                ? own.Deserialize<PreprocessedRecord>(ProvenanceJson.Compact)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new MriFileException(path, "is no JSON that can be read.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MriFileException(path, $"cannot be read: {exception.Message}", exception);
        }
    }

    private sealed record Sidecar(
        string Description,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string[]? Sources,
        bool SkullStripped,
        string SpatialReference,
        string Resolution,
        Generator[] GeneratedBy,
        PreprocessedRecord MriLink);

    private sealed record Generator(string Name, string Version);
}
