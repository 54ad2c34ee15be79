using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Inventory;

/// <summary>A scan as an inventory lists it: the files that make it, and whose it is as far as names tell.</summary>
public sealed class FoundScan
{
    internal FoundScan(VolumeGroup group, int index)
    {
        Group = group;
        Index = index;
        Identity = new(string.Empty, Path: group.Files[0]);
    }

    /// <summary>The files, or why they make no volume.</summary>
    public VolumeGroup Group { get; }

    /// <summary>Which of the paths that were asked for it was found under.</summary>
    public int Index { get; }

    /// <summary>
    /// Participant, session and run by names of files and folders; the path is that of the file with the header, or the first slice.
    /// </summary>
    public ScanIdentity Identity { get; internal set; }

    /// <summary>Full path of the file with the header, or of the first slice.</summary>
    public string Path => Group.Files[0];

    /// <summary>The file or folder whose name is the participant's label, or null where a BIDS name is.</summary>
    internal string? Origin { get; set; }

    /// <summary>Whether the folders say the same as a BIDS name, as they do in a dataset, or BIDS names the visit.</summary>
    internal bool IsSure { get; set; }

    /// <summary>
    /// Folders between the scan's name and the person's that have a number, which may be a person's too; null where there are none.
    /// </summary>
    internal string? Numbers { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Identity} ({Path})";
}
