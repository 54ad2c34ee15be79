using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Tests.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>What is asked of preprocessing where the truth is known, whichever engine does it.</summary>
public abstract class PreprocessingAccuracyTests(SimulatedHead heads)
{
    /// <summary>Preprocesses with the engine that is looked at, and the defaults.</summary>
    protected abstract PreprocessedVolume Process(Volume scan);

    [Fact]
    public void A_scan_with_a_known_pose_comes_out_at_the_known_place()
    {
        var result = Process(heads.Colin.Head);

        // Half a voxel of this scan is 1 mm along each axis and a flip some 70 mm; a quarter of a voxel is what noise, bias and
        // interpolation may cost.
        var errors = PlacesInBrain(result).Select(p => (heads.Colin.Truth.ToAnatomy(result.TemplateToScan.Apply(p)) - p).Length).ToList();
        Assert.True(errors.Average() < 0.5, $"mean error {errors.Average()} mm");

        // And the voxels are where the transform says: shifted by one, or mirrored, they fit the template less well.
        var template = Resampler.Resample(Template.Colin27.Head, Affine.Identity, result.Geometry, null, WorkOptions.AllProcessors);
        var fit = Correlation(result, template, p => p);
        Assert.True(fit > 0.9, $"correlation {fit}");
        Assert.All(
            (Func<Point3, Point3>[])[p => p with { X = p.X + 1 }, p => p with { X = p.X - 1 }, p => p with { Y = p.Y + 1 }, p =>
                p with { Z = p.Z - 1 }],
            shift => Assert.True(Correlation(result, template, shift) < fit - 0.05));
        Assert.True(Correlation(result, template, p => p with { X = result.Size.X - 1 - p.X }) < fit - 0.2);
    }

    [Theory]
    [MemberData(nameof(PosedHead.Poses), MemberType = typeof(PosedHead))]
    public void The_templates_own_head_is_laid_over_it_from_any_pose(double[] degrees, double[] shift, double[] scale)
    {
        var truth = PosedHead.Pose(degrees, shift, scale);
        Assert.InRange(PosedHead.Error(Process(PosedHead.Scan(truth)).TemplateToScan, truth), 0, PosedHead.Accuracy);
    }

    [Fact]
    public void The_record_of_a_scan_gives_the_head_its_true_size()
    {
        var quality = Process(heads.Colin.Head).QualityRecord;

        // The scan shows Colin27 in his own size; his brain as the library masks it has 1.74 l, with its sulci 1.78 l.
        Assert.Equal(QualityVerdict.Pass, quality.GetVerdict());
        Assert.All((double[])[quality.ScaleX, quality.ScaleY, quality.ScaleZ], scale => Assert.InRange(scale, 0.99, 1.01));
        Assert.InRange(quality.ShearDegrees, 0, 1);

        // The pose is a rotation, whose angle its trace tells; forth or back, it is the same.
        var pose = heads.Colin.Truth.Pose;
        Assert.Equal(Math.Acos((pose.M11 + pose.M22 + pose.M33 - 1) / 2) * 180 / Math.PI, quality.RotationDegrees, 0.5);
        Assert.InRange(quality.BrainMillilitres, 1700, 1900);
        Assert.True(quality.Coverage > 0.995);
        Assert.True(quality.TemplateCorrelation > 0.95);
        Assert.False(quality.InputStripped);
    }

