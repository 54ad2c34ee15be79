using System.Text.RegularExpressions;

namespace MriLink.Core.Formats.Inventory;

/// <summary>
/// Tells names that may be a person's label from names of images, formats and visits, as scanners, FreeSurfer, HCP, FSL and people give them.
/// </summary>
internal static partial class NameWords
{
    private static readonly char[] Digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

    private static readonly HashSet<string> Words = Set(
        // What is shown.
        "t1 t1w t1c t1ce t1gd t1map t2 t2w t2star flair pd pdw dwi dti bold epi swi mprage mpr mp rage mp2rage unit1 uni inv spgr fspgr bravo tfl "
            + "tfe ffe gre se fse tse vibe space",
        "vista mpgr irfspgr 3dt1 t13d 3dt1w 2d 3d 1t5 3t 7t anat anatomical anatomy structural struct func fmap mri mr mrt nmr irm head brain skull "
            + "face weighted volumetric",
        "sag sagittal ax axial cor coronal tra transversal transverse oblique iso isotropic 1mm 2mm mm grappa sense ipat nd norm nondist dis2d dis3d "
            + "wip gd contrast pre post native",
        // How it was made.
        "raw rawdata rawavg orig original nu nomask masked mask brainmask finalsurfs stripped skullstripped ss bet deface defaced defacing mdeface "
            + "pydeface anon anonymized anonymised deidentified",
        "restore restored acpc dc preproc preprocessed processed processing unprocessed proc mni mni152 mninonlinear nonlin linear space tal "
            + "talairach t88 111 sbj resampled resample reoriented reorient",
        "reg registered aligned coreg coregistered bias biascorr biascorrected corr corrected n4 n3 cropped crop robustfov conformed conform hires "
            + "highres hr lowres avg average mean averaged final",
        // How it is kept.
        "im img image images dicom dicoms dicomdir dcm ima nifti niftis nii nrrd mgh mgz mha analyze files file scan scans vol volume volumes series "
            + "ser acq acquisition echo run rep repeat take",
        "frame slice slices resources resource input inputs output outputs data dataset datasets export exports import release releases study "
            + "studies exam exams subject subjects patient patients participant participants people persons person",
        "subj cohort results result stack the of and with without");

    // With a number, a person's: "subject_1", "pat02".
    private static readonly HashSet<string> PeopleWords =
        Set("subject subjects subj sub patient patients pat participant participants person people case proband volunteer vol control donor id");

    // With a number, one of several images of a visit: "anat_1", "T1w_MPR2".
    private static readonly HashSet<string> RepetitionWords =
        Set("anat run rep repeat take series ser acq acquisition echo mpr mprage mp2rage t1 t1w t2 t2w flair se");

    // What names of DICOM exports begin with: ST000001/SE000002/IM000003. In other names these letters may begin a person's number.
    private static readonly HashSet<string> DicomWords = Set("st se sr s i e ex ser stu mr");

    private static readonly HashSet<string> Occasions = Set(
        "session sessions sess ses visit visits timepoint timepoints tp time baseline bl followup follow up fu wave day week month year "
            + "scandate date");

    // Names that stand for masks, label maps and tissue maps, by their last word.
    private static readonly HashSet<string> MapWords = Set(
        "mask masks dseg probseg seg segs segmentation segmentations label labels labelmap labelmaps parc parcellation parcellations pve pveseg "
            + "mixeltype aseg aparc wmparc");

    private static readonly HashSet<string> FreeSurferMaps = Set("aseg aparc wm wmparc ribbon filled entowm synthseg");

