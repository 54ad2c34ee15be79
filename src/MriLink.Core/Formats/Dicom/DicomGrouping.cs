using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Sorts DICOM files into series, and these into volumes: what dcm2niix would write as files of their own.</summary>
/// <remarks>
/// <para>Files of one SeriesInstanceUID are one series, unless patient, study, series number, frame of reference or modality differ: UIDs may
/// be constant, or gone. Slices that each have a UID of their own are one series if all these and their geometry agree.</para>
/// <para>A series is one volume, unless kind of image, echo, inversion time or flip angle differ between files, or its acquisitions lie side by
/// side.</para>
/// <para>What a file does not say agrees with everything. A file that cannot be used takes its whole series with it.</para>
/// </remarks>
internal static class DicomGrouping
{
    // Names made of a hash or a random number have no fewer.
    private const int FewestHexDigits = 8;

    /// <summary>The groups of all DICOM files, and of files that are lost slices; others are not in any.</summary>
    public static List<VolumeGroup> Of(IReadOnlyList<LookedAtFile> files, CancellationToken cancellationToken)
    {
        var images = files.Select(file => file.Image).OfType<DicomImage>().OrderBy(image => image.Path, NaturalOrder.Instance).ToList();
        var drafts = SplitContrasts(JoinSingles(ByIdentity([.. images.Where(image => !IsLost(image))])));
        var strays = AttachStrays(
            drafts, [.. files.Where(file => file is { IsOther: false, Reason: not null } && (file.Image is null || IsLost(file.Image)))]);
        foreach (var draft in drafts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            draft.DropCopies();
        }

        return [.. Named(drafts), .. strays];
    }

    // Cut off before it says of which series it is.
    private static bool IsLost(DicomImage image) => image.IsDamaged && image.Identity.SeriesUid is null;

    private static List<DicomDraft> ByIdentity(List<DicomImage> images)
    {
        var drafts = new List<DicomDraft>();
        foreach (var series in images.Where(image => image.Identity.SeriesUid is not null)
            .GroupBy(image => image.Identity.SeriesUid, StringComparer.Ordinal))
        {
            drafts.AddRange(Sort(series));
        }

        // Without a UID: to the one series of the folder that it may belong to, or among themselves.
        var rest = new List<DicomImage>();
        var byFolder = drafts.SelectMany(
            draft => draft.Images.Select(image => FolderOf(image.Path)).Distinct(StringComparer.Ordinal).Select(folder => (folder, draft))).ToLookup(
            pair => pair.folder, pair => pair.draft, StringComparer.Ordinal);
        foreach (var image in images.Where(image => image.Identity.SeriesUid is null))
        {
            var near = byFolder[FolderOf(image.Path)].Where(draft => Agree(IdentityOf(draft.Images[0]), IdentityOf(image))).ToList();
            if (near.Count == 0)
            {
                rest.Add(image);
            }
            else
            {
                Join(near, image);
            }
        }

        drafts.AddRange(Sort(rest));
        return drafts;

        static List<DicomDraft> Sort(IEnumerable<DicomImage> images)
        {
            var unclear = new List<(DicomImage Image, List<int> Parts)>();
            var drafts = Partition(images, IdentityOf, unclear).ConvertAll(part => new DicomDraft(part));
            foreach (var (image, parts) in unclear)
            {
                Join(parts.ConvertAll(part => drafts[part]), image);
            }

            return drafts;
        }

        static void Join(List<DicomDraft> candidates, DicomImage image)
        {
            if (candidates.Count == 1)
            {
                candidates[0].Images.Add(image);
            }
            else
            {
                candidates.ForEach(draft =>
                    draft.AddBad(image.Path,
                    "does not say which of several series it is of: they differ in patient, study, series number or frame of reference."));
            }
        }
    }

    private static string?[] IdentityOf(DicomImage image) => image.Identity is var id
        ? [id.PatientId, id.PatientName, id.PatientBirthDate, id.StudyUid, id.SeriesNumber, id.FrameOfReference, id.Modality]
        : [];

