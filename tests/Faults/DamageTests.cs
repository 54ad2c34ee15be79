using System.Globalization;
using System.Security.Cryptography;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Search;
using MriLink.Core.Volumes;

namespace MriLink.Faults;

/// <summary>Bytes and rows that are not as they were written: an error each, never a crash, and never somebody else's data.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Dimensions = 1024;

    private const string Metric = "LocalNCC";

    private static readonly string Space = new('a', 32);

    private readonly string _folder =
        Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"mrilink-faults-{Guid.NewGuid():N}")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_damaged_signature_file_crashes_or_names_another_person()
    {
        var random = new Random(17);
        MriSignature[] signatures = [.. Enumerable.Range(0, 6).Select(i => new MriSignature(new($"A{i:00}", "1"), Numbers(i), Space, Metric, spacing: 2))];
        var path = Path.Combine(_folder, "x.mrisig");
        SignatureFile.Write(path, signatures);
        var good = File.ReadAllBytes(path);
        var probe = new MriSignature(new("B04"), [.. Numbers(4).Zip(Numbers(99), (a, b) => (0.8f * a) + (0.2f * b))], Space, Metric, spacing: 2);
        var (refused, read, signed) = (0, 0, 0);
        for (var trial = 0; trial < Trials.Signatures; trial++)
        {
            var bytes = Mutate(good, random);

            // Half of them by somebody who makes the checksum right again: no crash, whatever they say.
            var isSigned = trial % 2 == 1 && bytes.Length > 32;
            if (isSigned)
            {
                SHA256.HashData(bytes.AsSpan(..^32), bytes.AsSpan(^32));
                signed++;
            }

            File.WriteAllBytes(path, bytes);
            try
            {
                using var file = SignatureFile.Open(path);
                var hit = file.Count > 0 ? file.Search(probe, 1) : [];
                _ = file.ReadAll().Count();
                read++;
                Assert.All(hit, h => Assert.True(float.IsFinite(h.Score)));
                Assert.True(isSigned || bytes.AsSpan().SequenceEqual(good), $"Damage number {trial} was not noticed.");
            }
            catch (Exception exception) when (exception is MriFileException or ArgumentException { ParamName: "probe" })
            {
                refused++;
            }
        }

        Night.Log(string.Create(CultureInfo.InvariantCulture,
            $"{Trials.Signatures} files, {signed} of them with a right checksum: {refused} refused, {read} read"));
        Assert.True(refused > Trials.Signatures / 2);
    }

    [Fact]
    public void A_file_that_shrinks_or_is_overwritten_while_it_is_searched_is_an_error()
    {
        var random = new Random(17);
        var path = Path.Combine(_folder, "x.mrisig");
        MriSignature[] signatures = [.. Enumerable.Range(0, 40).Select(i => new MriSignature(new($"A{i:00}"), Numbers(i), Space, Metric, spacing: 2))];
        SignatureFile.Write(path, signatures);
        var good = File.ReadAllBytes(path);
        for (var trial = 0; trial < Trials.Records / 10; trial++)
        {
            File.WriteAllBytes(path, good);
            using var file = SignatureFile.Open(path);
            using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                if (trial % 2 == 0)
                {
                    writer.SetLength(random.Next(good.Length));
                }
                else
                {
                    writer.Position = random.Next(good.Length - 5000);
                    writer.Write(RandomNumberGenerator.GetBytes(5000));
                }
            }

            for (var i = 0; i < signatures.Length; i++)
            {
                try
                {
                    Assert.Equal(i, file.Search(signatures[i], 1)[0].Index);
                }
                catch (MriFileException exception)
                {
                    Assert.Contains("changed", exception.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void No_damaged_row_gives_another_s_brain_or_a_clean_night()
    {
        var release = Path.Combine(_folder, "release");
        Night.MakeRelease(release);
        var reports = Path.Combine(_folder, "reports");
        var place = Path.Combine(_folder, "g");
        var audit = Night.Prepare(VolumeGallery.Create(place), release, reports);
        audit.Run(Night.Files(release), WorkOptions.SingleThread);
        var good = File.ReadAllBytes(place);
        var gallery = VolumeGallery.Open(place);
        var truth = gallery.Entries().ToDictionary(entry => entry.Participant, entry => ContentHash.Of(entry.ReadVoxels()), StringComparer.Ordinal);
        var random = new Random(17);
        var (changed, seen, nights) = (0, 0, 0);
        for (var trial = 0; trial < Trials.Rows; trial++)
        {
            File.WriteAllBytes(place, good);
            File.Delete(place + "-journal");
            var what = trial % 5 == 4 ? FlipBits(place, random) : ChangeRow(gallery, random);
            changed++;
            try
            {
                var damaged = new List<DamagedEntry>();
                foreach (var entry in gallery.Entries(damaged: damaged))
                {
                    try
                    {
                        var hash = ContentHash.Of(entry.ReadVoxels());
                        Assert.True(truth.TryGetValue(entry.Participant, out var own)
                            && string.Equals(own, hash, StringComparison.Ordinal), $"{what} gave another's brain");
                    }
                    catch (Exception exception) when (exception is GalleryException or MriFileException)
                    {
                        // An error is what there should be.
                    }
                }

                seen += gallery.Check().IsIntact ? 0 : 1;
                Assert.True(trial % 5 == 4 || !gallery.Check().IsIntact, $"{what} was not noticed");

                // A night is much longer than a look. It has a new scan, so that it reads and compares everything.
                if (trial % 10 == 0)
                {
                    nights++;
                    Night.MakeScan(release, "sub-new", 50, 50);
                    var result = Night.Prepare(gallery, release, reports).Run(Night.Files(release), WorkOptions.SingleThread);
                    File.Delete(Path.Combine(release, "sub-new_T1w.nii"));
                    Assert.True(result.ExitCode != 0 || gallery.Check().IsIntact
                        || what.Contains("audits", StringComparison.Ordinal), $"{what} gave a clean night");
                }
            }
            catch (GalleryException)
            {
                seen++;
            }
        }

        Night.Log($"{changed} changes, {seen} seen by a check, {nights} nights");
    }

    [Fact]
    public void No_damaged_cache_entry_sidecar_or_key_is_taken_for_a_good_one()
    {
        var random = new Random(17);
        var volume = new Volume(new(new(8, 8, 8), Affine.FromScale(2, 2, 2)), [.. Enumerable.Range(1, 512).Select(i => (float)i)]);
        var brain = Night.Brain(new("Ada"), volume, "sha256:1");
        var cache = new PreprocessCache(Path.Combine(_folder, "cache"));
        cache.Keep(brain, default);
        var kept = cache.PathOf(brain.Provenance!);
        var path = Path.Combine(_folder, "sub-1_T1w.nii");
        Core.Formats.VolumeWriter.Write(path, volume);
        PreprocessedSidecar.WriteFile(path, brain, includeSource: false);
        var (entry, sidecar) = (File.ReadAllBytes(kept), File.ReadAllBytes(PreprocessedSidecar.PathFor(path)));
        var (refused, taken) = (0, 0);
        for (var trial = 0; trial < Trials.Records; trial++)
        {
            var bytes = Mutate(entry, random);
            File.WriteAllBytes(kept, bytes);
            Try(() => Assert.True(cache.Find(brain.Provenance!, new("Ada")) is { } found
                && found.ReadVoxels().Voxels.AsSpan().SequenceEqual(volume.Voxels)));

            File.WriteAllBytes(PreprocessedSidecar.PathFor(path), Mutate(sidecar, random));
            Try(() =>
            {
                var scan = new MriVolume(
                    new("Ada", Path: path), new Core.Formats.Raw.FileVoxelSource(Core.Formats.VolumeFormats.ReadHeader(path), new()));
                _ = PreprocessedSidecar.Restore(scan)?.ReadBrain(default);
            });

            // The voxels of another volume under a good sidecar.
            File.WriteAllBytes(PreprocessedSidecar.PathFor(path), sidecar);
            var key = Mutate(SHA256.HashData("key"u8), random);
            File.WriteAllBytes(Path.Combine(_folder, "key"), key);
            Try(() => Assert.True(SecretKey.ReadFile(Path.Combine(_folder, "key")).Derive(SecretKey.ForSignatures).Length == 32 && key.Length >= 32));
        }

        Night.Log($"{3 * Trials.Records} records: {refused} refused, {taken} taken as they are");

        void Try(Action action)
        {
            try
            {
                action();
                taken++;
            }
            catch (Exception exception) when (exception is MriFileException or ArgumentException)
            {
                refused++;
            }
        }
    }

    private static float[] Numbers(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Dimensions).Select(_ => (random.NextSingle() - 0.5f) / 16)];
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = good.ToArray();
        switch (random.Next(6))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                return [.. bytes, .. new byte[random.Next(1, 100)]];
            case 2:
                for (var i = random.Next(1, 8); i > 0; i--)
                {
                    bytes[random.Next(Math.Min(bytes.Length, 128))] = (byte)random.Next(256);
                }

                return bytes;
            case 3:
                var start = random.Next(bytes.Length);
                random.NextBytes(bytes.AsSpan(start, random.Next(bytes.Length - start)));
                return bytes;
            case 4:
                var (from, to) = (random.Next(bytes.Length), random.Next(bytes.Length));
                var length = random.Next(Math.Min(bytes.Length - from, bytes.Length - to));
                bytes.AsSpan(from, length).ToArray().CopyTo(bytes.AsSpan(to));
                return bytes;
            default:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }

    private static string FlipBits(string place, Random random)
    {
        using var file = new FileStream(place, FileMode.Open);
        var offset = random.NextInt64(100, file.Length);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ (1 << random.Next(8))));
        return $"A bit of byte {offset}";
    }

    // A value of any kind in any column of any row.
    private static string ChangeRow(VolumeGallery gallery, Random random)
    {
        (string Table, string[] Columns, string Key)[] tables =
        [
            ("entries", ["id", "entry_key", "participant", "session", "run", "path", "input_hash", "grid", "record", "bytes", "added",
                "content_hash", "checksum"], "id"),
            ("volumes", ["entry_id", "content"], "entry_id"),
            ("files", ["name", "root", "stamp", "content", "entry_id", "problem", "checksum"], "rowid"),
            ("links", ["probe_id", "entry_id", "metric", "score", "p_value", "rule", "reported", "checksum"], "rowid"),
            ("matched", ["entry_id", "checksum"], "rowid"),
            ("audits", ["started", "finished", "summary", "checksum"], "id"),
        ];
        var (table, columns, key) = tables[random.Next(tables.Length)];
        var column = columns[random.Next(columns.Length)];
        string[] values = ["NULL", "7", "-1", "9223372036854775807", "1e999", "'x'", "''", "x'00ff'", "'" + (char)27 + "[2J'", $"{column} || 'x'",
            "'2020-01-01T00:00:00.000Z'", "zeroblob(100)"];
        for (var attempt = 0; ; attempt++)
        {
            var value = values[random.Next(values.Length)];
            try
            {
                if (gallery.Server.Write(
                    c => c.Execute($"UPDATE {table} SET {column} = {value} WHERE {key} = (SELECT {key} FROM {table} ORDER BY RANDOM() LIMIT 1) AND "
                        + $"{column} IS NOT {value}")) > 0)
                {
                    return $"UPDATE {table} SET {column} = {value}";
                }
            }
            catch (GalleryException) when (attempt < 100)
            {
                // The database itself refuses it: another value is tried.
            }
        }
    }
}
