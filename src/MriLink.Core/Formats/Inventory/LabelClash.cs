using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Inventory;

/// <summary>Scans that have one label although nothing shows that they are one person's.</summary>
/// <param name="Label">The label.</param>
/// <param name="Scans">The scans.</param>
public sealed record LabelClash(string Label, IReadOnlyList<FoundScan> Scans)
{
    /// <summary>What is wrong and what to do, for people.</summary>
    public string Message
    {
        get
        {
            var folders = Scans.Select(scan => Path.GetDirectoryName(scan.Path)).Distinct(StringComparer.Ordinal).Count();
            return $"{Scans.Count} scans in {folders} {(folders == 1 ? "folder" : "folders")} share the label '{SafeText.ForTerminal(Label)}', and "
                + $"nothing in their names shows that they are one person's: "
                + $"'{SafeText.ForTerminal(Scans[0].Path)}' and '{SafeText.ForTerminal(Scans[^1].Path)}' for example. Say whose they are by "
                + $"-Participant: a script block that gives the label of the file in $_, "
                + "{ $_.Directory.Name } for example, a regular expression ([regex]'…'), or, for one person's scans, the label itself.";
        }
    }

    /// <summary>Finds clashes of the labels that scans have by their names.</summary>
    public static IReadOnlyList<LabelClash> OfNames(IReadOnlyList<FoundScan> scans)
    {
        ArgumentNullException.ThrowIfNull(scans);
        FoundScan[] usable = [.. scans.Where(scan => scan.Group.Problem is null)];
        LabelClash[] several =
        [
            .. usable.Where(scan => scan.Origin is not null)
                .GroupBy(scan => scan.Identity with { Path = null })
                .Where(group => (AreApart(group) || LookAlike(group)
                        || group.Select(scan => scan.Numbers).Distinct(StringComparer.Ordinal).Skip(1).Any())
                    && !AreOnePatient(group))
                .Select(group => new LabelClash(group.Key.Participant, [.. group])),
        ];
        return several.Length > 0 ? several
            : OfAll(usable, usable.Select(scan => scan.Identity), scan => scan.IsSure, withSessions: false, mayBeDates: true);
    }

    /// <summary>Finds out whether a rule has given all scans one label, each in a folder of its own.</summary>
    /// <param name="scans">The scans.</param>
    /// <param name="identities">What the rule gave for each.</param>
    public static IReadOnlyList<LabelClash> OfRule(IReadOnlyList<FoundScan> scans, IReadOnlyList<ScanIdentity> identities)
    {
        ArgumentNullException.ThrowIfNull(scans);
        return OfAll(scans, identities, _ => false, withSessions: true, mayBeDates: false);
    }

    // As many folders as scans and one label, or one folder of files called by dates. Sessions tell visits apart where a rule names them; a date in
    // a name may be anybody's.
    private static LabelClash[] OfAll(
        IReadOnlyList<FoundScan> scans, IEnumerable<ScanIdentity> identities, Func<FoundScan, bool> isSure, bool withSessions, bool mayBeDates)
    {
        var labels = identities.ToArray();
        var areDates = mayBeDates && scans.All(scan => scan.Origin is not null && NameWords.IsDated(VolumeFormats.GetStem(scan.Group.NamePath)));
        return scans.Count > 1
            && Array.TrueForAll(labels, label => string.Equals(label.Participant, labels[0].Participant, StringComparison.Ordinal))
            && (scans.Select(scan => Path.GetDirectoryName(scan.Path)).Distinct(StringComparer.Ordinal).Count() == scans.Count || areDates)
            && (!withSessions || labels.Select(label => label.Session).Distinct(StringComparer.Ordinal).Count() < scans.Count)
            && !scans.All(isSure)
            && !AreOnePatient(scans)
            && (areDates || !AreDifferentImages(scans))
            ? [new(labels[0].Participant, [.. scans])]
            : [];
    }

    // Names that are in different folders, none of which is in another that is called so: HCP has 100307/T1w/100307/mri.
    private static bool AreApart(IEnumerable<FoundScan> scans)
    {
        string[] origins = [.. scans.Select(scan => scan.Origin!).Distinct(StringComparer.Ordinal).OrderBy(origin => origin.Length)];
        return origins.Select(Path.GetDirectoryName).Distinct(StringComparer.Ordinal).Skip(1).Any()
            && !Array.TrueForAll(origins[1..], origin => origin.StartsWith(origins[0] + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    // Names that differ only in characters that nobody sees, and that a label therefore does not have.
    private static bool LookAlike(IEnumerable<FoundScan> scans)
    {
        string[] names = [.. scans.Select(scan => VolumeFormats.GetStem(scan.Origin!)).Distinct(StringComparer.Ordinal)];
        return names.Length > 1 && names.Any(name => !string.Equals(SafeText.ForTerminal(name), name, StringComparison.Ordinal));
    }

    // By what DICOM says of the patient.
    private static bool AreOnePatient(IEnumerable<FoundScan> scans)
    {
        var patients = scans.Select(DicomPeople.PatientOf).Distinct(StringComparer.Ordinal).ToArray();
        return patients is [not null];
    }

    // bert/mri/T1.mgz and bert/mri/orig/001.mgz: one folder's, under different names.
    private static bool AreDifferentImages(IReadOnlyList<FoundScan> scans) =>
        scans.All(scan => scan.Origin is not null && string.Equals(scan.Origin, scans[0].Origin, StringComparison.Ordinal))
        && scans.Select(scan => VolumeFormats.GetStem(scan.Group.NamePath)).Distinct(StringComparer.Ordinal).Count() == scans.Count;
}