    // Slices of which each is a series of its own by its UID.
    private static List<DicomDraft> JoinSingles(List<DicomDraft> drafts)
    {
        var singles = drafts.Where(draft => draft is { Images: [{ Frames.Count: <= 1 }] }).ToList();
        if (singles.Count < 2)
        {
            return drafts;
        }

        // Programs that make up UIDs make up all of them: where each slice has its own study or frame of reference as well, these say nothing.
        var loose = singles.GroupBy(
            draft => string.Join('\n', FolderOf(draft.Images[0].Path), draft.Images[0].Identity.SeriesNumber), StringComparer.Ordinal)
            .SelectMany(near => near.Select(draft => (draft, Study: IsOwn(near, id => id.StudyUid), Frame: IsOwn(near, id => id.FrameOfReference))))
            .ToDictionary(item => item.draft.Images[0], item => (item.Study, item.Frame));
        var unclear = new List<(DicomImage Image, List<int> Parts)>();
        var joined = Partition(singles.Select(draft => draft.Images[0]), Keys, unclear).ConvertAll(part => new DicomDraft(part));
        foreach (var (image, parts) in unclear)
        {
            parts.ForEach(part => joined[part].AddBad(image.Path, "does not say which of several series it is of."));
        }

        // What was wrong with each for itself is wrong with what they make.
        var single = singles.ToDictionary(draft => draft.Images[0]);
        joined.ForEach(draft => draft.Images.ForEach(image => draft.TakeBad(single[image])));

        return [.. drafts.Except(singles), .. joined];

        static bool IsOwn(IEnumerable<DicomDraft> near, Func<DicomIdentity, string?> uid)
        {
            var uids = near.Select(draft => uid(draft.Images[0].Identity)).OfType<string>().ToArray();
            return uids.Length > 2 && uids.Distinct(StringComparer.Ordinal).Count() == uids.Length;
        }

        string?[] Keys(DicomImage image)
        {
            var (id, frame) = (image.Identity, image.Frames.Count > 0 ? image.Frames[0] : null);
            var (looseStudy, looseFrame) = loose[image];
            return
            [
                id.PatientId, id.PatientName, id.PatientBirthDate, id.SeriesNumber, id.Modality, id.StudyDate, id.StudyTime,
                looseStudy ? FolderOf(image.Path) : id.StudyUid,
                looseFrame ? FolderOf(image.Path) : id.FrameOfReference,
                frame is null ? null : FormattableString.Invariant(
                    $"{frame.Columns}x{frame.Rows} {frame.ColumnSpacing:0.####}x{frame.RowSpacing:0.####} ")
                    + $"{Direction(frame.AlongRow)} {Direction(frame.AlongColumn)}",
            ];

            static string Direction(Point3 axis) => FormattableString.Invariant($"{axis.X:0.000},{axis.Y:0.000},{axis.Z:0.000}");
        }
    }

    // Echoes, kinds of image and so on become volumes of their own, except those of one file.
    private static List<DicomDraft> SplitContrasts(List<DicomDraft> drafts) =>
        [.. drafts.SelectMany(SplitContrasts).SelectMany(draft => draft.SplitFolders()).SelectMany(draft => draft.SplitAcquisitions())];

    private static List<DicomDraft> SplitContrasts(DicomDraft draft)
    {
        // A file that is bad counts by what it says of itself.
        var items = draft.Images.SelectMany(
            image => image.Frames.Count == 0 ? [(Image: image, Frame: default(DicomFrame?))]
            : image.Frames.Select(frame => (Image: image, Frame: (DicomFrame?)frame)));
        var unclear = new List<((DicomImage Image, DicomFrame? Frame) Item, List<int> Parts)>();
        var parts = Partition(items, item => (item.Frame?.Contrast ?? item.Image.Contrast).Keys, unclear);
        if (parts.Count == 1 && unclear.Count == 0)
        {
            return [draft];
        }

        // Parts that share a file stay together.
        var wholeOf = new Dictionary<DicomImage, List<List<(DicomImage Image, DicomFrame? Frame)>>>();
        foreach (var part in parts)
        {
            List<List<(DicomImage Image, DicomFrame? Frame)>> whole =
                [.. part.Select(item => wholeOf.GetValueOrDefault(item.Image)).OfType<List<List<(DicomImage, DicomFrame?)>>>().Distinct()
                .SelectMany(other => other), part];
            foreach (var (image, _) in whole.SelectMany(items => items))
            {
                wholeOf[image] = whole;
            }
        }

        var split = wholeOf.Values.Distinct().ToList()
            .ConvertAll(group => new DicomDraft([.. group.SelectMany(part => part).Select(item => item.Image).Distinct()])
            {
                Contrasts = [.. group.Select(part => part.Select(item => item.Frame).OfType<DicomFrame>().ToArray()).Where(part => part.Length > 0)
                .OrderBy(part => part[0].Contrast, DicomContrast.Order)],
            });
        if (split.Count > 1 && split.TrueForAll(part => part.Images is [{ Frames.Count: <= 1 }]))
        {
            draft.AddBad(draft.Images[0].Path,
                $"is of a series of {draft.Images.Count} slices of which no two are of one kind (image type, echo, inversion time, flip angle); they "
                    + $"make no volume.");
            return [draft];
        }

        split.ForEach(part => part.TakeBad(draft));
        foreach (var ((image, _), candidates) in unclear)
        {
            foreach (var part in split.Where(part => candidates.Exists(index => parts[index].Exists(item => part.Images.Contains(item.Image)))))
            {
                part.AddBad(image.Path, "does not say of which of the kinds in its series it is (image type, echo, inversion time, flip angle).");
            }
        }

        return [.. split.OrderBy(part => part.Contrasts is [[var frame, ..], ..] ? frame.Contrast : part.Images[0].Contrast, DicomContrast.Order)];
    }

