namespace MriLink.Core.Formats.Inventory;

/// <summary>Sees to it that DICOM series of different patients have different labels, and those of one study the same.</summary>
internal static class DicomPeople
{
    // What is put in the place of a patient's number: it tells nobody apart.
    private static readonly string[] Dummies =
        ["anon", "unknown", "none", "deid", "removed", "patient", "subject", "test", "phantom", "null", "n/a", "xxx"];

    /// <summary>Changes the labels of scans that names alone would give a wrong one.</summary>
    public static void TellApart(List<ScanNames> scans)
    {
        foreach (var alike in scans.GroupBy(names => names.Scan.Identity.Participant, StringComparer.Ordinal).Select(group => group.ToList())
            .ToArray())
        {
            Part(alike);
        }

        Join(scans);
    }

    // Patients whose scans have one label: each gets the innermost name in which they differ or, in one folder, that of the first file.
    private static void Part(List<ScanNames> alike)
    {
        var saysTwo = alike.Select(names => Said(names.Scan)).Where(said => said.Length > 0).Distinct(StringComparer.Ordinal).Skip(1).Any();
        var groups = alike.GroupBy(names => PersonOf(names, alike, saysTwo), StringComparer.Ordinal)
            .OrderBy(group => group.Key.Length == 0).ToArray();
        if (groups.Length < 2 || (groups.Length == 2 && groups[1].Key.Length == 0))
        {
            return;
        }

        var people = Array.ConvertAll(groups, group => group.ToArray());
        ScanNames[] firsts = [.. people.Select(series => series[0])];
        var level = Enumerable.Range(0, firsts.Min(names => names.Count)).Cast<int?>()
            .FirstOrDefault(level => firsts.Select(names => names.LabelOf(level!.Value)).Distinct(StringComparer.Ordinal).Count() == firsts.Length);
        foreach (var series in people)
        {
            var first = series[0];
            var label = level is not { } at ? $"{first.Scan.Identity.Participant}_{VolumeFormats.GetStem(first.Scan.Path)}"
                : at < first.Level ? first.LabelOf(at)
                : $"{first.LabelOf(at)}-{first.Scan.Identity.Participant}";
            foreach (var names in series)
            {
                names.Scan.Origin = first.Scan.Path;
                names.Scan.Identity = names.Scan.Identity with { Participant = label, Run = series.Length == 1 ? null : names.Scan.Identity.Run };
            }
        }
    }

    // Series of one study that lie in folders of different names: the folder above them names the person, or else the first.
    private static void Join(List<ScanNames> scans)
    {
        // A UID that all have says nothing.
        var studies = scans.Where(names => names.Scan.Group.Dicom!.StudyUid is not null)
            .GroupBy(names => string.Join('\n', names.Scan.Group.Dicom!.StudyUid, PatientOf(names.Scan)), StringComparer.Ordinal)
                .Select(group => group.ToArray()).ToArray();
        if (scans.Select(names => names.Scan.Group.Dicom!.StudyUid).OfType<string>().Distinct(StringComparer.Ordinal).Count() < 2)
        {
            return;
        }

        foreach (var study in studies.Where(
            study => study.Select(names => names.Scan.Identity.Participant).Distinct(StringComparer.Ordinal).Skip(1).Any()))
        {
            var above = Path.GetDirectoryName(study[0].PathOf(0));
            var level = Enumerable.Range(0, study[0].Count)
                .FirstOrDefault(level => string.Equals(study[0].PathOf(level), above, StringComparison.Ordinal), -1);
            var isTheirs = level > 0 && study[0].KindOf(level) == NameKind.Name
                && Array.TrueForAll(study, names => string.Equals(Path.GetDirectoryName(names.PathOf(0)), above, StringComparison.Ordinal))
                && !scans.Except(study).Any(names => names.Folder.StartsWith(above + Path.DirectorySeparatorChar, StringComparison.Ordinal));
            foreach (var names in study)
            {
                names.Scan.Origin = isTheirs ? above : study[0].Scan.Origin;
                names.Scan.Identity = names.Scan.Identity with
                {
                    Participant = isTheirs ? study[0].LabelOf(level)
                    : study[0].Scan.Identity.Participant
                };
            }
        }
    }

    // Series in folders of their own are kept apart by what is said of the patient; those in one folder by the study too, and if nothing is said,
    // each is a person.
    private static string PersonOf(ScanNames names, List<ScanNames> alike, bool saysTwo)
    {
        if (PatientOf(names.Scan) is { } patient)
        {
            return patient;
        }

        // Short or made up, numbers and names that differ are of two people: only those that all have say nothing.
        if (saysTwo && Said(names.Scan) is { Length: > 0 } said)
        {
            return said;
        }

        var isAlone = !alike.Exists(other => other != names && string.Equals(other.Folder, names.Folder, StringComparison.Ordinal));
        return isAlone ? string.Empty : names.Scan.Group.Dicom!.StudyUid ?? names.Scan.Path;
    }

    /// <summary>What tells a scan's patient from others, or null when its files do not say, or it is none of DICOM.</summary>
    public static string? PatientOf(FoundScan scan)
    {
        if (scan.Group.Dicom is not { } dicom)
        {
            return null;
        }

        string[] said = [dicom.PatientId ?? string.Empty, dicom.PatientName ?? string.Empty];
        return Array.TrueForAll(said, IsDummy) ? null : string.Join('\n', [.. said, dicom.PatientBirthDate]);
    }

    private static string Said(FoundScan scan) =>
        scan.Group.Dicom is { } dicom ? string.Join('\n', dicom.PatientId, dicom.PatientName, dicom.PatientBirthDate).Trim('\n') : string.Empty;

    private static bool IsDummy(string text) =>
        text.Distinct().Count() < 2
            || Array.Exists(Dummies, dummy => text.Contains(dummy, StringComparison.OrdinalIgnoreCase) && !text.Any(char.IsAsciiDigit));
}
