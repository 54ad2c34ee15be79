using MriLink.Core.Basics;

namespace MriLink.Core.Formats.Inventory;

/// <summary>Whose scans these are, as far as the names of files and folders tell.</summary>
/// <remarks>
/// <para>A file name of BIDS says it. Otherwise the nearest name can that is not that of an image, a format or a visit: in
/// <c>bert/mri/T1.mgz</c>, bert. Where files of one name lie in several folders, the name tells nobody apart, and the nearest folder that
/// does is taken. A folder <c>sub-12</c> counts as BIDS's where others are beside it; a single <c>sub-study</c> above all does not.</para>
/// <para>Of DICOM, series of different patients never share a label, and series of one study do. What the files say about a patient is
/// used for that alone and never becomes a label: it may be a name.</para>
/// </remarks>
internal static class ScanLabels
{
    /// <summary>Sets the identities of scans that were found together.</summary>
    public static void Set(IReadOnlyList<FoundScan> scans)
    {
        var others = new List<ScanNames>();
        foreach (var scan in scans)
        {
            if (!SetByBidsName(scan))
            {
                others.Add(new(scan));
            }
        }

        var siblings = new SubjectFolders(others);
        others.ForEach(names => SetNearest(names, siblings));
        for (var pass = 0; pass < 3 && TellApart(others); pass++)
        {
        }

        TellOnlyFolderApart(others);
        others.ForEach(Apply);
        DicomPeople.TellApart(others.FindAll(names => names.Scan.Group is { Dicom: not null, Problem: null }));
    }

    /// <summary>Names a scan by one of its names.</summary>
    public static void Apply(ScanNames names)
    {
        var scan = names.Scan;
        var file = BidsName.Parse(scan.Path);
        scan.Origin = names.PathOf(names.Level);
        scan.Identity = new(names.LabelOf(names.Level), file["ses"] ?? Occasion(names), file["run"] ?? names.Run ?? names.Repetition(), scan.Path);
        scan.IsSure = file["ses"] is not null
            || Enumerable.Range(1, names.Level).Any(level => names[level].StartsWith("ses-", StringComparison.Ordinal));
        scan.Numbers = names.Numbers();
    }

    private static bool SetByBidsName(FoundScan scan)
    {
        var name = BidsName.Parse(scan.Path);
        if (name["sub"] is not { } participant)
        {
            return false;
        }

        // The session may be that of the folder, as people leave it out of the name.
        var session = name["ses"] ?? FolderLabel(scan.Path, "ses");
        scan.Identity = new(participant, session, name["run"], scan.Path);
        scan.IsSure = string.Equals(FolderLabel(scan.Path, "sub"), participant, StringComparison.Ordinal);
        return true;
    }

    // The nearest name that can be a person's.
    private static void SetNearest(ScanNames names, SubjectFolders siblings)
    {
        if (siblings.Find(names) is { } subject)
        {
            names.Level = subject;
            return;
        }

        for (var level = 0; level < names.Count; level++)
        {
            if (names.KindOf(level) == NameKind.Name
                || (level == 0 && names.IsFile && names.KindOf(0) == NameKind.Numbered && names.Scan.Group.Dicom is null))
            {
                names.Level = level == 0 && names.IsFile ? OwnerOf(names) : level;
                return;
            }
        }

        names.IsForced = true;
    }

    // P001/P001_T1.nii is of P001, and so is P001/raw/P001_T1_2.nii; study/study_2.nii is not of a person called study.
    private static int OwnerOf(ScanNames names)
    {
        var own = names[0];
        for (var level = 1; level < Math.Min(names.Count, 6); level++)
        {
            var folder = names[level];
            var at = names.KindOf(level) == NameKind.Name ? own.IndexOf(folder, StringComparison.Ordinal) : -1;
            if (at < 0 || (at > 0 && char.IsLetterOrDigit(own[at - 1]))
                || (at + folder.Length < own.Length && char.IsLetterOrDigit(own[at + folder.Length])))
            {
                continue;
            }

            var rest = own.Remove(at, folder.Length);
            var kind = rest.Any(char.IsLetterOrDigit) ? NameWords.KindOf(rest, isDicom: false) : NameKind.Word;
            if (kind is NameKind.Word or NameKind.Occasion || (kind == NameKind.Numbered && level > 1))
            {
                return level;
            }
        }

        return 0;
    }

