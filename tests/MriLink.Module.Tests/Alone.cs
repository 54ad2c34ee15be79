namespace MriLink.Module.Tests;

/// <summary>Tests of what the whole process holds, or of how fast it answers: other tests at the same time would count too.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public static class Alone;
