using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Preprocessing;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Gallery;

/// <summary>What holds for every gallery, whatever database it lives in.</summary>
public abstract class GalleryTests : IDisposable
{
    private static readonly Pseudonymizer Key = new(new SecretKey(System.Security.Cryptography.SHA256.HashData("key"u8)));

    protected string Folder { get; } = Directory.CreateTempSubdirectory("mrilink-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A place where no gallery is yet.</summary>
    protected abstract string Place();

    [Fact]
    public void What_is_added_comes_back_bit_for_bit_and_stays()
    {
        var place = Place();
        var volume = SampleBrain.Make();

        var (entry, isNew) = VolumeGallery.Create(place).Add(volume);

        Assert.True(isNew);
        SampleBrain.AssertSame(volume, entry);
        var again = Assert.Single(VolumeGallery.Open(place).Entries());
        SampleBrain.AssertSame(volume, again);
        Assert.Equal(volume.BrainMask.Voxels, again.BrainMask.Voxels);
        Assert.Equal(volume.Identity, again.Identity);
        Assert.Equal(entry.Id, again.Id);
        Assert.Equal(entry.Added, again.Added);
        Assert.InRange(again.Added!.Value, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow);
    }

    [Fact]
    public void The_same_scan_again_changes_nothing_but_under_another_label_it_is_another_entry()
    {
        var gallery = VolumeGallery.Create(Place());
        var first = gallery.Add(SampleBrain.Make()).Entry;

        var (again, isNew) = gallery.Add(SampleBrain.Make(path: "/elsewhere/copy.nii"));
        Assert.False(isNew);
        Assert.Equal(first.Id, again.Id);
        Assert.True(gallery.Add(SampleBrain.Make(participant: "Grace")).IsNew);
        Assert.True(gallery.Add(SampleBrain.Make(seed: 2)).IsNew);
        Assert.Equal(3, gallery.Count);
        Assert.Equal(2, gallery.Entries("Ada-Lovelace").Count);
    }

    [Fact]
    public void Labels_of_any_kind_come_back()
    {
        var gallery = VolumeGallery.Create(Place());
        foreach (var label in (string[])["Ω '; DROP TABLE entries; --", "a\nb", "1", new string('x', 5000)])
        {
            gallery.Add(SampleBrain.Make(participant: label));
            Assert.Equal(label, Assert.Single(gallery.Entries(label)).Participant);
        }
    }

    [Fact]
    public void A_volume_on_another_grid_is_refused_and_nothing_is_left_of_it()
    {
        var gallery = VolumeGallery.Create(Place());
        gallery.Add(SampleBrain.Make());

        var error = Assert.Throws<GalleryException>(() => gallery.Add(SampleBrain.Make(side: 5)));

        Assert.Contains("another grid", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, gallery.Count);
        Assert.True(gallery.Check().IsIntact);
    }

    [Fact]
    public void A_volume_without_provenance_is_refused()
    {
        var volume = SampleBrain.Make();
        var bare = new PreprocessedVolume(volume.Identity, volume.ReadVoxels(), volume.BrainMask, "x", Affine.Identity, volume.QualityRecord, []);

        Assert.Throws<ArgumentException>(() => VolumeGallery.Create(Place()).Add(bare));
    }

    [Fact]
    public void What_is_removed_is_gone_and_the_rest_stays()
    {
        var gallery = VolumeGallery.Create(Place());
        var (first, second) = (gallery.Add(SampleBrain.Make(1)).Entry, gallery.Add(SampleBrain.Make(2)).Entry);

        Assert.True(gallery.Remove(first.Id));
        Assert.False(gallery.Remove(first.Id));
        gallery.Optimize();

        Assert.Equal(second.Id, Assert.Single(gallery.Entries()).Id);
        Assert.Contains("no longer holds", Assert.Throws<GalleryException>(() => first.ReadVoxels()).Message, StringComparison.Ordinal);
        Assert.True(gallery.Check().IsIntact);
        Assert.Null(gallery.Entry(first.Id));
    }

    [Fact]
    public void A_check_names_the_damaged_entries_and_no_other()
    {
        var gallery = VolumeGallery.Create(Place());
        var ids = Enumerable.Range(0, 5).Select(i => gallery.Add(SampleBrain.Make(i, participant: $"p{i}")).Entry.Id).ToArray();
        Assert.Equal(5, gallery.Check().Entries);
        Assert.True(gallery.Check().IsIntact);

        var content = gallery.ReadContent(ids[1]);
        content[^200] ^= 4;
        gallery.Server.Write(c => c.Execute("UPDATE volumes SET content = @c WHERE entry_id = @id", ("@c", content), ("@id", ids[1])));
        gallery.Server.Write(c => c.Execute("UPDATE entries SET participant = 'somebody else' WHERE id = @id", ("@id", ids[2])));
        gallery.Server.Write(c => c.Execute("DELETE FROM volumes WHERE entry_id = @id", ("@id", ids[3])));
        gallery.Server.Write(c =>
            c.Execute("UPDATE volumes SET content = (SELECT content FROM volumes WHERE entry_id = @other) WHERE entry_id = @id", ("@other", ids[0]),
            ("@id", ids[4])));
        var check = gallery.Check();

        Assert.False(check.IsIntact);
        Assert.Equal(ids[1..], check.Damaged.Select(d => d.Id));
        Assert.Contains("checksum", check.Damaged[0].Problem, StringComparison.Ordinal);
        Assert.Contains("row is not as it was written", check.Damaged[1].Problem, StringComparison.Ordinal);
        Assert.Contains("no longer holds", check.Damaged[2].Problem, StringComparison.Ordinal);
        Assert.Contains("not what its volume says", check.Damaged[3].Problem, StringComparison.Ordinal);
        Assert.Throws<MriFileException>(() => gallery.Entry(ids[1])!.ReadVoxels());
    }

    // Every column of every table, changed by hand as a disk or a person would.
    [Theory]
    [InlineData("UPDATE entries SET path = '/else/where.nii'", true)]
    [InlineData("UPDATE entries SET session = NULL", true)]
    [InlineData("UPDATE entries SET added = '2001-01-01T00:00:00.000Z'", true)]
    [InlineData("UPDATE entries SET bytes = bytes + 1", true)]
    [InlineData("UPDATE entries SET input_hash = 'sha256:00'", true)]
    [InlineData("UPDATE entries SET grid = 'another'", true)]
    [InlineData("UPDATE entries SET record = '{}'", true)]
    [InlineData("UPDATE entries SET content_hash = '00'", true)]
    [InlineData("UPDATE entries SET entry_key = '00'", true)]
    [InlineData("UPDATE files SET stamp = 'x'", false)]
    [InlineData("UPDATE files SET problem = NULL", false)]
    [InlineData("UPDATE files SET entry_id = 77", false)]
    [InlineData("UPDATE links SET reported = 1", false)]
    [InlineData("UPDATE links SET score = 0.5", false)]
    [InlineData("UPDATE links SET metric = 'SSIM'", false)]
    [InlineData("UPDATE links SET remark = NULL", false)]
    [InlineData("UPDATE links SET remark = 'nothing'", false)]
    [InlineData("UPDATE matched SET entry_id = 77", false)]
    [InlineData("UPDATE audits SET summary = 'nothing'", false)]
    [InlineData("DELETE FROM entries", false)]
    public void A_check_finds_what_is_changed_in_any_row(string change, bool isEntry)
    {
        var gallery = VolumeGallery.Create(Place());
        var id = gallery.Add(SampleBrain.Make()).Entry.Id;
        gallery.Audits.Note([new("a.nii", "/", "stamp", "sha256:1", id, "is bad")], default);
        gallery.Audits.Record([new(id, id, "NCC", 0.9, null, "rule", "a relative?", false)], [id], default);
        gallery.Audits.Report([], DateTime.UtcNow, DateTime.UtcNow, "1 file", default);
        Assert.True(gallery.Check().IsIntact, string.Join("; ", gallery.Check().Problems));

        gallery.Server.Write(c => c.Execute(change));

        var check = gallery.Check();
        Assert.False(check.IsIntact);
        Assert.Equal(isEntry ? 1 : 0, check.Damaged.Count);
    }

    [Fact]
    public void One_damaged_row_is_listed_left_out_and_removed_and_the_others_are_as_before()
    {
        var (place, all) = (Place(), Place());
        var gallery = VolumeGallery.Create(place);
        var ids = Enumerable.Range(0, 4).Select(i => gallery.Add(SampleBrain.Make(i, participant: $"p{i}")).Entry.Id).ToArray();
        gallery.Server.Write(c => c.Execute("UPDATE entries SET record = 'no record' WHERE id = @id", ("@id", ids[2])));

        Assert.Contains($"Remove-MriGalleryVolume", Assert.Throws<GalleryException>(() => gallery.Entries()).Message, StringComparison.Ordinal);
        var damaged = new List<DamagedEntry>();
        Assert.Equal([ids[0], ids[1], ids[3]], gallery.Entries(damaged: damaged).Select(e => e.Id));
        Assert.Equal((ids[2], gallery.Name), (Assert.Single(damaged).Id, damaged[0].Gallery));
        Assert.Equal("p1", Assert.Single(gallery.Entries("p1")).Participant);
        Assert.Equal(ids[3], gallery.Entry(ids[3])!.Id);
        Assert.Null(gallery.Entry(ids[2], damaged));
        damaged.Clear();
        Assert.Equal((3, 0), VolumeGallery.Create(all).Merge(gallery, damaged: damaged));
        Assert.Equal(ids[2], Assert.Single(damaged).Id);
        Assert.True(gallery.Add(SampleBrain.Make(9, participant: "p9")).IsNew);
        Assert.Equal(ids[2], Assert.Throws<GalleryException>(() => gallery.Add(SampleBrain.Make(2, participant: "p2"))).EntryId);

        Assert.True(gallery.Remove(ids[2]));

        Assert.True(gallery.Check().IsIntact);
        Assert.Equal(4, gallery.Entries().Count);
        Assert.True(gallery.Add(SampleBrain.Make(2, participant: "p2")).IsNew);
    }

    [Fact]
    public async Task Waiting_for_another_writer_ends_when_it_is_told_to()
    {
        var place = Place();
        var gallery = VolumeGallery.Create(place);
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var writer = Task.Run(() => VolumeGallery.Open(place).Server.Write(c =>
        {
            held.Set();
            release.Wait();
            return true;
        }));
        held.Wait();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var watch = System.Diagnostics.Stopwatch.StartNew();

        Assert.ThrowsAny<OperationCanceledException>(() => gallery.Add(SampleBrain.Make(), cancellationToken: stop.Token));

        Assert.InRange(watch.ElapsedMilliseconds, 250, 1300);
        release.Set();
        Assert.True(await writer);
        Assert.True(gallery.Add(SampleBrain.Make()).IsNew);
    }

    [Fact]
    public void Numbers_and_times_of_a_pseudonymised_gallery_say_nothing_of_the_order()
    {
        var gallery = VolumeGallery.Create(Place(), Key);
        var ids = Enumerable.Range(0, 12).Select(i => gallery.Add(SampleBrain.Make(i, side: 4, participant: $"p{i:00}"), Key).Entry.Id).ToArray();

        // In order by chance once in 12!, half a thousand million times.
        Assert.NotEqual(ids.Order(), ids);
        Assert.All(gallery.Entries(), entry => Assert.Null(entry.Added));
        Assert.Equal(12, ids.Distinct().Count());
        Assert.True(gallery.Check().IsIntact);
    }

    [Fact]
    public void A_pseudonymised_gallery_holds_no_label_path_or_file_hash_and_answers_to_its_key()
    {
        var place = Place();
        var volume = SampleBrain.Make();
        var gallery = VolumeGallery.Create(place, Key);

        var entry = gallery.Add(volume, Key).Entry;

        Assert.False(gallery.Add(volume, Key).IsNew);
        var all = string.Join('|',
            gallery.Server.Run(c =>
            c.Query("SELECT participant, session, run, path, input_hash, record, entry_key FROM entries", r =>
            string.Join('|', Enumerable.Range(0, 7).Select(r.Text)))));
        all += System.Text.Encoding.Latin1.GetString(gallery.ReadContent(entry.Id));
        Assert.DoesNotContain("Ada", all, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", all, StringComparison.Ordinal);
        Assert.DoesNotContain(volume.Provenance!.InputHash[^20..], all, StringComparison.Ordinal);
        Assert.True(gallery.IsPseudonymized);
        Assert.Equal(entry.Id, Assert.Single(gallery.Entries("Ada-Lovelace", Key)).Id);
        Assert.Empty(gallery.Entries("Ada-Lovelace"));
        Assert.Equal(volume.ReadVoxels().Voxels, entry.ReadVoxels().Voxels);
        Assert.True(gallery.Check().IsIntact);

        Assert.Contains("-KeyPath", Assert.Throws<GalleryException>(() => gallery.Add(SampleBrain.Make(2))).Message, StringComparison.Ordinal);
        var other = new Pseudonymizer(new SecretKey(System.Security.Cryptography.SHA256.HashData("other"u8)));
        Assert.Contains("another key", Assert.Throws<GalleryException>(() => VolumeGallery.Open(place).Add(volume, other)).Message,
            StringComparison.Ordinal);
        Assert.Contains("no key", Assert.Throws<GalleryException>(() => VolumeGallery.Create(Place()).Add(volume, Key)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Writers_at_once_lose_nothing_and_double_nothing()
    {
        var place = Place();
        VolumeGallery.Create(place);
        var news = 0;

        // Each of 8 writers adds the same 10 volumes, in an order and over a connection of its own.
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, writer =>
        {
            var gallery = VolumeGallery.Open(place);
            for (var i = 0; i < 10; i++)
            {
                Interlocked.Add(ref news, gallery.Add(SampleBrain.Make((i + writer) % 10, side: 4)).IsNew ? 1 : 0);
            }
        });

        Assert.Equal(10, news);
        Assert.Equal(10, VolumeGallery.Open(place).Count);
        Assert.True(VolumeGallery.Open(place).Check().IsIntact);
    }

    [Fact]
    public void A_newer_gallery_is_refused_and_an_older_one_brought_up_to_date()
    {
        var newer = Place();
        VolumeGallery.Create(newer).Server.Write(c => c.Execute("UPDATE info SET value = '99' WHERE name = 'schema_version'"));
        Assert.Contains("Use a newer MriLink", Assert.Throws<GalleryException>(() => VolumeGallery.Open(newer)).Message, StringComparison.Ordinal);

        var older = Place();
        var server = GalleryServer.For(older);
        server.Create(place => GallerySchema.Create(place, new Dictionary<string, string>(), version: 1), default);
        Assert.False(server.Run(c => server.HasTable(c, "files")));
        Parallel.For(0, 4, _ => VolumeGallery.Open(older));
        Assert.True(server.Run(c => server.HasTable(c, "files")));
        Assert.True(VolumeGallery.Open(older).Add(SampleBrain.Make()).IsNew);
    }

    [Fact]
    public void A_gallery_is_not_made_over_another()
    {
        var place = Place();
        VolumeGallery.Create(place).Add(SampleBrain.Make());

        Assert.Contains("exists already", Assert.Throws<GalleryException>(() => VolumeGallery.Create(place)).Message, StringComparison.Ordinal);
        Assert.Equal(1, VolumeGallery.Open(place).Count);
    }

    [Fact]
    public void Merging_adds_what_is_new_and_can_be_repeated()
    {
        var (all, part) = (VolumeGallery.Create(Place()), VolumeGallery.Create(Place()));
        all.Add(SampleBrain.Make(1));
        var copied = new[] { part.Add(SampleBrain.Make(1)).Entry, part.Add(SampleBrain.Make(2)).Entry };

        Assert.Equal((1, 1), all.Merge(part));
        Assert.Equal((0, 2), all.Merge(part));

        Assert.Equal(2, all.Count);
        SampleBrain.AssertSame(copied[1], all.Entries()[1]);
        Assert.True(all.Check().IsIntact);
        var hidden = VolumeGallery.Create(Place(), Key);
        Assert.Contains("only one of them", Assert.Throws<GalleryException>(() => hidden.Merge(part)).Message, StringComparison.Ordinal);
        hidden.Add(SampleBrain.Make(3), Key);
        var other = VolumeGallery.Create(Place(), Key);
        Assert.Equal((1, 0), other.Merge(hidden));
        Assert.Equal(hidden.Entries()[0].Participant, other.Entries()[0].Participant);
    }
}