    // What is called alike in several folders that hold nothing else tells nobody apart: the nearest names above that differ do.
    private static bool TellApart(List<ScanNames> all)
    {
        var inFolder = all.GroupBy(FolderOf, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group =>
                group.Select(names => names[names.Level]).Distinct(StringComparer.Ordinal).Count(), StringComparer.Ordinal);
        var changed = false;
        foreach (var alike in all.GroupBy(names => names[names.Level], StringComparer.Ordinal).Select(group => group.ToArray()))
        {
            if (alike.Select(FolderOf).Distinct(StringComparer.Ordinal).Skip(1).Any()
                && Array.TrueForAll(alike, names => inFolder[FolderOf(names)] == 1 || names.IsForced)
                && Above(alike) is { } levels)
            {
                foreach (var (names, level) in alike.Zip(levels))
                {
                    names.Level = level;
                }

                changed = true;
            }
        }

        return changed;
    }

    private static string FolderOf(ScanNames names) => Path.GetDirectoryName(names.PathOf(names.Level)) ?? string.Empty;

    // The next names above that can be people's and differ, or where no name can, the next that differ.
    private static int[]? Above(ScanNames[] scans)
    {
        var isForced = Array.TrueForAll(scans, names => names.IsForced);
        var levels = Array.ConvertAll(scans, names => names.Level);
        while (true)
        {
            for (var i = 0; i < scans.Length; i++)
            {
                var names = scans[i];
                do
                {
                    levels[i]++;
                }
                while (levels[i] < names.Count && !isForced && names.KindOf(levels[i]) != NameKind.Name);

                if (levels[i] == names.Count)
                {
                    return null;
                }
            }

            if (scans.Zip(levels).Select(item => item.First[item.Second]).Distinct(StringComparer.Ordinal).Skip(1).Any())
            {
                return levels;
            }
        }
    }

    // Where all scans would be one folder's, and have one name: E01/T1.nii, E02/T1.nii.
    private static void TellOnlyFolderApart(List<ScanNames> all)
    {
        if (all.Count > 1 && all.TrueForAll(
            names => names.Level > 0 && string.Equals(names.PathOf(names.Level), all[0].PathOf(all[0].Level), StringComparison.Ordinal)
            && string.Equals(names[0], all[0][0], StringComparison.Ordinal)))
        {
            var nearest = all.Min(names => names.Level);
            var level = Enumerable.Range(0, nearest).Cast<int?>()
                .FirstOrDefault(level => all.TrueForAll(names => names.KindOf(level!.Value) == NameKind.Numbered)
                && all.Select(names => names[level!.Value]).Distinct(StringComparer.Ordinal).Count() == all.Count);
            all.ForEach(names => names.Level = level ?? names.Level);
        }
    }

    // The visit that is named between the person's name and the scan's own, or by the folder around the person's.
    private static string? Occasion(ScanNames names)
    {
        for (var level = 0; level < Math.Min(names.Level + 2, names.Count); level++)
        {
            if (names[level].StartsWith("ses-", StringComparison.Ordinal) && level > 0)
            {
                return SafeText.ForTerminal(names[level]["ses-".Length..]);
            }

            if (level != names.Level && names.KindOf(level) == NameKind.Occasion)
            {
                return SafeText.ForTerminal(NameWords.OccasionOf(names[level]));
            }
        }

        return null;
    }

    private static string? FolderLabel(string path, string key)
    {
        for (var folder = Path.GetDirectoryName(path); !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
        {
            if (Path.GetFileName(folder) is var name && name.Length > key.Length + 1 && name.StartsWith(key, StringComparison.Ordinal)
                && name[key.Length] == '-')
            {
                return SafeText.ForTerminal(name[(key.Length + 1)..]);
            }
        }

        return null;
    }
}
