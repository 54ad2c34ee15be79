using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

public sealed class MriFileExceptionTests
{
    private static readonly ScanIdentity Scan = new("Ada", Path: "/release/ada.nii");

    [Fact]
    public void Lack_of_memory_is_told_with_the_scan_s_name()
    {
        var memory = new InsufficientMemoryException("Memory");

        var told = MriFileException.Of(Scan, new AggregateException(memory, memory));

        Assert.Equal("'/release/ada.nii' takes more memory than there is; it may fit when fewer scans are worked on at once.", told.Message);
        Assert.Same(memory, told.InnerException);
    }

    [Fact]
    public void What_names_its_scan_is_told_as_it_is_and_once()
    {
        var own = new PreprocessingException(Scan, "holds nothing");

        Assert.Same(own, MriFileException.Of(Scan, own));
        Assert.Same(own, MriFileException.Of(Scan, new AggregateException(new InsufficientMemoryException(), own)));
    }
}
