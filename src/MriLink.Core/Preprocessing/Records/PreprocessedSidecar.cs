using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
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

    private const string T1w = "_T1w";
    private const string Mask = "_mask";

    /// <summary>The path of the sidecar of an exported volume.</summary>
    public static string PathFor(string volumePath) =>
        Path.Combine(Path.GetDirectoryName(volumePath) ?? string.Empty, VolumeFormats.GetStem(volumePath) + ".json");

    /// <summary>
    /// The path of the mask of an exported volume: BIDS replaces the suffix T1w (…_T1w becomes …_mask), any other name gets _mask added whole,
    /// so that names which differ in their last word alone keep masks of their own.
    /// </summary>
    public static string MaskPathFor(string volumePath)
    {
        var stem = VolumeFormats.GetStem(volumePath);
        var ending = Path.GetFileName(volumePath)[stem.Length..];
        var start = stem.EndsWith(T1w, StringComparison.Ordinal) ? stem[..^T1w.Length] : stem;
        return Path.Combine(Path.GetDirectoryName(volumePath) ?? string.Empty, start + Mask + ending);
    }

    /// <summary>
    /// The file of another volume that the mask at <see cref="MaskPathFor"/> would belong to as well, or null: "a.nii" for "a_T1w.nii", and the other
    /// way round.
    /// </summary>
    public static string? OtherOwnerOfMask(string volumePath)
    {
        var mask = MaskPathFor(volumePath);
        var stem = VolumeFormats.GetStem(mask);
        var (start, ending) = (stem[..^Mask.Length], Path.GetFileName(mask)[stem.Length..]);
        return ((string[])[start + ending, start + T1w + ending]).Select(name => Path.Combine(Path.GetDirectoryName(mask) ?? string.Empty, name))
            .FirstOrDefault(other => !string.Equals(other, volumePath, StringComparison.Ordinal) && File.Exists(other));
    }

    /// <summary>The sidecar's text.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="stored">The volume as its file gives it back, by which the sidecar will know it; null for a sidecar that cannot tell.</param>
    /// <param name="includeSource">Whether Sources names the scan's file by its full path.</param>
    public static string Write(PreprocessedVolume volume, Volume? stored, bool includeSource)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var spacing = volume.Spacing;
        var sidecar = new Sidecar(
            "T1-weighted volume on the template's grid: bias field removed, brain taken out, intensities harmonised, as the parameters say.",
            includeSource && volume.Path is { } path ? [path] : null,
            volume.Provenance?.Parameters.TryGetValue(nameof(PreprocessOptions.BrainExtraction), out var extraction) != true
                || !string.Equals(extraction as string, nameof(BrainExtractionMode.Never), StringComparison.Ordinal)
                || volume.QualityRecord is { InputStripped: true },
            volume.Template,
            FormattableString.Invariant($"{spacing.X:0.###} x {spacing.Y:0.###} x {spacing.Z:0.###} mm"),
            [new(volume.Provenance?.Tool ?? "MriLink", volume.Provenance?.Version ?? Provenance.ToolVersion)],
            PreprocessedRecord.Of(volume),
            stored is null ? null : new(ContentHash.Of(stored), ContentHash.Of(volume.BrainMask)));
        return JsonSerializer.Serialize(sidecar, ProvenanceJson.Indented) + "\n";
    }

    /// <summary>
    /// Writes the sidecar of a volume that has been written to a file; it appears, or replaces the old one, only once it is complete.
    /// </summary>
    /// <remarks>The file is read for that: a sidecar stands for what is in the file, not for what was meant to be.</remarks>
    /// <param name="volumePath">The volume's file.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="includeSource">Whether Sources names the scan's file by its full path.</param>
    /// <param name="cancellationToken">Obeyed while the file is read.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="MriFileException">The volume's file cannot be read.</exception>
    public static void WriteFile(string volumePath, PreprocessedVolume volume, bool includeSource, CancellationToken cancellationToken = default) =>
        WholeFile.Write(PathFor(volumePath), Encoding.UTF8.GetBytes(Write(volume, ReadVolume(volumePath, cancellationToken), includeSource)));

    /// <summary>Reads the voxels of a file as they are.</summary>
    /// <exception cref="MriFileException">It cannot be read.</exception>
    public static Volume ReadVolume(string path, CancellationToken cancellationToken = default) =>
        new FileVoxelSource(VolumeFormats.ReadHeader(path, cancellationToken: cancellationToken), new()).Read(cancellationToken);

    /// <summary>Gives an imported volume back as the preprocessed one that was exported, when a sidecar of ours lies beside its file.</summary>
    /// <param name="volume">A volume from a file.</param>
    /// <param name="cancellationToken">Obeyed while voxels are read and compared with what the sidecar says of them.</param>
    /// <returns>The preprocessed volume, whose voxels are still read only when asked for; or null when there is no such sidecar.</returns>
    /// <exception cref="MriFileException">
    /// There is a sidecar of ours, and it is damaged or describes a volume of another size; then the exception's path is the sidecar's. Or the
    /// voxels are not those that it was written for; then it is the volume's.
    /// </exception>
    public static PreprocessedVolume? Restore(MriVolume volume, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (volume.Path is not { } path || volume.FileContent is not { } content || Read(PathFor(path)) is not { MriLink: { } record } sidecar)
        {
            return null;
        }

        if (record.Geometry() is not { } geometry || record.Quality is null || geometry.Size != volume.Size)
        {
            throw new MriFileException(PathFor(path), $"describes another volume than '{Path.GetFileName(path)}', which has {volume.Size} voxels.");
        }

        // Sidecars of the first version do not say which voxels are theirs.
        if (sidecar.MriLinkContent?.Voxels is { } hash
            && !string.Equals(ContentHash.Of(volume.ReadVoxels(cancellationToken)), hash, StringComparison.Ordinal))
        {
            throw new MriFileException(
                path, $"is not the volume that '{Path.GetFileName(PathFor(path))}' beside it was written for: its voxels are others. Export it "
                    + $"again, or take that file away.");
        }

        var maskPath = MaskPathFor(path);
        return new(
            volume.Identity,
            content,
            () => File.Exists(maskPath) ? ReadMask(sidecar, record, volume, ReadVolume(maskPath)) : OfVoxels(volume.ReadVoxels()),
            record.Template,
            Affine.FromRows(record.TemplateToScan),
            record.Quality,
            [])
        {
            Provenance = record.Provenance,
        };
    }

    // Without a mask file the brain is what is not 0. Integer voxels round some inner ones to 0, so a few may be missing there.
    private static Mask OfVoxels(Volume voxels) => new(voxels.Geometry, Array.ConvertAll(voxels.Voxels, v => v != 0));

    private static Mask ReadMask(RestoredSidecar sidecar, PreprocessedRecord record, MriVolume volume, Volume voxels)
    {
        var mask = OfVoxels(voxels);
        return mask.Size == volume.Size && mask.Count == record.BrainVoxels
            && (sidecar.MriLinkContent?.Mask is not { } hash
                || string.Equals(ContentHash.Of(new Mask(volume.Geometry, mask.Voxels)), hash, StringComparison.Ordinal))
            ? mask
            : throw new MriFileException(
                MaskPathFor(volume.Path!),
                $"is not the mask of '{Path.GetFileName(volume.Path)}': it has {mask.Count:N0} voxels, of {record.BrainVoxels:N0}, or others.");
    }

    /// <summary>Whether a volume's file has a sidecar beside it that describes a preprocessed volume; another tool's is none.</summary>
    public static bool IsBeside(string volumePath)
    {
        try
        {
            return Read(PathFor(volumePath)) is { MriLink: not null };
        }
        catch (MriFileException)
        {
            return false;
        }
    }

    private static RestoredSidecar? Read(string path)
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
                ? new(
                    own.Deserialize<PreprocessedRecord>(ProvenanceJson.Compact),
                    document.RootElement.TryGetProperty(nameof(Sidecar.MriLinkContent), out var hashes)
                        ? hashes.Deserialize<SidecarContent>(ProvenanceJson.Compact) : null)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
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
        PreprocessedRecord MriLink,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SidecarContent? MriLinkContent);

    /// <summary>What tells whether voxels and sidecar belong together.</summary>
    /// <param name="Voxels">The hash of the volume as its file gives it back.</param>
    /// <param name="Mask">The hash of the brain mask.</param>
    private sealed record SidecarContent(string? Voxels, string? Mask);

    private sealed record RestoredSidecar(PreprocessedRecord? MriLink, SidecarContent? MriLinkContent);

    private sealed record Generator(string Name, string Version);
}
