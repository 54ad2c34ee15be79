using System.Collections.Concurrent;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.SimpleItk;

/// <summary>SimpleITK itself, where it is, agrees with the built-in engine.</summary>
public sealed class SimpleItkReferenceTests(SimulatedHead heads) : IClassFixture<SimulatedHead>
{
    private static readonly Lazy<Preprocessor> Theirs =
        new(() => new(new() { Template = Template.Colin27, Engine = Engine }, WorkOptions.AllProcessors));

    private static readonly ConcurrentDictionary<Volume, PreprocessedVolume> Processed = new(ReferenceEqualityComparer.Instance);

    private static PreprocessingEngine Engine => SimpleItkHere.Engine;

    [Fact]
    public void Colin27_lies_where_the_template_does_and_as_the_built_in_engine_has_him()
    {
        _ = Engine;
        Compare(Template.Colin27.Head);
        var result = Process(Template.Colin27.Head);
        var errors = Places(result.BrainMask).Select(p => (result.TemplateToScan.Apply(p) - p).Length).ToList();
        Assert.True(errors.Average() < 0.5, $"mean error {errors.Average()} mm");
    }

    [Fact]
    public void Simulated_scans_come_out_as_the_built_in_engine_has_them()
    {
        _ = Engine;
        Compare(heads.First.Head);
        Compare(SimulatedHead.Person(ScanScenario.AcrossDatabases, session: 2, new(1.9, 1.9, 3)).Head);
    }

    [Fact]
    public void A_stripped_brain_comes_out_as_the_built_in_engine_has_it()
    {
        _ = Engine;
        Compare(SimulatedHead.Person(ScanScenario.Standard, session: 1, new(2, 2, 2), stripped: true).Head);
    }

    [Fact]
    public void Resampling_agrees_voxel_by_voxel()
    {
        var head = Template.Colin27.Head;
        var map = Affine.FromTranslation(3, -4, 2) * Affine.FromRotation(0.1, -0.05, 0.2) * Affine.FromScale(0.95, 1.02, 0.98);
        var center = head.Geometry.Center;
        foreach (var spacing in (double[])[1, 2])
        {
            // Well within the head's grid: beyond it, ITK and MriLink fade differently.
            var target = new VolumeGeometry(
                new(40, 40, 40), Affine.FromTranslation(center.X - (20 * spacing), center.Y - (20 * spacing), center.Z - (20 * spacing))
                * Affine.FromScale(spacing, spacing, spacing));
            var theirs = Engine.Resample(head, map, target, null, WorkOptions.AllProcessors);
            var ours = Resampler.Resample(head, map, target, null, WorkOptions.AllProcessors);

            // Float indices of some 200 are right to 1e-5 of a voxel, and neighbours differ by up to 256.
            Assert.All(ours.Voxels.Zip(theirs.Voxels), pair => Assert.Equal(pair.First, pair.Second, 0.02f));
        }
    }

    [Fact]
    public void Results_hardly_depend_on_the_number_of_threads()
    {
        _ = Engine;
        var (one, two) = (Process(heads.First.Head, threads: 1), Process(heads.First.Head));

        // ITK's registration is not the same to the last digit from one run to the next: 0.00005 mm were seen. Above a thousandth of what two
        // scans of one head differ by, threads would be to blame.
        Assert.All(Places(one.BrainMask), p => Assert.InRange((one.TemplateToScan.Apply(p) - two.TemplateToScan.Apply(p)).Length, 0, 0.001));
    }

    [Fact]
    public void The_bias_field_is_the_built_in_engines_whatever_the_threads()
    {
        var engine = Engine;
        var (head, mask) = OnWorkingGrid(heads.First);
        var theirs = engine.EstimateLogField(head, mask, WorkOptions.AllProcessors);
        Assert.Equal(theirs.Voxels, engine.EstimateLogField(head, mask, WorkOptions.SingleThread).Voxels);

        // What the project promises of its N4 against ITK's own.
        var ours = PreprocessingEngine.BuiltIn.EstimateLogField(head, mask, WorkOptions.AllProcessors);
        Assert.InRange(Correlation(ours.Voxels, theirs.Voxels, mask.Voxels), 0.99, 1);
    }

