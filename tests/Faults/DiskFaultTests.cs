using MriLink.Core.Audit;
using MriLink.Core.Gallery;

namespace MriLink.Faults;

/// <summary>Disks that are full, and power that fails. Takes a Linux that lets the tests mount file systems of their own.</summary>
public sealed class DiskFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-faults-").FullName;
    private readonly List<string> _mounts = [];

    public void Dispose()
    {
        _mounts.ForEach(mount => Night.Shell("umount", "-l", mount));
        Directory.Delete(_folder, recursive: true);
    }

    private string Release => Path.Combine(_folder, "release");

    /// <summary>
    /// The file system lies in an image file. What has not been brought to its disk is in the system's memory and not in the image: a copy of
    /// the image, taken when the process ends, is what a power cut leaves.
    /// </summary>
    [Fact]
    public void After_a_power_cut_report_and_gallery_agree_and_the_next_night_completes_them()
    {
        var image = Path.Combine(_folder, "disk");
        RequireMounts(image);
        Night.MakeRelease(Release);
        var random = new Random(17);
        var (cuts, unfinished) = (0, 0);
        while (cuts < Trials.PowerCuts)
        {
            Format(image);
            var disk = Mount(image, "-o", "loop,commit=600");
            var place = Path.Combine(disk, "g");
            VolumeGallery.Create(place);
            var process = Night.Start(place, Release, Path.Combine(disk, "reports"));
            process.WaitForExit(random.Next(50, 900));
            var finished = process.HasExited;
            if (!finished)
            {
                process.Kill();
                process.WaitForExit();
            }

            var copy = image + ".cut";
            Assert.Equal(0, Night.Shell("cp", "--sparse=always", image, copy));
            var code = process.ExitCode;
            process.Dispose();
            Unmount(disk);

            var after = Mount(copy, "-o", "loop");
            (place, var reports) = (Path.Combine(after, "g"), Path.Combine(after, "reports"));
            Night.RequireAgreement(VolumeGallery.Open(place), reports);
            if (finished)
            {
                // What it said was done is on the disk.
                Assert.Equal(AuditResult.Linked, code);
                Night.RequireComplete(place, Release, reports);
            }
            else
            {
                unfinished++;
                Assert.Contains(Night.Run(place, Release, reports).ExitCode, new[] { 0, AuditResult.Linked });
                Night.RequireComplete(place, Release, reports);
            }

            Unmount(after);
            cuts++;
        }

        Night.Log($"{cuts} power cuts, {unfinished} of them during the audit");
    }

    [Fact]
    public void On_a_full_disk_an_audit_is_not_done_and_the_next_one_with_room_completes_it()
    {
        RequireMounts(null);
        Night.MakeRelease(Release);
        var failed = 0;
        for (var trial = 0; trial < Trials.DiskSizes; trial++)
        {
            // From too little for the first scan to nearly enough.
            var disk = MountMemory(120 + (trial * 240 / Trials.DiskSizes));
            var (place, reports) = (Path.Combine(disk, "g"), Path.Combine(disk, "reports"));
            VolumeGallery.Create(place);
            var (code, output) = Night.Run(place, Release, reports);
            failed += code == AuditResult.NotDone ? 1 : 0;
            Assert.True(code is AuditResult.NotDone or AuditResult.Linked, output);
            Assert.True(code == AuditResult.Linked || output.Contains("full", StringComparison.Ordinal)
                || output.Contains("No space", StringComparison.Ordinal), output);

            Assert.Equal(0, Night.Shell("mount", "-o", "remount,size=20m", disk));
            Assert.True(VolumeGallery.Open(place).Check().IsIntact);
            Night.RequireAgreement(VolumeGallery.Open(place), reports);
            Assert.Contains(Night.Run(place, Release, reports).ExitCode, new[] { 0, AuditResult.Linked });
            Night.RequireComplete(place, Release, reports);
            Unmount(disk);
        }

        Night.Log($"{Trials.DiskSizes} disks, {failed} of them full");
        Assert.True(failed > 0);
    }

    [Fact]
    public void When_the_report_s_disk_is_full_its_links_are_told_by_the_next_night()
    {
        RequireMounts(null);
        Night.MakeRelease(Release);
        var disk = MountMemory(8);
        var place = Path.Combine(_folder, "g");
        VolumeGallery.Create(place);
        var reports = Path.Combine(disk, "reports");
        File.WriteAllBytes(Path.Combine(disk, "filler"), new byte[4096]);

        Assert.Equal(AuditResult.NotDone, Night.Run(place, Release, reports).ExitCode);
        Night.RequireAgreement(VolumeGallery.Open(place), reports);
        Assert.Equal(0, Night.Shell("mount", "-o", "remount,size=20m", disk));
        Assert.Equal(AuditResult.Linked, Night.Run(place, Release, reports).ExitCode);
        Night.RequireComplete(place, Release, reports);
    }

    [Fact]
    public void A_gallery_that_may_not_be_written_is_an_audit_that_was_not_done()
    {
        RequireMounts(null);
        Night.MakeRelease(Release);
        var disk = MountMemory(2000);
        var place = Path.Combine(disk, "g");
        VolumeGallery.Create(place);
        Assert.Equal(0, Night.Shell("mount", "-o", "remount,ro", disk));

        Assert.Equal(AuditResult.NotDone, Night.Run(place, Release, Path.Combine(_folder, "reports")).ExitCode);
    }

    private void RequireMounts(string? image)
    {
        var isRoot = OperatingSystem.IsLinux() && string.Equals(Environment.UserName, "root", StringComparison.Ordinal);
        Assert.SkipUnless(isRoot, "Only root on Linux may mount file systems.");
        var disk = MountMemory(64, required: false);
        Assert.SkipWhen(disk is null, "This system does not let the tests mount file systems.");
        Unmount(disk!);
        if (image is not null)
        {
            Format(image);
            var mounted = TryMount(image, "-o", "loop");
            Assert.SkipWhen(mounted is null, "This system does not let the tests mount images of file systems.");
            Unmount(mounted!);
        }
    }

    private static void Format(string image)
    {
        File.Delete(image);
        using (var file = File.Create(image))
        {
            file.SetLength(32 << 20);
        }

        Assert.Equal(0, Night.Shell("mkfs.ext4", "-q", "-F", image));
    }

    private string Mount(string what, params string[] options) =>
        TryMount(what, options) ?? throw new InvalidOperationException($"{what} cannot be mounted.");

    private string? TryMount(string what, params string[] options)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Path.GetRandomFileName())).FullName;
        if (Night.Shell("mount", [.. options, what, folder]) != 0)
        {
            return null;
        }

        _mounts.Add(folder);
        return folder;
    }

    private string MountMemory(int kilobytes) => MountMemory(kilobytes, required: true)!;

    private string? MountMemory(int kilobytes, bool required)
    {
        var mounted = TryMount("tmpfs", "-t", "tmpfs", "-o", $"size={kilobytes}k");
        return mounted ?? (required ? throw new InvalidOperationException("No file system in memory.") : null);
    }

    private void Unmount(string folder)
    {
        Night.Shell("umount", folder);
        _mounts.Remove(folder);
    }
}
