using MriLink.Core.Preprocessing.Engines;
using MriLink.SimpleItk;

namespace MriLink.Core.Tests.SimpleItk;

/// <summary>SimpleITK itself, for the tests that look at it.</summary>
internal static class SimpleItkHere
{
    /// <summary>The engine; the test is skipped where there is none.</summary>
    public static PreprocessingEngine Engine
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable(SimpleItkSearch.Variable);
            Assert.SkipWhen(string.IsNullOrEmpty(folder), $"SimpleITK is not here: {SimpleItkSearch.Variable} names no folder with its C# binding.");
            return PreprocessingEngines.Get("SimpleITK", new(null, folder, "/nowhere"));
        }
    }
}
