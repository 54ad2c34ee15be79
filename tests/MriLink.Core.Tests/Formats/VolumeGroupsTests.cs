using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>
/// What makes a volume together and what does not: each row a folder that is made here. What is right is what dcm2niix makes of such files,
/// or a refusal that names the file at fault.
/// </summary>
public sealed class VolumeGroupsTests
{
    private static readonly Case[] Cases =
    [
        // One series.
        new("a plain series", "8x7x6", f => Series(f, s => s)),
        new("a series beside other files", "8x7x6 passed: notes.txt, report", f =>
        {
            Series(f, s => s);
            File.WriteAllText(Path.Combine(f, "notes.txt"), "of the scan");
            File.WriteAllBytes(Path.Combine(f, "report"),
                new TinyDicom().Set(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.11").Set(0x0020000E, "UI", "9.9").Set(0x00400001, "CS", "X")
                .ToBytes());
        }),

        // Without a preamble, and starts of other kinds.
        new("no preamble, implicit, no meta", "8x7x6", f => Series(f, s => s.In(TinyDicom.ImplicitLittle).After([], hasMeta: false))),
        new("no preamble, but group 2", "8x7x6", f => Series(f, s => s.After([]))),
        new("the letters at the very start", "8x7x6", f => Series(f, s => s.After([.. "DICM"u8]))),
        new("no preamble, big endian", "8x7x6", f => Series(f, s => s.In(TinyDicom.ExplicitBig).After([], hasMeta: false))),
        new("a preamble and no meta", "8x7x6", f => Series(f, s => s.After([.. new byte[128], .. "DICM"u8], hasMeta: false))),

        // One series in several folders.
        new("a series in three folders, in turn", "8x7x6", f => Each(k => Write(f, $"D{k % 3}/IM{k}", TinyDicom.Slice(k)))),
        new("a series in a folder and the one in it", "8x7x6", f => Each(k => Write(f, k < 2 ? $"IM{k}" : $"more/IM{k}", TinyDicom.Slice(k)))),
        new("two series over two folders", "8x7x6, 8x7x6", f => Each(k =>
        {
            Write(f, k < 4 ? $"1/A{k}" : $"2/A{k}", TinyDicom.Slice(k));
            Write(f, k < 1 ? $"1/B{k}" : $"2/B{k}", TinyDicom.Slice(k, series: 4));
        })),
        new("a slice missing in a series in two folders", "!1/IM0: are in 2 folders", f =>
            Each(k => Write(f, k < 3 ? $"1/IM{k}" : $"2/IM{k}", TinyDicom.Slice(k)), except: 3)),
        new("a series and its copy in another folder", "8x7x6, 8x7x6", f => Each(k =>
        {
            Write(f, $"one/IM{k}", TinyDicom.Slice(k));
            Write(f, $"two/IM{k}", TinyDicom.Slice(k));
        })),
        new("two scans under one UID in two folders", "8x7x6, 8x7x6", f => Each(k =>
        {
            Write(f, $"one/IM{k}", TinyDicom.Slice(k));
            Write(f, $"two/IM{k}", TinyDicom.Slice(k).Set(0x00080018, "UI", $"9.{k}").Set(0x7FE00010, "OW", new ushort[56]));
        })),

        new("a series and a copy that lacks a slice", "8x7x6, 8x7x5", f =>
            Each(k => Write(f, $"one/IM{k}", TinyDicom.Slice(k)), k => Write(f, $"two/IM{k}", TinyDicom.Slice(k)), exceptSecond: [5])),
        new("a series in two folders and its copy in a third", "8x7x6, 8x7x6", f => Each(k =>
        {
            Write(f, k < 3 ? $"1/IM{k}" : $"2/IM{k}", TinyDicom.Slice(k));
            Write(f, $"3/IM{k}", TinyDicom.Slice(k));
        })),

        // Several people or series under one UID, or none.
        new("no series UID, two people whose slices go on", "8x7x6, 8x7x6", f => Each(k =>
        {
            Write(f, $"a{k}", TinyDicom.Slice(k, "A").Without(0x0020000E, 0x0020000D, 0x00200052));
            Write(f, $"b{k}", TinyDicom.Slice(k, "B").Without(0x0020000E, 0x0020000D, 0x00200052).Set(0x00200032, "DS", $"-10\\-20\\{48 + (3 * k)}"));
        })),
        new("one UID, two names", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k => Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x00100010, "PN", "Y")))),
        new("one UID, two dates of birth", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", Born(k, "19700101")), k => Write(f, $"b{k}", Born(k, "19710101")))),
        new("one UID, two studies", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k => Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x0020000D, "UI", "7.7")))),
        new("one UID, two series numbers", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k => Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x00200011, "IS", "4")))),
        new("a slice that does not say whose it is", "8x7x6", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x00100010, 0x00100020) : TinyDicom.Slice(k)))),
        new("a slice that may be of either of two people", "!b5: which of several series, !b5: which of several series", f => Each(
            k => Write(f, $"a{k}", TinyDicom.Slice(k, "A")),
            k => Write(f, $"b{k}", k == 5 ? TinyDicom.Slice(k, "B").Without(0x00100010, 0x00100020) : TinyDicom.Slice(k, "B")))),
        new("a slice that may be of either of two slices", "!c0: which of several series, !c0: which of several series", f =>
        {
            Write(f, "a0", TinyDicom.Slice(0, "A"));
            Write(f, "b0", TinyDicom.Slice(1, "B"));
            Write(f, "c0", TinyDicom.Slice(2).Without(0x00100010, 0x00100020));
        }),
        new("a slice without the UID of its series", "8x7x6", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x0020000E) : TinyDicom.Slice(k)))),

        // Several contrasts.
        new("two echoes at the same places", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k =>
            Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x00180081, "DS", "9").Set(0x00080018, "UI", $"8.{k}")))),
        new("two echoes by number alone", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00180086, "IS", "1")), k =>
            Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x00180086, "IS", "2").Set(0x00080018, "UI", $"8.{k}")))),
        new("half of one echo, half of another", "8x7x3, 8x7x3", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00180081, "DS", k < 3 ? "3.2" : "9")))),
        new("half of one inversion time, half of another", "8x7x3, 8x7x3", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00180082, "DS", k < 3 ? "900" : "1100")))),
        new("half of one flip angle, half of another", "8x7x3, 8x7x3", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00181314, "DS", k < 3 ? "5" : "20")))),
        new("half magnitude, half phase", "8x7x3, 8x7x3", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00080008, "CS", $"ORIGINAL\\PRIMARY\\{(k < 3 ? "M" : "P")}\\ND")))),
        new("half original, half derived", "8x7x3, 8x7x3", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00080008, "CS", $"{(k < 3 ? "ORIGINAL" : "DERIVED")}\\PRIMARY\\M\\ND")))),
        new("GE's phase in an element of its own", "8x7x6, 8x7x6", f =>
            Each(k => Write(f, $"a{k}", Ge(k, 0)), k => Write(f, $"b{k}", Ge(k, 1).Set(0x00080018, "UI", $"8.{k}")))),
        new("acquisitions side by side", "8x7x3, 8x7x3", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00200012, "IS", k < 3 ? "1" : "2")))),
        new("acquisitions between each other", "8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00200012, "IS", $"{1 + (k % 2)}")))),
        new("a last slice of another acquisition", "8x7x6", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00200012, "IS", k < 5 ? "1" : "2")))),
        new("an acquisition a slice", "8x7x6", f => Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00200012, "IS", $"{k}")))),
        new("acquisitions at the same places", "8x7x6*2", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k =>
            Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x00200012, "IS", "2").Set(0x00080018, "UI", $"8.{k}")))),
        new("an echo time a slice", "!a0: no two are of one kind", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00180081, "DS", $"{3 + k}")))),
        new("a slice that does not say its echo time", "8x7x6", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x00180081) : TinyDicom.Slice(k)))),

        // Bad slices at the end, which none would miss.
        new("the last slice without a position", "!a5: ImagePositionPatient", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x00200032) : TinyDicom.Slice(k)))),
        new("the last slice cut off in its pixels", "!a5: truncated", f =>
            Each(k => WriteBytes(f, $"a{k}", TinyDicom.Slice(k).ToBytes()[..^(k == 5 ? 10 : 0)]))),
        new("the last slice cut off in its header", "!a5: truncated", f =>
            Each(k => WriteBytes(f, $"a{k}", TinyDicom.Slice(k).ToBytes()[..^(k == 5 ? 260 : 0)]))),
        new("the last slice cut off before it says anything", "!a5: truncated", f =>
            Each(k => WriteBytes(f, $"a{k}", TinyDicom.Slice(k).ToBytes()[..(k == 5 ? 180 : ^0)]))),
        new("the last slice cut off between patient and series", "!a5: truncated", f =>
            Each(k => WriteBytes(f, $"a{k}", TinyDicom.Slice(k).ToBytes()[..(k == 5 ? IndexOf(TinyDicom.Slice(k), 0x0020000E) : ^0)]))),
        new("the last slice without anything but its class", "!a5: ends before its pixels", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x00280010, 0x7FE00010) : TinyDicom.Slice(k)))),
        new("the last slice without UID and number of its series", "8x7x6", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x0020000E, 0x00200011) : TinyDicom.Slice(k)))),
        new("the last slice empty, by names of random numbers", "!fbadcafe: is empty", f =>
            Each(k => WriteBytes(f, k == 5 ? "fbadcafe" : $"a{k}bc{k}def", k == 5 ? [] : TinyDicom.Slice(k).ToBytes()))),
        new("the last slice empty, by names without numbers", "!f.dcm: is empty", f =>
            Each(k => WriteBytes(f, $"{"abcdef"[k]}.dcm", k == 5 ? [] : TinyDicom.Slice(k).ToBytes()))),
        new("the last slice empty", "!a5: is empty", f => Each(k => WriteBytes(f, $"a{k}", k == 5 ? [] : TinyDicom.Slice(k).ToBytes()))),
        new("the last slice of zeros", "!a5: is not a volume", f =>
            Each(k => WriteBytes(f, $"a{k}", k == 5 ? new byte[900] : TinyDicom.Slice(k).ToBytes()))),
        new("the last slice a page of HTML", "!a5.dcm: is none", f =>
            Each(k => WriteBytes(f, $"a{k}.dcm", k == 5 ? [.. "<html>"u8] : TinyDicom.Slice(k).ToBytes()))),
        new("the last slice in JPEG 2000", "!a5: JPEG 2000", f =>
            Each(k => Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).In("1.2.840.10008.1.2.4.90") : TinyDicom.Slice(k)))),
        new("the last slice gzipped", "!a5: is a gzipped", f =>
            Each(k => WriteBytes(f, $"a{k}", k == 5 ? Gzip(TinyDicom.Slice(k).ToBytes()) : TinyDicom.Slice(k).ToBytes()))),
        new("a bad slice of one of two series", "!a5: ImagePositionPatient, 8x7x6", f => Each(k =>
        {
            Write(f, $"a{k}", k == 5 ? TinyDicom.Slice(k).Without(0x00200032) : TinyDicom.Slice(k));
            Write(f, $"b{k}", TinyDicom.Slice(k, series: 4));
        })),
        new("all slices bad in one way", "!a0: The same is true of 5 other files of its series.", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Without(0x00200032)))),

        // Numbers.
        new("a decimal comma in the pixels' size", "8x7x6", f => Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00280030, "DS", "1,5\\2,0")))),
        new("decimal commas in positions and directions", "8x7x6", f =>
            Each(k => Write(f, $"a{k}",
            TinyDicom.Slice(k).Set(0x00200032, "DS", $"-10,0\\-20,00\\{30 + (3 * k)},0").Set(0x00200037, "DS", "1,0\\0\\0\\0\\1,0\\0")))),
        new("a slope that is text", "!a0: RescaleSlope", f => Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00281053, "DS", "abc")))),
        new("a slope with a comma for thousands", "!a0: RescaleSlope", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00281053, "DS", "1,234.5")))),
        new("an intercept that is text", "!a0: RescaleIntercept", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00281052, "DS", "none")))),
        new("a position with commas between its numbers", "!a0: ImagePositionPatient", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00200032, "DS", $"-10,-20,{30 + (3 * k)}")))),
        new("slopes of which one is 1", "8x7x6", f => Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x00281053, "DS", $"{k + 1}")))),
        new("a slope in some slices only", "!a0: different scales", f =>
            Each(k => Write(f, $"a{k}", k == 2 ? TinyDicom.Slice(k) : TinyDicom.Slice(k).Set(0x00281053, "DS", "2.5")))),

        // A UID a slice.
        new("a series UID a slice", "8x7x6", f => Each(k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x0020000E, "UI", $"5.{k}")))),
        new("a series, study and frame UID a slice", "8x7x6", f =>
            Each(k => Write(f, $"a{k}",
            TinyDicom.Slice(k).Set(0x0020000E, "UI", $"5.{k}").Set(0x0020000D, "UI", $"6.{k}").Set(0x00200052, "UI", $"7.{k}")))),
        new("a series UID a slice, two series", "8x7x6, 8x7x6", f => Each(
            k => Write(f, $"a{k}", TinyDicom.Slice(k).Set(0x0020000E, "UI", $"5.{k}")),
            k => Write(f, $"b{k}", TinyDicom.Slice(k, series: 4).Set(0x0020000E, "UI", $"6.{k}")))),
        new("a series UID a slice, two people", "8x7x6, 8x7x6", f => Each(
            k => Write(f, $"a{k}", TinyDicom.Slice(k, "A").Set(0x0020000E, "UI", $"5.{k}")),
            k => Write(f, $"b{k}", TinyDicom.Slice(k, "B").Set(0x0020000E, "UI", $"6.{k}")))),
        new("a series UID a slice, one without a position", "!a5: ImagePositionPatient", f =>
            Each(k => Write(f, $"a{k}", (k == 5 ? TinyDicom.Slice(k).Without(0x00200032) : TinyDicom.Slice(k)).Set(0x0020000E, "UI", $"5.{k}")))),

        // Many frames in a file.
        new("magnitude and phase in one file", "8x7x6*2", f => Write(f, "a", Enhanced(2, i => (i % 2 == 0 ? "PHASE" : "MAGNITUDE", 1, 3.2)))),
        new("magnitude, real and imaginary in one file", "8x7x6*3", f =>
            Write(f, "a", Enhanced(3, i => ((string[])["REAL", "IMAGINARY", "MAGNITUDE"] is var all ? all[i % 3] : "", 1, 3.2)))),
        new("two echoes in one file", "8x7x6*2", f => Write(f, "a", Enhanced(2, i => ("MAGNITUDE", 1, i % 2 == 0 ? 9.0 : 3.2)))),
        new("two times in one file", "8x7x6*2", f => Write(f, "a", Enhanced(2, i => ("MAGNITUDE", 1 + (i % 2), 3.2)))),
        new("two times of magnitude and phase in one file", "8x7x6*4", f =>
            Write(f, "a", Enhanced(4, i => (i % 2 == 0 ? "PHASE" : "MAGNITUDE", 1 + (i % 4 / 2), 3.2)))),
        new("frames at the same places that nothing tells apart", "!a: nothing that tells them apart", f =>
            Write(f, "a", Enhanced(2, _ => ("MAGNITUDE", 1, 3.2)))),
        new("as many frames as say where they lie, but one", "!a: says of 11", f =>
            Write(f, "a", Enhanced(2, i => (i % 2 == 0 ? "PHASE" : "MAGNITUDE", 1, 3.2), missing: 1))),

        // Copies.
        new("a copy of a slice", "8x7x6 (twice)", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k => Write(f, $"b{k}", TinyDicom.Slice(k)), exceptSecond: [0, 1, 2, 3, 4])),
        new("a copy of every slice", "8x7x6 (twice)", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k => Write(f, $"b{k}", TinyDicom.Slice(k)))),
        new("a slice sent again with another time in it", "8x7x6 (twice)", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k =>
            Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x00080012, "DA", "20200101")), exceptSecond: [0, 1, 3, 4, 5])),
        new("a copy of a slice in another folder", "8x7x6 (twice)", f =>
            Each(k => Write(f, $"1/a{k}", TinyDicom.Slice(k)), k => Write(f, $"2/a{k}", TinyDicom.Slice(k)), exceptSecond: [0, 1, 3, 4, 5])),
        new("a slice twice, with other pixels", "!a0: their pixels differ", f =>
            Each(k => Write(f, $"a{k}", TinyDicom.Slice(k)), k =>
            Write(f, $"b{k}", TinyDicom.Slice(k).Set(0x7FE00010, "OW", new ushort[56])), exceptSecond: [0, 1, 3, 4, 5])),

        // Other formats among them.
        new("a volume and the header that names it", "3x4x5", f =>
        {
            File.Copy(NiftiFixtures.PathOf("containers/one.nii.gz"), Path.Combine(f, "x.nii.gz"));
            File.WriteAllText(Path.Combine(f, "x.nhdr"),
                "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 3 4 5\nencoding: gzip\nbyte skip: -1\nspacings: 1 1 1\ndata file: x.nii.gz\n\n");
        }),
        new("a volume without an ending", "3x4x5", f => File.Copy(NiftiFixtures.PathOf("containers/one.nii.gz"), Path.Combine(f, "x"))),
        new("slices called .img", "8x7x6", f => Each(k => Write(f, $"{k}.img", TinyDicom.Slice(k)))),
        new("DICOM called .nii", "!x.nii: named like another format", f => Write(f, "x.nii", TinyDicom.Slice(0))),
        new("a series and a volume", "8x7x6, 3x4x5", f =>
        {
            Series(f, s => s);
            File.Copy(NiftiFixtures.PathOf("containers/one.nii.gz"), Path.Combine(f, "x.nii.gz"));
        }),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(item => item.Name)];

    public static TheoryData<string, string> Shared => new()
    {
        { "04_label_from_file_name/B02_freesurfer", "7x6x5, 7x6x5" },
        { "05_dicom_no_preamble_silent/D10_nopre_dcm", "8x7x6" },
        { "05_dicom_no_preamble_silent/D11_nopre_noext", "8x7x6" },
        { "06_series_split_over_folders/D30_split", "8x7x6" },
        { "07_series_mixes_people/D24_no_uid_stack", "8x7x6, 8x7x6" },
        { "07_series_mixes_people/D25_two_patients", "8x7x6, 8x7x6" },
        { "08_series_mixes_contrasts/D4B_echo_mix", "8x7x3, 8x7x3" },
        { "09_bad_end_slice_dropped/D56_noipp_end", "!IM0005.dcm: ImagePositionPatient" },
        { "10_dicom_decimal_comma/D60_slope_comma", "8x7x6" },
        { "12_slices_with_own_series_uid/D20_own_uid", "8x7x6" },
        { "13_enhanced_mag_phase/DE2_mp", "8x7x6*2" },
        { "18_nifti_sform_unusable/N04_sform_zero_qform_good", "7x6x5" },
        { "19_nifti_dim_zero/N82_dim4_zero", "7x6x5" },
        { "20_cifti/N95_cifti", "!sub-01_thickness.dscalar.nii: CIFTI-2" },
        { "22_nrrd/R45_niigz", "7x6x5" },
        { "23_metaimage/A13_long", "7x6x5" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_make_the_volumes_that_they_should(string name)
    {
        var item = Array.Find(Cases, item => item.Name == name)!;
        using var folder = new TemporaryFolder();
        item.Make(folder.Path);

        AssertDescribes(item.Right, folder.Path, Groups(folder.Path));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_file_after_the_other_they_make_the_same(string name)
    {
        // Of several folders each is asked for by itself, and finds the others beside it.
        var item = Array.Find(Cases, item => item.Name == name)!;
        using var folder = new TemporaryFolder();
        item.Make(folder.Path);
        var groups = Groups(folder.Path);
        var reader = new HeaderReader();
        var read = Files(folder.Path).Where(path => !groups.PassedOver.Any(file => file.Path == path)).Select(path => Record(() => reader.Read(path)))
            .OfType<string>();

        var expected = groups.Groups.Select(group => Record(() => group.ReadHeader())!).ToArray();
        Assert.Equal(expected.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            read.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

        static string? Record(Func<VolumeHeader?> read)
        {
            try
            {
                return read() is { } header ? $"{header.NamePath} {header.Geometry} {header.Volumes} {string.Join(' ', header.Files)}" : null;
            }
            catch (MriFileException exception)
            {
                return exception.Message;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public void Each_folder_of_the_shared_cases_gives_what_its_readme_says(string folder, string right)
    {
        var path = Path.Combine(SharedFolder("cases"), folder);

        AssertDescribes(right, path, Groups(path));
    }

    [Fact]
    public void Values_of_the_shared_cases_are_right()
    {
        var root = SharedFolder("cases");

        // A slope of "2,5", and stored whole numbers: every voxel is a multiple of 2.5, and some are not whole.
        var comma = Read(Path.Combine(root, "10_dicom_decimal_comma/D60_slope_comma"));
        Assert.All(comma.Voxels, voxel => Assert.Equal(0, voxel % 2.5f));
        Assert.Contains(comma.Voxels, voxel => voxel % 1 != 0);

        // The header that takes the last bytes of an inflated file, and that file itself.
        var nrrd = Read(Path.Combine(root, "22_nrrd/R45_niigz"));
        Assert.Equal(FormatFixtures.Read(Path.Combine(root, "22_nrrd/R45_niigz/scan.nii.gz")).Voxels.ToArray(), nrrd.Voxels.ToArray());

        var warnings = VolumeFormats.ReadHeader(Path.Combine(root, "18_nifti_sform_unusable/N04_sform_zero_qform_good/scan.nii")).Warnings;
        Assert.Contains("its qform is used", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Voxels_come_from_their_places()
    {
        using var folder = new TemporaryFolder();
        Each(k => Write(folder.Path, $"a{5 - k}", TinyDicom.Slice(k)));

        var volume = Read(folder.Path);

        Assert.Equal([1000f, 1001f, 1002f], volume.Voxels.AsSpan(0, 3).ToArray());
        Assert.Equal(1500f, volume.Voxels[5 * 56]);
        Assert.Equal(new Point3(2, 1.5, 3), volume.Geometry.Spacing);
    }

    [Fact]
    public void Magnitude_comes_first()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, "a", Enhanced(2, i => (i % 2 == 0 ? "PHASE" : "MAGNITUDE", 1, 3.2)));
        var group = Groups(folder.Path).Groups.Single();

        // Frame i holds the numbers from 100 i on; odd ones are magnitude.
        Assert.Equal(100, new FileVoxelSource(group.ReadHeader(0), new()).Read(CancellationToken.None).Voxels[0]);
        Assert.Equal(0, new FileVoxelSource(group.ReadHeader(1), new()).Read(CancellationToken.None).Voxels[0]);
    }

    [Fact]
    public void Series_are_named_after_their_folders_and_never_two_alike()
    {
        using var folder = new TemporaryFolder();
        Each(k =>
        {
            Write(folder.Path, $"pat/a{k}", TinyDicom.Slice(k));
            Write(folder.Path, $"pat/b{k}", TinyDicom.Slice(k).Set(0x0020000E, "UI", "4.5").Set(0x00080008, "CS", "ORIGINAL\\PRIMARY\\P\\ND"));
            Write(folder.Path, $"pat/c{k}", TinyDicom.Slice(k).Set(0x0020000E, "UI", "4.6"));
            Write(folder.Path, $"pat/d{k}", TinyDicom.Slice(k, series: 9));
            Write(folder.Path, $"other/x/{k}", TinyDicom.Slice(k, "Y", uid: "1.9"));
            Write(folder.Path, k < 3 ? $"wide/1/{k}" : $"wide/2/{k}", TinyDicom.Slice(k, "Z", uid: "1.8"));
        });

        var names = Groups(folder.Path).Groups.Select(group => Path.GetRelativePath(folder.Path, group.NamePath));

        Assert.Equal(
            ["other/x.dcm", "pat/pat_series-3-2.dcm", "pat/pat_series-3.dcm", "pat/pat_series-3_part-phase.dcm", "pat/pat_series-9.dcm", "wide.dcm"],
            names.Select(name => name.Replace('\\', '/')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_group_says_whose_it_is()
    {
        using var folder = new TemporaryFolder();
        Series(folder.Path, slice =>
            slice.Set(0x00080005, "CS", "ISO_IR 192").Set(0x00100010, "PN", "M\u00c3\u00bcller^J").Set(0x00100030, "DA", "19700102")
            .Set(0x0008103E, "LO", "T1 mprage"));

        var identity = Groups(folder.Path).Groups.Single().Dicom!;

        Assert.Equal(("Müller^J", "X", "19700102", "3", "T1 mprage", "MR"),
            (identity.PatientName, identity.PatientId, identity.PatientBirthDate, identity.SeriesNumber, identity.SeriesDescription,
            identity.Modality));
        Assert.Equal(identity, VolumeFormats.ReadHeader(Files(folder.Path)[0]).Dicom);
    }

    [Fact]
    public void Work_stops_when_it_is_told_to()
    {
        using var folder = new TemporaryFolder();
        Series(folder.Path, slice => slice);

        Assert.ThrowsAny<OperationCanceledException>(() => VolumeGroups.Of(Files(folder.Path), new(1, new CancellationToken(canceled: true))));
    }

    private static TinyDicom Born(int k, string date) => TinyDicom.Slice(k).Set(0x00100030, "DA", date);

    private static TinyDicom Ge(int k, ushort component) =>
        TinyDicom.Slice(k).Set(0x00080070, "LO", "GE MEDICAL SYSTEMS").Set(0x00080008, "CS", "ORIGINAL\\PRIMARY\\OTHER")
        .Set(0x0043102F, "SS", component);

    // Six places; at each some frames one after the other, of a component, a time and an echo time by their number.
    private static TinyDicom Enhanced(int perPlace, Func<int, (string Component, int Time, double Echo)> kind, int missing = 0)
    {
        var count = 6 * perPlace;
        var frames = Enumerable.Range(0, count - missing).Select(i =>
        {
            var (component, time, echo) = kind(i);
            return new TinyDicom()
                .Set(0x00189114, "SQ", new[] { new TinyDicom().Set(0x00189082, "FD", BitConverter.GetBytes(echo)) })
                .Set(0x00189226, "SQ", new[] { new TinyDicom().Set(0x00089208, "CS", component) })
                .Set(0x00209111, "SQ", new[] { new TinyDicom().Set(0x00209056, "SH", "1").Set(0x00209128, "UL", (uint)time) })
                .Set(0x00209113, "SQ", new[] { new TinyDicom().Set(0x00200032, "DS", $"-10\\-20\\{30 + (3 * (i / perPlace))}") });
        }).ToArray();
        return TinyDicom.Slice(0).Without(0x00200032, 0x00180081)
            .Set(0x00080008, "CS", "ORIGINAL\\PRIMARY\\MIXED\\NONE")
            .Set(0x00280008, "IS", $"{count}")
            .Set(0x52009230, "SQ", frames)
            .Set(0x7FE00010, "OW", Enumerable.Range(0, 56 * count).Select(i => (ushort)((100 * (i / 56)) + (i % 56))).ToArray());
    }

    // Where an element begins in the file: after its last neighbour.
    private static int IndexOf(TinyDicom slice, uint tag) =>
        slice.ToBytes().AsSpan().IndexOf<byte>([(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)]);

    private static void Series(string folder, Func<TinyDicom, TinyDicom> change) => TinyDicom.WriteSeries(folder, change);

    private static void Each(Action<int> write, int except = -1)
    {
        for (var k = 0; k < 6; k++)
        {
            if (k != except)
            {
                write(k);
            }
        }
    }

    private static void Each(Action<int> first, Action<int> second, int[]? exceptSecond = null)
    {
        Each(first);
        Each(k =>
        {
            if (exceptSecond?.Contains(k) != true)
            {
                second(k);
            }
        });
    }

    private static void Write(string folder, string name, TinyDicom slice) => WriteBytes(folder, name, slice.ToBytes());

    private static void WriteBytes(string folder, string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static string[] Files(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(NaturalOrder.Instance)];

    private static VolumeGroups Groups(string folder) => VolumeGroups.Of(Files(folder), WorkOptions.AllProcessors);

    private static Volume Read(string folder) => new FileVoxelSource(Groups(folder).Groups.Single().ReadHeader(), new()).Read(CancellationToken.None);

    // "8x7x6, 8x7x6*2 (twice), !name: part of the message passed: name": every volume, refusal and file passed over, and every file in one of them.
    private static void AssertDescribes(string right, string folder, VolumeGroups groups)
    {
        var wanted = right.Split(" passed: ");
        var expected = wanted[0].Split(", ");
        Assert.Equal(expected.Length, groups.Groups.Count);
        foreach (var (group, says) in groups.Groups.Zip(expected))
        {
            if (!says.StartsWith('!'))
            {
                var header = group.ReadHeader();
                var twice = header.Warnings.Any(warning => warning.Contains("twice", StringComparison.Ordinal)) ? " (twice)" : string.Empty;
                Assert.Equal(says, $"{header.Geometry.Size}{(header.Volumes > 1 ? $"*{header.Volumes}" : string.Empty)}{twice}");
                continue;
            }

            var problem = Assert.Throws<MriFileException>(() => group.ReadHeader());
            var parts = says[1..].Split(": ", 2);
            Assert.Equal(Path.GetFileName(parts[0]), Path.GetFileName(problem.Path));
            Assert.Contains(parts[1], problem.Message, StringComparison.Ordinal);
        }

        Assert.Equal(wanted.Length > 1 ? wanted[1].Split(", ") : [], groups.PassedOver.Select(file => Path.GetFileName(file.Path)));
        Assert.All(groups.PassedOver, file => Assert.NotEmpty(file.Reason));
        Assert.Equal(Files(folder).Order(StringComparer.Ordinal),
            groups.Groups.SelectMany(group => group.Files).Concat(groups.PassedOver.Select(file => file.Path)).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal));
    }

    private static string SharedFolder(string name, [System.Runtime.CompilerServices.CallerFilePath] string thisFile = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../../shared", name));
        Assert.SkipUnless(Directory.Exists(path), $"There is no folder '{name}' beside the project's.");
        return path;
    }

    private sealed record Case(string Name, string Right, Action<string> Make);
}
