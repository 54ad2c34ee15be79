using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class BidsNameTests
{
    [Theory]
    [InlineData("sub-12_ses-1_acq-mprage_run-02_T1w.nii.gz", "12", "1", "02")]
    [InlineData("sub-12_T1w.nii", "12", null, null)]
    [InlineData("data/sub-07/ses-b/anat/T1.nii.gz", "07", "b", null)]
    [InlineData("data/sub-07/ses-b/anat/sub-07_T1w.nii.gz", "07", "b", null)]
    [InlineData("data/sub-07/ses-b/anat/sub-09_ses-c_T1w.nii.gz", "09", "c", null)]
    [InlineData("sub-IXI211-Guys_T1w.hdr", "IXI211-Guys", null, null)]
    [InlineData("patient 3.final.nii.gz", "patient 3.final", null, null)]
    [InlineData("scan_run-2.nii", "scan_run-2", null, "2")]
    public void Labels_come_from_the_name_and_then_from_the_folders(string path, string participant, string? session, string? run)
    {
        var identity = ScanInventory.Identify(path);

        Assert.Equal((participant, session, run), (identity.Participant, identity.Session, identity.Run));
    }

    [Theory]
    [InlineData("sub-12_ses-1_acq-mprage_run-2_T1w.nii.gz", "sub-12_ses-1_acq-mprage_run-2_desc-preproc_T1w")]
    [InlineData("sub-12_run-2_echo-1_desc-old_T2w.nii.gz", "sub-12_run-2_echo-1_desc-preproc_T2w")]
    [InlineData("patient_3.nii.gz", "sub-patient3_desc-preproc_T1w")]
    public void A_built_name_keeps_what_the_original_said(string path, string expected) =>
        Assert.Equal(expected, BidsName.Build(ScanInventory.Identify(path), "preproc"));

    [Fact]
    public void Nothing_in_a_label_leaves_the_folder() =>
        Assert.Equal("sub-etcpasswd_ses-1_T1w", BidsName.Build(new ScanIdentity("../../etc/passwd", "1")));

    [Fact]
    public void Names_are_ordered_as_people_count()
    {
        string[] names = ["sub-10", "sub-2b", "sub-2", "sub-02", "Sub-3", "sub-", "sub-10a"];

        Assert.Equal(["Sub-3", "sub-", "sub-02", "sub-2", "sub-2b", "sub-10", "sub-10a"], names.Order(NaturalOrder.Instance));
    }
}
