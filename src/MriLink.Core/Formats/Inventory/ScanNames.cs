using MriLink.Core.Basics;

namespace MriLink.Core.Formats.Inventory;

/// <summary>The names on the way to a scan, from its own outwards, while it is found out which of them names the person.</summary>
internal sealed class ScanNames
{
    private readonly bool _isDicom;
    private readonly string[] _paths;
    private readonly NameKind?[] _kinds;

    public ScanNames(FoundScan scan)
    {
        Scan = scan;
        var group = scan.Group;
        _isDicom = group.Dicom is not null;
        Folder = Path.GetDirectoryName(group.Files[0]) ?? string.Empty;
        var (own, isFile) = (group.NamePath, string.Equals(group.NamePath, group.Files[0], StringComparison.Ordinal));
        if (_isDicom && !isFile)
        {
            // The name of a series is its folder's with an ending, or, where a folder holds several, the folder's and then its own.
            own = Path.Combine(Path.GetDirectoryName(own) ?? string.Empty, VolumeFormats.GetStem(own));
            var above = Path.GetDirectoryName(own) ?? string.Empty;
            if (Path.GetFileName(above) is { Length: > 0 } shared && Path.GetFileName(own).StartsWith(shared + "_series", StringComparison.Ordinal)
                && !Directory.Exists(own))
            {
                Run = Path.GetFileName(own)[(shared.Length + "_series".Length)..].TrimStart('-');
                own = above;
            }
        }

        IsFile = isFile;
        var paths = new List<string>();
        for (var path = own; !string.IsNullOrEmpty(path) && Path.GetFileName(path).Length > 0; path = Path.GetDirectoryName(path))
        {
            paths.Add(path);
        }

        _paths = [.. paths];
        _kinds = new NameKind?[_paths.Length];
    }

    public FoundScan Scan { get; }

    /// <summary>The folder of the first file.</summary>
    public string Folder { get; }

    /// <summary>Whether the innermost name is that of a file, not of the folder of a series.</summary>
    public bool IsFile { get; }

    /// <summary>What tells a DICOM series from others of its folder: its number, mostly.</summary>
    public string? Run { get; }

    /// <summary>How many names there are.</summary>
    public int Count => _paths.Length;

    /// <summary>Which of the names is the person's.</summary>
    public int Level { get; set; }

    /// <summary>Whether no name on the way can be a person's, so that the innermost stands for one.</summary>
    public bool IsForced { get; set; }

    /// <summary>A name: 0 is the scan's own, without its ending.</summary>
    public string this[int level] => level == 0 && IsFile ? VolumeFormats.GetStem(_paths[0]) : Path.GetFileName(_paths[level]);

    /// <summary>Where a name is.</summary>
    public string PathOf(int level) => _paths[level];

    /// <summary>What a name can say.</summary>
    public NameKind KindOf(int level) => _kinds[level] ??= Find(level);

    /// <summary>The label that a name gives: what follows "sub-" of a BIDS folder, otherwise the name itself.</summary>
    public string LabelOf(int level) =>
        SafeText.ForTerminal(this[level] is var name && name.StartsWith("sub-", StringComparison.Ordinal) && name.Length > 4
            && (level > 0 || !IsFile) ? name[4..] : name);

    /// <summary>The number of a folder below the person's that tells images of one visit apart, or null.</summary>
    public string? Repetition() =>
        NumberedFolders().Select(level => NameWords.RepetitionOf(this[level], _isDicom)).FirstOrDefault(number => number is not null);

    /// <summary>Folders below the person's whose numbers may be people's, or null.</summary>
    public string? Numbers()
    {
        string[] folders = [.. NumberedFolders().Select(level => this[level]).Where(name => NameWords.RepetitionOf(name, _isDicom) is null)];
        return folders.Length == 0 ? null : string.Join('/', folders);
    }

    private IEnumerable<int> NumberedFolders() =>
        Enumerable.Range(0, Level).Where(level => (level > 0 || !IsFile) && KindOf(level) == NameKind.Numbered);

    private NameKind Find(int level)
    {
        // FreeSurfer's orig/001.mgz.
        var name = this[level];
        return level == 0 && IsFile && Count > 1 && string.Equals(this[1], "orig", StringComparison.Ordinal) && name.All(char.IsAsciiDigit)
            ? NameKind.Word
            : name.StartsWith("ses-", StringComparison.Ordinal) ? NameKind.Occasion
            : NameWords.KindOf(name, _isDicom);
    }
}
