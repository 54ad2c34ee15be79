using MriLink.Core.Basics;
using MriLink.Core.Formats;

namespace MriLink.Core.Tests.Formats;

public sealed class VolumeGroupsTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "05_dicom_no_preamble_silent/D10_nopre_dcm", "8x7x6" },
        { "05_dicom_no_preamble_silent/D11_nopre_noext", "8x7x6" },
        { "06_series_split_over_folders/D30_split", "8x7x6" },
        { "07_series_mixes_people/D24_no_uid_stack", "8x7x6, 8x7x6" },
        { "07_series_mixes_people/D25_two_patients", "8x7x6, 8x7x6" },
        { "08_series_mixes_contrasts/D4B_echo_mix", "8x7x3, 8x7x3" },
        { "09_bad_end_slice_dropped/D56_noipp_end", "IM0005.dcm" },
        { "12_slices_with_own_series_uid/D20_own_uid", "8x7x6" },
        { "13_enhanced_mag_phase/DE2_mp", "8x7x6*2" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_folder_of_the_cases_gives_what_is_right(string folder, string right)
    {
        var root = SharedFolder("cases");
        var found = Groups(Path.Combine(root, folder));

        Assert.Equal(right, Describe(found));
        Assert.Empty(found.PassedOver);
    }

    // Sizes of the volumes, or of what makes none the name of the file that is at fault.
    private static string Describe(VolumeGroups groups) => string.Join(", ", groups.Groups.Select(group => group.Problem is { } problem
        ? Path.GetFileName(problem.Path)
        : group.ReadHeader() is var header && header.Volumes > 1 ? $"{header.Geometry.Size}*{header.Volumes}" : $"{header.Geometry.Size}"));

    private static VolumeGroups Groups(string folder) =>
        VolumeGroups.Of([.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(NaturalOrder.Instance)], WorkOptions.AllProcessors);

    private static string SharedFolder(string name, [System.Runtime.CompilerServices.CallerFilePath] string thisFile = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../../shared", name));
        Assert.SkipUnless(Directory.Exists(path), $"There is no folder '{name}' beside the project's.");
        return path;
    }
}
