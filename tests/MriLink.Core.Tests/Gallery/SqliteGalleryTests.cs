using MriLink.Core.Gallery;
using MriLink.Core.Tests.Preprocessing;

namespace MriLink.Core.Tests.Gallery;

public sealed class SqliteGalleryTests : GalleryTests
{
    protected override string Place() => Path.Combine(Folder, Path.GetRandomFileName());

    [Fact]
    public void What_is_no_gallery_is_refused_by_name()
    {
        var missing = Place();
        Assert.Contains("does not exist", Assert.Throws<GalleryException>(() => VolumeGallery.Open(missing)).Message, StringComparison.Ordinal);

        var text = Place();
        File.WriteAllText(text, new string('x', 10000));
        Assert.Contains("another kind of file", Assert.Throws<GalleryException>(() => VolumeGallery.Open(text)).Message, StringComparison.Ordinal);

        var empty = Place();
        File.WriteAllText(empty, string.Empty);
        var error = Assert.Throws<GalleryException>(() => VolumeGallery.Open(empty));
        Assert.Contains(empty, error.Message, StringComparison.Ordinal);
        Assert.Contains("is no gallery", error.Message, StringComparison.Ordinal);

        Assert.Contains("cannot be made", Assert.Throws<GalleryException>(() => VolumeGallery.Create(Path.Combine(missing, "x"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_to_the_file_is_found_and_the_rest_can_still_be_read()
    {
        var place = Place();
        var gallery = VolumeGallery.Create(place);
        for (var i = 0; i < 6; i++)
        {
            gallery.Add(SampleBrain.Make(i, side: 24));
        }

        // In the middle of the file lie the pages of a volume.
        using (var file = File.OpenWrite(place))
        {
            file.Position = file.Length / 2;
            file.Write(new byte[2000]);
        }

        var check = VolumeGallery.Open(place).Check();
        var damaged = Assert.Single(check.Damaged);
        Assert.Equal(5, VolumeGallery.Open(place).Entries().Where(e => e.Id != damaged.Id).Count(e => e.ReadBrain(default).Mask.Count > 0));
    }

    [Fact]
    public void A_cut_off_file_is_told()
    {
        var place = Place();
        var gallery = VolumeGallery.Create(place);
        gallery.Add(SampleBrain.Make(side: 24));
        using (var file = File.OpenWrite(place))
        {
            file.SetLength(file.Length / 2);
        }

        Assert.False(gallery.Check().IsIntact);
    }

    [Fact]
    public void What_is_removed_is_overwritten_in_the_file()
    {
        var place = Place();
        var gallery = VolumeGallery.Create(place);
        var entry = gallery.Add(SampleBrain.Make(participant: "to-be-forgotten")).Entry;
        var part = gallery.ReadContent(entry.Id).AsSpan(1000, 64).ToArray();
        Assert.True(File.ReadAllBytes(place).AsSpan().IndexOf(part) > 0);

        gallery.Remove(entry.Id);

        Assert.Equal(-1, File.ReadAllBytes(place).AsSpan().IndexOf(part));
        Assert.Equal(-1, File.ReadAllBytes(place).AsSpan().IndexOf("to-be-forgotten"u8));
    }

    [Theory]
    [InlineData("Host=db;Port=x;Password=topsecret")]
    [InlineData("Host=db;Database=a;Password=top;secret;no")]
    [InlineData("host = ;password=topsecret")]
    [InlineData("Database=brains;Username=me;Password=topsecret")]
    [InlineData("Data Source=topsecret.db")]
    [InlineData("postgres://me:topsecret@db/brains")]
    public void What_is_meant_to_be_a_connection_string_never_becomes_a_file(string location)
    {
        var before = Directory.GetFileSystemEntries(Environment.CurrentDirectory).Length;

        var error = Assert.Throws<ArgumentException>(() => VolumeGallery.Create(location));

        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(Environment.CurrentDirectory).Length);
    }

    [Fact]
    public void A_gallery_is_its_owner_s_alone()
    {
        var place = Place();
        VolumeGallery.Create(place).Add(SampleBrain.Make());

        Assert.Equal(place, Assert.Single(Directory.GetFiles(Folder)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place));
        }
    }

    [Fact]
    public void A_gallery_that_was_left_half_made_is_made_again()
    {
        // What a kill leaves: another name, which nothing else looks at.
        File.WriteAllText(Path.Combine(Folder, ".half.tmp"), string.Empty);
        var place = Place();

        Assert.True(VolumeGallery.Create(place).Add(SampleBrain.Make()).IsNew);
        Assert.True(VolumeGallery.Exists(place));
        Assert.False(VolumeGallery.Exists(Place()));
    }
}
