namespace MriLink.Core.Formats.Inventory;

/// <summary>
/// Which folders called <c>sub-…</c> are people's, as in a BIDS dataset: those beside others, or beside the description of a dataset.
/// </summary>
internal sealed class SubjectFolders
{
    private readonly Dictionary<string, bool> _isDataset = new(StringComparer.Ordinal);
    private readonly HashSet<string> _groups;

    public SubjectFolders(IEnumerable<ScanNames> scans)
    {
        // A person's folder holds folders of visits and kinds of images; one that holds people's is none.
        _groups = [.. scans.SelectMany(
            names => Levels(names).Where(level => level > 1)
            .Select(level => (Folder: names.PathOf(level), Below: names.PathOf(level - 1), IsName: names.KindOf(level - 1) == NameKind.Name)))
            .Where(item => item.IsName)
            .Distinct()
            .GroupBy(item => item.Folder, StringComparer.Ordinal)
            .Where(group => group.Skip(1).Any())
            .Select(group => group.Key)];
    }

    /// <summary>The level of a scan's nearest folder of a subject, or null.</summary>
    public int? Find(ScanNames names)
    {
        foreach (var level in Levels(names))
        {
            if (!_groups.Contains(names.PathOf(level)) && IsDataset(Path.GetDirectoryName(names.PathOf(level)) ?? string.Empty))
            {
                return level;
            }
        }

        return null;
    }

    private static IEnumerable<int> Levels(ScanNames names) =>
        Enumerable.Range(0, names.Count)
            .Where(level => (level > 0 || !names.IsFile) && names[level].Length > 4 && names[level].StartsWith("sub-", StringComparison.Ordinal));

    private bool IsDataset(string folder)
    {
        if (!_isDataset.TryGetValue(folder, out var isDataset))
        {
            isDataset = File.Exists(Path.Combine(folder, "dataset_description.json")) || HasSubjects(folder);
            _isDataset.Add(folder, isDataset);
        }

        return isDataset;
    }

    private static bool HasSubjects(string folder)
    {
        try
        {
            return Directory.EnumerateDirectories(folder, "sub-*").Skip(1).Any();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What cannot be listed shows no folders beside others.
            return false;
        }
    }
}
