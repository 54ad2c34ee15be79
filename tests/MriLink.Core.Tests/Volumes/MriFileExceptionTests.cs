using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

public sealed class MriFileExceptionTests
{
    private static readonly ScanIdentity Scan = new("Ada", Path: "/release/ada.nii");

    [Fact]
    public void What_names_no_scan_is_told_with_its_name_and_its_reason()
    {
        var memory = new InsufficientMemoryException("Memory");

        var told = MriFileException.Of(Scan, new AggregateException(memory, memory));

        Assert.Equal("'/release/ada.nii' takes more memory than there is; it may fit when fewer scans are worked on at once.", told.Message);
        Assert.IsType<AggregateException>(told.InnerException);
        Assert.Equal("'Ada' cannot be used: Too odd.", MriFileException.Of(new("Ada"), new InvalidOperationException("Too odd.")).Message);
    }

    [Fact]
    public void What_names_its_scan_is_told_as_it_is()
    {
        var own = new PreprocessingException(Scan, "holds nothing");

        Assert.Same(own, MriFileException.Of(Scan, own));
        Assert.Same(own, MriFileException.Of(Scan, new AggregateException(new InsufficientMemoryException(), own)));
    }
}