    [Fact]
    public void A_header_that_turns_the_head_about_is_followed_and_told_of()
    {
        // The header of a scan in LPS that says RAS: half a turn about the long axis, which is no mirror image.
        var head = heads.Colin.Head;
        var turned = new Volume(new(head.Size, Affine.FromScale(-1, -1, 1) * head.Geometry.VoxelToWorld), head.Voxels);
        var quality = Process(turned).QualityRecord;

        // The head itself lies turned by 29 degrees, which takes as much away at most.
        Assert.InRange(quality.RotationDegrees, 150, 180);
        Assert.Equal(QualityVerdict.Review, quality.GetVerdict());
        Assert.Contains("left and right cannot be checked", Assert.Single(quality.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void The_brain_is_the_true_one_and_the_same_in_another_database()
    {
        // Everything differs, and the slices are thick.
        var second = SimulatedHead.Person(ScanScenario.AcrossDatabases, session: 2, new(1.9, 1.9, 3));

        var (a, b) = (Process(heads.First.Head), Process(second.Head));

        // What the project promises of the worst head and of every pair; 0.002 for grids twice as coarse as the promise's.
        Assert.InRange(OnScan(a, heads.First.BrainMask!.Geometry).Dice(heads.First.BrainMask!), 0.93, 1);
        Assert.InRange(OnScan(b, second.BrainMask!.Geometry).Dice(second.BrainMask!), 0.928, 1);
        Assert.InRange(a.BrainMask.Dice(b.BrainMask), 0.97, 1);
    }

    [Fact]
    public void Where_the_field_of_view_cuts_the_vertex_off_the_brain_ends_with_it()
    {
        var whole = heads.First.Head;
        var brain = heads.First.BrainMask!;
        var top = Enumerable.Range(0, brain.Size.Z)
            .Last(z => brain.Voxels.AsSpan(brain.Size.IndexOf(0, 0, z), brain.Size.X * brain.Size.Y).Contains(true));
        var kept = new GridSize(brain.Size.X, brain.Size.Y, top - (int)(15 / brain.Geometry.Spacing.Z));
        var scan = new Volume(new(kept, whole.Geometry.VoxelToWorld), whole.Voxels[..(int)kept.Count]);
        var truth = new Mask(scan.Geometry, brain.Voxels[..(int)kept.Count]);

        var result = Process(scan);

        Assert.Equal(0, OutsideView(result, scan.Geometry));
        Assert.InRange(OnScan(result, scan.Geometry).Dice(truth), 0.93, 1);
        Assert.InRange(result.QualityRecord.Coverage, 0.9, 0.995);
        Assert.NotEqual(QualityVerdict.Fail, result.QualityRecord.GetVerdict());
    }

    [Fact]
    public void Stripped_input_is_recognised_whatever_stands_for_nothing_and_its_own_brain_kept()
    {
        var stripped = SimulatedHead.Person(ScanScenario.Standard, session: 1, new(2, 2, 2), stripped: true);
        var lifted = new Volume(stripped.Head.Geometry, Array.ConvertAll(stripped.Head.Voxels, v => v - 1000));

        foreach (var scan in (Volume[])[stripped.Head, lifted])
        {
            var result = Process(scan);

            // Nearest tissue on one grid and on the other differs by part of a voxel of the surface, 2 to 3 % of the brain.
            Assert.True(result.QualityRecord.InputStripped);
            Assert.InRange(OnScan(result, scan.Geometry).Dice(Foreground(scan)), 0.97, 1);
        }
    }

    [Fact]
    public void A_brain_comes_to_lie_where_it_lay_before_whether_it_was_stripped_or_not()
    {
        var raw = heads.First;
        var again = SimulatedHead.Person(ScanScenario.Standard, session: 2, new(2, 2, 2));
        var stripped = SimulatedHead.Person(ScanScenario.Standard, session: 2, new(2, 2, 2), stripped: true);
        var first = Process(raw.Head);

        // A tenth of a voxel is what noise costs: six people's scans end 0.07 mm apart. Two masks of one brain, the simulation's and ours, cut
        // its border differently and pull it by 0.23 mm; where the border counts as well, by 1 mm.
        Assert.InRange(Apart(raw, first, again, Process(again.Head)), 0, 0.2);
        Assert.InRange(Apart(raw, first, stripped, Process(stripped.Head)), 0, 0.5);
    }

    // Voxels of the mask more than half a voxel of the scan beyond its field of view.
    private static int OutsideView(PreprocessedVolume result, VolumeGeometry scan)
    {
        var map = scan.WorldToVoxel * result.TemplateToScan * result.Geometry.VoxelToWorld;
        return Indices(result.Size).Count(p =>
        {
            var at = map.Apply(p);
            return result.BrainMask.Voxels[result.Size.IndexOf((int)p.X, (int)p.Y, (int)p.Z)]
                && !(at.X >= -0.51 && at.Y >= -0.51 && at.Z >= -0.51 && at.X <= scan.Size.X - 0.49 && at.Y <= scan.Size.Y - 0.49
                    && at.Z <= scan.Size.Z - 0.49);
        });
    }

    private static Mask Foreground(Volume stripped)
    {
        var nothing = stripped.Voxels[0];
        return new(stripped.Geometry, Array.ConvertAll(stripped.Voxels, v => v != nothing));
    }

    private static IEnumerable<Point3> PlacesInBrain(PreprocessedVolume result) => Indices(result.Size)
        .Where(p => result.BrainMask.Voxels[result.Size.IndexOf((int)p.X, (int)p.Y, (int)p.Z)])
        .Where((_, i) => i % 97 == 0)
        .Select(result.Geometry.VoxelToWorld.Apply);

    // Pearson's, over the brain, of the result and the reference at another voxel.
    private static double Correlation(PreprocessedVolume result, Volume reference, Func<Point3, Point3> elsewhere)
    {
        var voxels = result.ReadVoxels();
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        foreach (var p in Indices(result.Size))
        {
            var q = elsewhere(p);
            var i = result.Size.IndexOf((int)p.X, (int)p.Y, (int)p.Z);
            if (result.BrainMask.Voxels[i] && q.X >= 0 && q.Y >= 0 && q.Z >= 0 && q.X < result.Size.X && q.Y < result.Size.Y && q.Z < result.Size.Z)
            {
                double a = voxels.Voxels[i], b = reference[(int)q.X, (int)q.Y, (int)q.Z];
                (n, x, y, xx, yy, xy) = (n + 1, x + a, y + b, xx + (a * a), yy + (b * b), xy + (a * b));
            }
        }

        return ((n * xy) - (x * y)) / Math.Sqrt(((n * xx) - (x * x)) * ((n * yy) - (y * y)));
    }

    protected static Mask OnScan(PreprocessedVolume result, VolumeGeometry scan) => Mask.FromVolume(
        Resampler.Resample(result.BrainMask.ToVolume(), result.TemplateToScan.Inverse(), scan, null, WorkOptions.AllProcessors), 0.5f);

    protected static IEnumerable<Point3> Indices(GridSize size)
    {
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    yield return new(x, y, z);
                }
            }
        }
    }

    // How far apart in the anatomy two scans of one person lay the template, in mm, on average over the brain.
    private static double Apart(SimulationResult scan, PreprocessedVolume result, SimulationResult other, PreprocessedVolume otherResult) =>
        PlacesInBrain(result)
        .Average(p => (scan.Truth.ToAnatomy(result.TemplateToScan.Apply(p)) - other.Truth.ToAnatomy(otherResult.TemplateToScan.Apply(p))).Length);
}
