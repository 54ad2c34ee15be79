using MriLink.Core.Basics;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Search;

public sealed class ScanReaderTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Each_scan_is_read_in_its_place_and_one_that_cannot_be_used_does_not_stop_the_others()
    {
        var empty = new MriVolume(new("empty"), new MemoryVoxelSource(new(Grid(12), new float[12 * 12 * 12])));
        var reader = new ScanReader();

        var read = Read(reader, [Brain("a"), empty, Brain("elsewhere", side: 10), Brain("b")]);

        Assert.Equal(["a", "empty", "elsewhere", "b"], read.Select(r => r.Scan.Participant));
        Assert.Equal([true, false, false, true], read.Select(r => r.Volume is not null));
        Assert.All(read, r => Assert.Equal(r.Volume is null, r.Error is not null));
        Assert.Contains("no voxel to compare", read[1].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("does not lie on the grid", read[2].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_that_is_kept_is_read_once_until_other_measures_are_wanted()
    {
        var (reader, scan) = (new ScanReader(), Brain("a"));

        var first = Read(reader, [scan], keep: true)[0].Volume;
        Assert.Same(first, Read(reader, [scan])[0].Volume);

        // Its mirror image was not made ready.
        var mirrored = Read(reader, [scan], keep: true, withMirrored: true)[0].Volume;
        Assert.NotNull(mirrored!.Mirrored);
        Assert.Same(mirrored, Read(reader, [scan])[0].Volume);
        reader.Measures = [SimilarityMeasures.Default];
        Assert.NotSame(mirrored, Read(reader, [scan])[0].Volume);

        // Nobody asked to keep it.
        Assert.NotSame(Read(reader, [scan])[0].Volume, Read(reader, [scan])[0].Volume);
    }

    [Fact]
    public void Signatures_go_with_signatures_of_their_key_alone_and_by_their_measure()
    {
        var (own, other) = (new SignatureProjection(Key, Grid(12)), new SignatureProjection([.. Key.Reverse()], Grid(12)));
        var brains = new[] { Sample("a", 1), Sample("b", 2) };
        var reader = new ScanReader { Measures = [SimilarityMeasures.Default] };

        var read = Read(reader, [own.Project(brains[0]), own.Project(brains[1]), other.Project(brains[0]), brains[0]]);

        Assert.Equal([true, true, false, false], read.Select(r => r.Volume is not null));
        Assert.Contains("another key", read[2].Error!.Message, StringComparison.Ordinal);
        Assert.Contains("is a volume and the others are signatures", read[3].Error!.Message, StringComparison.Ordinal);
        reader.Measures = [SimilarityMeasures.Find("MI")!];
        Assert.NotNull(Read(reader, [own.Project(brains[0])])[0].Error);

        static Core.Preprocessing.PreprocessedVolume Sample(string participant, int seed)
        {
            var random = new Random(seed);
            float[] voxels = [.. Enumerable.Range(0, 12 * 12 * 12).Select(_ => random.NextSingle())];
            return SampleBrain.Make(new(Grid(12), voxels), new(Grid(12), [.. voxels.Select(_ => true)]), participant, null, 0.1);
        }
    }

    private static IReadOnlyList<ReadScan> Read(ScanReader reader, IReadOnlyList<MriScan> scans, bool keep = false, bool withMirrored = false) =>
        reader.Read(scans, grid: null, keep, withMirrored, WorkOptions.AllProcessors);

    private static VolumeGeometry Grid(int side) => new(new(side, side, side), Affine.FromTranslation(1 - side, 0, 0) * Affine.FromScale(2, 2, 2));

    private static Core.Preprocessing.PreprocessedVolume Brain(string participant, int side = 12)
    {
        var random = new Random(side);
        float[] voxels = [.. Enumerable.Range(0, side * side * side).Select(_ => random.NextSingle())];
        return TestVolume.Preprocessed(
            new(participant), new(Grid(side), voxels), new(Grid(side), [.. voxels.Select(voxel => voxel > 0.1)]));
    }
}