    /// <summary>Files in parts of one key each; what a file does not say agrees with all, and is unclear where it agrees with several.</summary>
    private static List<List<T>> Partition<T>(IEnumerable<T> items, Func<T, string?[]> keysOf, List<(T Item, List<int> Parts)> unclear)
    {
        var same = items.Select(item => (Item: item, Keys: keysOf(item)))
            .GroupBy(pair => string.Join('\n', pair.Keys.Select(key => key is null ? "-" : $"+{key}")), StringComparer.Ordinal)
            .Select(group => (group.First().Keys, Items: group.Select(pair => pair.Item).ToList())).ToList();
        if (same.Count < 2)
        {
            return same.ConvertAll(group => group.Items);
        }

        // A key that nobody has tells nothing apart.
        bool[] used = [.. Enumerable.Range(0, same[0].Keys.Length).Select(i => same.Exists(group => group.Keys[i] is not null))];
        var parts = new List<(string?[] Keys, List<T> Items)>();
        foreach (var group in same.OrderBy(group => Missing(group.Keys)))
        {
            var matches = Missing(group.Keys) == 0 ? [] : Enumerable.Range(0, parts.Count).Where(i => Agree(parts[i].Keys, group.Keys)).ToList();
            if (matches.Count == 0)
            {
                parts.Add(group);
            }
            else if (matches.Count == 1)
            {
                var part = parts[matches[0]];
                part.Items.AddRange(group.Items);
                parts[matches[0]] = ([.. part.Keys.Zip(group.Keys, (a, b) => a ?? b)], part.Items);
            }
            else
            {
                unclear.AddRange(group.Items.Select(item => (item, matches)));
            }
        }

        return parts.ConvertAll(part => part.Items);

        int Missing(string?[] keys) => keys.Where((key, i) => key is null && used[i]).Count();
    }

    private static bool Agree(string?[] a, string?[] b) =>
        a.Zip(b).All(pair => pair.First is null || pair.Second is null || string.Equals(pair.First, pair.Second, StringComparison.Ordinal));

    // Files that do not say of which series they are: empty, cut off early, overwritten. One that is named like the slices around it is one of
    // them, of any series that it may be of by what it says; one that is only named like DICOM is a problem of its own.
    private static List<VolumeGroup> AttachStrays(List<DicomDraft> drafts, List<LookedAtFile> strays)
    {
        var patterns = drafts.SelectMany(
            draft => draft.Images.SelectMany(image => PatternsOf(image.Path)).Distinct(StringComparer.Ordinal).Select(pattern => (pattern, draft)))
            .ToLookup(pair => pair.pattern, pair => pair.draft, StringComparer.Ordinal);
        var alone = new List<LookedAtFile>();
        foreach (var stray in strays)
        {
            var near = PatternsOf(stray.Path).SelectMany(pattern => patterns[pattern]).Distinct()
                .Where(draft => stray.Image is null || Agree(IdentityOf(draft.Images[0]), IdentityOf(stray.Image))).ToList();
            near.ForEach(draft => draft.AddBad(stray.Path, stray.Reason!));
            if (near.Count == 0 && stray.IsNamedDicom)
            {
                alone.Add(stray);
            }
        }

        return [.. alone.GroupBy(stray => (FolderOf(stray.Path), stray.Reason)).Select(group =>
        {
            var draft = new DicomDraft([]);
            foreach (var stray in group.OrderBy(stray => stray.Path, NaturalOrder.Instance))
            {
                draft.AddBad(stray.Path, stray.Reason!);
            }

            return draft.ToGroup(group.First().Path);
        })];
    }

    // What files of one kind have in common: names with their numbers taken out, hexadecimal names, or the endings of DICOM.
    private static IEnumerable<string> PatternsOf(string path)
    {
        var folder = FolderOf(path);
        var name = Path.GetFileName(path);
        if (name.Any(char.IsAsciiDigit))
        {
            yield return Path.Combine(
                folder, "#" + string.Join(
                '#', name.Split(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'], StringSplitOptions.RemoveEmptyEntries)));
        }

        var stem = Path.GetFileNameWithoutExtension(name);
        if (stem.Length >= FewestHexDigits && stem.All(letter => char.IsAsciiHexDigit(letter) || letter is '-'))
        {
            yield return Path.Combine(folder, "hexadecimal" + Path.GetExtension(name));
        }

        if (VolumeFormats.FindByName(path) is DicomFormat)
        {
            yield return Path.Combine(folder, "named DICOM");
        }
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(path) ?? string.Empty;

    // A series is named after its folder; where that holds several, by their numbers too; and no two alike.
    private static IEnumerable<VolumeGroup> Named(List<DicomDraft> drafts)
    {
        var folders = drafts.Where(draft => draft.IsNamedByFolder).GroupBy(draft => draft.Folder, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var draft in drafts)
        {
            var name = !draft.IsNamedByFolder ? draft.Images[0].Path
                : folders[draft.Folder] == 1 ? draft.Folder + ".dcm"
                : Path.Combine(draft.Folder, $"{Path.GetFileName(draft.Folder)}_{draft.Label}.dcm");
            for (var again = 2; !taken.Add(name); again++)
            {
                name = Path.Combine(draft.Folder, $"{Path.GetFileName(draft.Folder)}_{draft.Label}-{again}.dcm");
            }

            yield return draft.ToGroup(name);
        }
    }
}
