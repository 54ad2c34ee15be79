using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>A real head whose brain is known: what disturbances start from.</summary>
/// <param name="Name">The file's name without endings.</param>
/// <param name="Scan">The head, white matter brought to 1000, axes along the world's.</param>
/// <param name="Labels">The segmentation on the scan's grid.</param>
/// <param name="Brain">The voxels that have a label, clefts up to 4 mm closed.</param>
internal sealed record LabelledHead(string Name, Volume Scan, Volume Labels, Mask Brain)
{
    private const string ScanEnding = "_T1w.nii.gz";
    private const float White = 1000;

    /// <summary>The scans of a folder that have a segmentation beside them, as BIDS derivatives keep it, evenly spread over all there are.</summary>
    public static IReadOnlyList<string> Files(string folder, int most)
    {
        var all = Directory.EnumerateFiles(folder, "*" + ScanEnding, SearchOption.AllDirectories).Where(f => LabelsOf(f) is not null)
            .Order(StringComparer.Ordinal).ToArray();
        return [.. Enumerable.Range(0, Math.Min(most, all.Length)).Select(i => all[i * all.Length / Math.Min(most, all.Length)])];
    }

    /// <summary>The segmentation of a scan: sub-01_desc-x_dseg.nii.gz beside sub-01_T1w.nii.gz; null when there is none.</summary>
    public static string? LabelsOf(string scan)
    {
        var stem = Path.GetFileName(scan)[..^ScanEnding.Length];
        return Directory.EnumerateFiles(Path.GetDirectoryName(scan)!, stem + "_*dseg.nii.gz").Order(StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>Reads one.</summary>
    public static LabelledHead Read(string file, WorkOptions work)
    {
        var (scan, labels) = (Voxels(file), Voxels(LabelsOf(file)!));
        var brain = Mask.FromVolume(labels);
        brain = DistanceTransform.Erode(DistanceTransform.Dilate(brain, 4, work), 4, work);
        var (_, white) = Percentiles.Of(scan.Voxels, brain.Voxels, 0.5, 0.75);
        return new(Path.GetFileName(file)[..^ScanEnding.Length], new(scan.Geometry, Array.ConvertAll(scan.Voxels, v => v * White / white)), labels,
            brain);
    }

    private static Volume Voxels(string path) =>
        new FileVoxelSource(VolumeFormats.ReadHeader(path), new() { Reorient = true }).Read(CancellationToken.None);
}