    [Fact]
    public void Files_are_read_to_the_same_place_with_the_same_voxels()
    {
        _ = Engine;
        var folder = Directory.CreateTempSubdirectory("mrilink-");
        try
        {
            foreach (var name in (string[])["scan.nii", "scan.nii.gz", "scan.nrrd"])
            {
                var path = Path.Combine(folder.FullName, name);
                VolumeWriter.Write(path, heads.Colin.Head, VolumeDataType.Float32);
                var (theirs, ours) = (Engine.CreateHeaderReader(null).Read(path)!, VolumeFormats.ReadHeader(path));

                // NIfTI keeps its matrix as floats, or as a quaternion of floats, of which ITK makes unit vectors anew.
                Assert.All(theirs.Geometry.VoxelToWorld.ToRows().Zip(ours.Geometry.VoxelToWorld.ToRows()), pair =>
                    Assert.Equal(pair.First, pair.Second, 1e-3));
                Assert.Equal(new FileVoxelSource(ours, new()).Read(default).Voxels, new FileVoxelSource(theirs, new()).Read(default).Voxels);
            }

            var broken = Path.Combine(folder.FullName, "broken.nii");
            File.WriteAllBytes(broken, File.ReadAllBytes(Path.Combine(folder.FullName, "scan.nii"))[..1000]);
            Assert.Contains("is truncated", Assert.Throws<MriFileException>(() => Engine.CreateHeaderReader(null).Read(broken)).Message,
                StringComparison.Ordinal);

            // A format that ITK does not know either.
            var other = Path.Combine(folder.FullName, "other.txt");
            File.WriteAllText(other, "no volume");
            Assert.StartsWith($"'{other}' cannot be read by SimpleITK: ",
                Assert.Throws<MriFileException>(() => Engine.CreateHeaderReader(null).Read(other)).Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // A scan as the template's working grid sees it, as the built-in engine lays it.
    private static (Volume Head, Mask Mask) OnWorkingGrid(SimulationResult scan)
    {
        var template = PreparedTemplate.Create(Template.Colin27, WorkOptions.AllProcessors);
        var pose = PreprocessingEngine.BuiltIn.FindPose(template, scan.Head, stripped: false, WorkOptions.AllProcessors).Map;
        return (PreprocessingEngine.BuiltIn.Resample(scan.Head, pose, template.Head.Geometry, null, WorkOptions.AllProcessors), template.BrainMask);
    }

    // The agreement that the project promises of two engines.
    private void Compare(Volume scan)
    {
        var (ours, theirs) = (heads.Process(scan), Process(scan));
        var both = ours.BrainMask.Voxels.Zip(theirs.BrainMask.Voxels, (a, b) => a && b).ToArray();
        var correlation = Correlation(ours.ReadVoxels().Voxels, theirs.ReadVoxels().Voxels, both);

        // Places of the template, carried to the scan by one engine and back by the other.
        var landmarks = Places(ours.BrainMask).Select(p => (theirs.TemplateToScan.Inverse().Apply(ours.TemplateToScan.Apply(p)) - p).Length).Max();
        Assert.True(correlation >= 0.98 && landmarks <= 1, $"NCC {correlation}, landmarks {landmarks} mm");
    }

    // Several tests look at the same scan, and SimpleITK takes its time over each.
    private static PreprocessedVolume Process(Volume scan) => Processed.GetOrAdd(scan, s => Process(s, threads: 2));

    private static PreprocessedVolume Process(Volume scan, int threads) =>
        Theirs.Value.Process(new MriVolume(new("someone"), new MemoryVoxelSource(scan)), null, new(threads, CancellationToken.None));

    // Every tenth place of the mask along each axis, in the template's world.
    private static IEnumerable<Point3> Places(Mask mask)
    {
        var size = mask.Size;
        for (var z = 0; z < size.Z; z += 10)
        {
            for (var y = 0; y < size.Y; y += 10)
            {
                for (var x = 0; x < size.X; x += 10)
                {
                    if (mask.Voxels[size.IndexOf(x, y, z)])
                    {
                        yield return mask.Geometry.VoxelToWorld.Apply(new(x, y, z));
                    }
                }
            }
        }
    }

    private static double Correlation(float[] a, float[] b, bool[] inside)
    {
        var pairs = a.Zip(b).Where((_, i) => inside[i]).ToList();
        var (meanA, meanB) = (pairs.Average(p => p.First), pairs.Average(p => p.Second));
        var (aa, bb, ab) = (0.0, 0.0, 0.0);
        foreach (var (first, second) in pairs)
        {
            var (da, db) = (first - meanA, second - meanB);
            (aa, bb, ab) = (aa + (da * da), bb + (db * db), ab + (da * db));
        }

        return ab / Math.Sqrt(aa * bb);
    }
}
