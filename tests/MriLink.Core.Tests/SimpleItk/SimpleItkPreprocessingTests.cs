using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Templates;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.SimpleItk;

/// <summary>SimpleITK preprocesses as exactly as what the built-in engine promises.</summary>
public sealed class SimpleItkPreprocessingTests(SimulatedHead heads) : PreprocessingAccuracyTests(heads), IClassFixture<SimulatedHead>
{
    private readonly Preprocessor _preprocessor =
        new(new() { Template = Template.Colin27, Engine = SimpleItkHere.Engine }, WorkOptions.AllProcessors);

    protected override PreprocessedVolume Process(Volume scan) =>
        _preprocessor.Process(new MriVolume(new("someone"), new MemoryVoxelSource(scan)), null, WorkOptions.AllProcessors);
}
