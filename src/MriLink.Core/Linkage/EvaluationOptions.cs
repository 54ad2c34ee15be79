namespace MriLink.Core.Linkage;

/// <summary>How intervals are found.</summary>
/// <param name="Replicates">Bootstrap samples, 100 or more; 1000 give ends of an interval to about a tenth of its width.</param>
/// <param name="Seed">The same seed gives the same intervals.</param>
public sealed record EvaluationOptions(int Replicates = 1000, int Seed = 1);
