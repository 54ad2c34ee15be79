using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Registration;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>That preprocessing asks its engine for all that engines may differ in, and no other.</summary>
public sealed class EngineSeamTests
{
    [Fact]
    public void Every_step_that_engines_differ_in_is_asked_of_the_engine()
    {
        var engine = new ListeningEngine();
        var scan = SimulatedHead.Person(ScanScenario.Standard, session: 1, new(4, 4, 4)).Head;
        var (listened, builtIn) = (Process(engine, scan), Process(PreprocessingEngine.BuiltIn, scan));

        // Pose, bias field, alignment; intensities onto the working grid and the result's, and the field onto the result's.
        Assert.Equal(["FindPose head", "Resample", "EstimateLogField", "Align brain Affine", "Resample", "Resample"], engine.Calls);

        // It hands on to the built-in engine, so that is what comes out, under its own name.
        Assert.Equal(builtIn.ReadVoxels().Voxels, listened.ReadVoxels().Voxels);
        Assert.Equal(("Listening 7", "BuiltIn"), (listened.Provenance!.Engine, builtIn.Provenance!.Engine));
    }

    [Fact]
    public void A_failure_of_the_engine_is_one_of_the_scan_and_names_it()
    {
        var failure = Assert.Throws<PreprocessingException>(
            () => Process(new ListeningEngine { Fails = true }, SimulatedHead.Person(ScanScenario.Standard, session: 1, new(4, 4, 4)).Head));

        Assert.Equal("'someone' cannot be preprocessed by Listening 7: bias: the field would not come.", failure.Message);
        Assert.IsType<EngineException>(failure.InnerException);
    }

    [Fact]
    public void What_is_kept_for_one_engine_is_not_taken_for_another()
    {
        var folder = Directory.CreateTempSubdirectory("mrilink-");
        try
        {
            var cache = new PreprocessCache(folder.FullName);
            var scan = new MriVolume(new("a"), new MemoryVoxelSource(new(new(new(2, 2, 2), Affine.Identity), new float[8])));
            string PathFor(PreprocessingEngine engine) =>
                cache.PathOf(Provenance.Of(new() { Engine = engine }, scan, () => scan.ReadVoxels(), null, CancellationToken.None));

            Assert.Equal(PathFor(PreprocessingEngine.BuiltIn), PathFor(PreprocessingEngine.BuiltIn));
            Assert.NotEqual(PathFor(PreprocessingEngine.BuiltIn), PathFor(new ListeningEngine()));
            Assert.NotEqual(PathFor(new ListeningEngine("8")), PathFor(new ListeningEngine()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Provenance_written_before_there_were_engines_is_of_the_built_in_one()
    {
        var old = System.Text.Json.JsonSerializer.Deserialize<Provenance>(
            """{"Tool":"MriLink","Version":"0.0.9","Template":"t","TemplateHash":"h","InputHash":"i","BrainMaskHash":null,"Parameters":{}}""",
            ProvenanceJson.Compact)!;
        Assert.Equal("BuiltIn", old.Engine);
    }

    private static PreprocessedVolume Process(PreprocessingEngine engine, Volume scan) =>
        new Preprocessor(new() { Template = Template.Colin27, Engine = engine, Spacing = 4 }, WorkOptions.AllProcessors)
            .Process(new MriVolume(new("someone"), new MemoryVoxelSource(scan)), null, WorkOptions.AllProcessors);

    private sealed class ListeningEngine(string version = "7") : PreprocessingEngine("Listening", version)
    {
        public List<string> Calls { get; } = [];

        public bool Fails { get; init; }

        public override IHeaderReader CreateHeaderReader(int? volume) => BuiltIn.CreateHeaderReader(volume);

        internal override Volume EstimateLogField(Volume head, Mask mask, WorkOptions work)
        {
            Calls.Add("EstimateLogField");
            return Fails ? throw new EngineException("the field would not come") : BuiltIn.EstimateLogField(head, mask, work);
        }

        internal override FoundPose FindPose(PreparedTemplate template, Volume scan, bool stripped, WorkOptions work)
        {
            Calls.Add($"FindPose {(stripped ? "brain" : "head")}");
            return BuiltIn.FindPose(template, scan, stripped, work);
        }

        internal override Affine Align(PreparedTemplate template, Volume scan, Mask? seen, bool stripped, TransformModel model, WorkOptions work)
        {
            Calls.Add($"Align {(stripped ? "brain" : "head")} {model}");
            return BuiltIn.Align(template, scan, seen, stripped, model, work);
        }

        internal override Volume Resample(Volume source, Affine targetToSource, VolumeGeometry target, Mask? region, WorkOptions work)
        {
            Calls.Add("Resample");
            return BuiltIn.Resample(source, targetToSource, target, region, work);
        }
    }
}