    /// <summary>What a name can say.</summary>
    /// <param name="name">The name of a folder, or of a file without its ending.</param>
    /// <param name="isDicom">Whether it is on the way to a DICOM file.</param>
    public static NameKind KindOf(string name, bool isDicom)
    {
        if (Date().IsMatch(name))
        {
            return NameKind.Occasion;
        }

        if (Uid().IsMatch(name))
        {
            return NameKind.Word;
        }

        var (words, numbers, occasions, people) = (0, 0, 0, false);
        foreach (var token in Tokens().EnumerateMatches(name))
        {
            var text = name.AsSpan(token.Index, token.Length).ToString().ToLowerInvariant();
            var word = text.TrimEnd(Digits);
            people |= PeopleWords.Contains(word);
            if (Words.Contains(text))
            {
                words++;
            }
            else if (Occasions.Contains(text) || Occasions.Contains(word))
            {
                occasions++;
            }
            else if (word.Length == 0)
            {
                numbers++;
            }
            else if (Words.Contains(word) || (isDicom && text.Length > 4 && DicomWords.Contains(word)))
            {
                words++;
                numbers++;
            }
            else
            {
                return NameKind.Name;
            }
        }

        return people && numbers > 0 ? NameKind.Name : occasions > 0 ? NameKind.Occasion : words == 0 ? NameKind.Name : numbers > 0
            ? NameKind.Numbered : NameKind.Word;
    }

    /// <summary>Whether a name begins with a date.</summary>
    public static bool IsDated(string name) => Date().IsMatch(name);

    /// <summary>
    /// The label of the visit that a name of kind <see cref="NameKind.Occasion"/> names: "1" for "session_1", "baseline" for itself.
    /// </summary>
    public static string OccasionOf(string name)
    {
        if (Date().Match(name) is { Success: true } date)
        {
            return date.Value;
        }

        string? word = null;
        foreach (var match in Tokens().EnumerateMatches(name))
        {
            var text = name.AsSpan(match.Index, match.Length);
            var start = text.TrimEnd("0123456789");
            if (Occasions.Contains(start.ToString().ToLowerInvariant()))
            {
                word = start.Length < text.Length ? text[start.Length..].ToString() : text.ToString();
            }
            else if (start.Length == 0 && word is not null && !char.IsAsciiDigit(word[0]))
            {
                return text.ToString();
            }
        }

        return word ?? name;
    }

    /// <summary>
    /// The number of a name of kind <see cref="NameKind.Numbered"/> that tells images of one visit apart, or null when it may tell people apart.
    /// </summary>
    public static string? RepetitionOf(string name, bool isDicom)
    {
        string[] tokens = [.. Tokens().Matches(name).Select(match => match.Value.ToLowerInvariant())];
        return Array.Exists(tokens, token => token.TrimEnd(Digits) is var word
            && (RepetitionWords.Contains(token) || RepetitionWords.Contains(word) || (isDicom && DicomWords.Contains(word))))
            ? Array.FindLast(tokens, token => !Words.Contains(token) && char.IsAsciiDigit(token[^1])) is { } numbered
                ? numbered[numbered.TrimEnd(Digits).Length..] : null
            : null;
    }

    /// <summary>Whether a name without its ending is that of a mask, a label map or a map of tissues.</summary>
    /// <param name="name">The name without its ending.</param>
    /// <param name="isMgh">Whether the file is FreeSurfer's, whose <c>brainmask</c> is an image.</param>
    public static bool IsMap(string name, bool isMgh)
    {
        string[] tokens = [.. Enumerable.Reverse(name.ToLowerInvariant().Split(['_', '-', '.', '+', ' '], StringSplitOptions.RemoveEmptyEntries))
            .SkipWhile(token => token.All(char.IsAsciiDigit))];
        if (tokens.Length == 0)
        {
            return false;
        }

        if (isMgh)
        {
            return !name.StartsWith("brainmask", StringComparison.OrdinalIgnoreCase)
                && (tokens.Any(FreeSurferMaps.Contains) || MapWords.Contains(tokens[0]));
        }

        return MapWords.Contains(tokens[0]) || tokens[0].EndsWith("mask", StringComparison.Ordinal)
            || tokens[0].EndsWith("dseg", StringComparison.Ordinal);
    }

    private static HashSet<string> Set(params string[] words) => words.SelectMany(line => line.Split(' ')).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex("[A-Za-z0-9]+|[^\\x00-\\x7F]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tokens();

    [GeneratedRegex(@"^[0-2](\.\d+){4,}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Uid();

    [GeneratedRegex(@"^(19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?!\d)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Date();
}
