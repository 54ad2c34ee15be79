using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class PreprocessorTests(SimulatedHead heads) : PreprocessingAccuracyTests(heads), IClassFixture<SimulatedHead>
{
    private readonly SimulatedHead _heads = heads;

    protected override PreprocessedVolume Process(Volume scan) => _heads.Process(scan);

    [Fact]
    public void Nothing_is_left_outside_the_mask()
    {
        var result = Process(_heads.First.Head);

        var (voxels, mask) = (result.ReadVoxels(), result.BrainMask);
        Assert.Equal(voxels.Geometry, mask.Geometry);
        Assert.DoesNotContain(Enumerable.Range(0, mask.Voxels.Length), i => !mask.Voxels[i] && voxels.Voxels[i] != 0);
        Assert.True(mask.Voxels.Where((inside, i) => inside && voxels.Voxels[i] != 0).Count() > 0.99 * mask.Count);
    }

    [Fact]
    public void Raw_heads_are_not_taken_for_stripped_with_or_without_a_face()
    {
        var head = _heads.First.Head;
        var result = Process(head);
        var toTemplate = result.TemplateToScan.Inverse();
        var faceless = Changed(head, (p, value) =>
        {
            var place = toTemplate.Apply(p);
            return place.Y > 30 && place.Z < -20 ? 0 : value;
        });

        // Air without any noise, as defacing and scanners leave it.
        var quiet = Changed(faceless, (_, value) => value < 60 ? 0 : value);

        Assert.False(result.QualityRecord.InputStripped);
        Assert.False(Process(faceless).QualityRecord.InputStripped);
        Assert.False(Process(quiet).QualityRecord.InputStripped);
        Assert.InRange(Process(quiet).BrainMask.Dice(result.BrainMask), 0.97, 1);
    }

    [Fact]
    public void A_mask_of_the_users_is_used_as_it_is_on_any_grid()
    {
        var truth = _heads.First.BrainMask!;
        var coarse = new VolumeGeometry(
            new(truth.Size.X / 2, truth.Size.Y / 2, truth.Size.Z / 2),
            truth.Geometry.VoxelToWorld * Affine.FromTranslation(0.5, 0.5, 0.5) * Affine.FromScale(2, 2, 2));
        var own = Mask.FromVolume(Resampler.Resample(truth.ToVolume(), Affine.Identity, coarse, null, WorkOptions.AllProcessors), 0.5f);

        var exact = _heads.Process(_heads.First.Head, truth);
        var rough = _heads.Process(_heads.First.Head, own);

        // Trilinear there and back at 2 mm moves the surface by a fraction of a voxel; a grid of 4 mm by a little more.
        Assert.InRange(OnScan(exact, truth.Geometry).Dice(truth), 0.98, 1);
        Assert.InRange(OnScan(rough, truth.Geometry).Dice(truth), 0.95, 1);
        Assert.Equal(QualityVerdict.Pass, exact.QualityRecord.GetVerdict());
        Assert.True(exact.QualityRecord.InputStripped);
    }

    [Fact]
    public void A_mask_in_the_wrong_place_fails()
    {
        var truth = _heads.First.BrainMask!;
        var shifted = new Mask(new(truth.Size, Affine.FromTranslation(0, 40, -60) * truth.Geometry.VoxelToWorld), truth.Voxels);
        var everything = new Mask(truth.Geometry, Array.ConvertAll(truth.Voxels, _ => true));

        Assert.Equal(QualityVerdict.Fail, _heads.Process(_heads.First.Head, shifted).QualityRecord.GetVerdict());
        Assert.Equal(QualityVerdict.Fail, _heads.Process(_heads.First.Head, everything).QualityRecord.GetVerdict());
    }

    [Fact]
    public void What_is_no_head_or_half_of_one_fails()
    {
        var grid = new VolumeGeometry(new(80, 80, 80), Affine.FromTranslation(-120, -120, -120) * Affine.FromScale(3, 3, 3));
        var random = new Random(1);
        var noise = new Volume(grid, [.. Enumerable.Range(0, (int)grid.Size.Count).Select(_ => random.NextSingle())]);
        var ball = Changed(noise, (p, value) => (p.Length < 85 ? 10 : 0) + value);
        var size = _heads.First.Head.Size;
        var half = Changed(_heads.First.Head, (p, value) => p.X > _heads.First.Head.Geometry.Center.X ? 0 : value);

        foreach (var (name, scan) in new[] { ("noise", noise), ("ball", ball), ("half", half) })
        {
            var quality = Process(scan).QualityRecord;
            Assert.True(quality.GetVerdict() == QualityVerdict.Fail, $"{name}: {quality}");
            Assert.NotEmpty(quality.Reasons);
        }
    }

    [Fact]
    public void Maps_of_tissues_masks_and_other_contrasts_never_pass()
    {
        var (head, mask) = (_heads.First.Head, _heads.First.BrainMask!);
        var smooth = GaussianFilter.Smooth(head, 2, WorkOptions.AllProcessors).Voxels;
        var (fluid, white) = Percentiles.Of(smooth, mask.Voxels, 0.15, 0.6);
        var white98 = Percentiles.Of(head.Voxels, mask.Voxels, 0.5, 0.98).Item2;
        Volume Made(Func<int, float> value) => new(head.Geometry, [.. Enumerable.Range(0, head.Voxels.Length).Select(value)]);
        float Tissue(int i) => !mask.Voxels[i] ? 0 : smooth[i] < fluid ? 1 : smooth[i] < white ? 2 : 3;

        // As resampling leaves them.
        Volume Blurred(Volume map) => GaussianFilter.Smooth(map, 1.4, WorkOptions.AllProcessors);
        (string Name, Volume Scan)[] none =
        [
            ("three tissues", Made(Tissue)),
            ("three tissues, resampled", Blurred(Made(Tissue))),
            ("white matter", Blurred(Made(i => Tissue(i) is 3 ? 1 : 0))),
            ("grey matter", Blurred(Made(i => Tissue(i) is 2 ? 1 : 0))),
            ("mask", mask.ToVolume()),
            ("mask, resampled", Blurred(mask.ToVolume())),
            ("bright fluid", Made(i => mask.Voxels[i] ? Math.Max(1, (1.2f * white98) - head.Voxels[i]) : 0)),
        ];

        Assert.Equal(QualityVerdict.Pass, Process(head).QualityRecord.GetVerdict());
        foreach (var (name, scan) in none)
        {
            var quality = Process(scan).QualityRecord;
            Assert.True(quality.GetVerdict() != QualityVerdict.Pass, $"{name}: {quality}");
            Assert.NotEmpty(quality.Reasons);
        }
    }

    [Fact]
    public void The_wrong_way_round_fails_when_it_is_not_to_be_registered()
    {
        // Upside down about the middle of the brain, in the template's own space.
        var head = Template.Colin27.Head;
        var turned = new Volume(new(head.Size, Affine.FromScale(1, 1, -1).About(new(0, -18, 10)) * head.Geometry.VoxelToWorld), head.Voxels);
        var preprocessor = new Preprocessor(new() { Registration = RegistrationMode.None }, WorkOptions.AllProcessors);

        var upright = preprocessor.Process(new MriVolume(new("a"), new MemoryVoxelSource(head)), null, WorkOptions.AllProcessors);
        var upsideDown = preprocessor.Process(new MriVolume(new("a"), new MemoryVoxelSource(turned)), null, WorkOptions.AllProcessors);

        Assert.Equal(QualityVerdict.Pass, upright.QualityRecord.GetVerdict());
        Assert.Equal(QualityVerdict.Fail, upsideDown.QualityRecord.GetVerdict());
    }

    [Fact]
    public void A_scan_without_contrast_is_refused()
    {
        var flat = new Volume(new(new(8, 8, 8), Affine.Identity), [.. Enumerable.Repeat(7f, 512)]);

        Assert.Contains("same intensity (7)", Assert.Throws<PreprocessingException>(() => Process(flat)).Message, StringComparison.Ordinal);
    }

    private static Volume Changed(Volume volume, Func<Point3, float, float> change)
    {
        var voxels = new float[volume.Voxels.Length];
        foreach (var p in Indices(volume.Size))
        {
            var i = volume.Size.IndexOf((int)p.X, (int)p.Y, (int)p.Z);
            voxels[i] = change(volume.Geometry.VoxelToWorld.Apply(p), volume.Voxels[i]);
        }

        return new(volume.Geometry, voxels);
    }
}
