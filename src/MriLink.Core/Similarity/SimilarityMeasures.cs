using MriLink.Core.Similarity.Measures;

namespace MriLink.Core.Similarity;

/// <summary>All measures, by name.</summary>
public static class SimilarityMeasures
{
    /// <summary>The word that stands for every measure.</summary>
    public const string AllName = "All";

    /// <summary>
    /// The measure that is used when none is named: correlation after local contrast normalisation, which tells people apart about twice as
    /// well as correlation alone at hardly more cost.
    /// </summary>
    public static SimilarityMeasure Default => All.First(m => m is LocalCorrelation);

    /// <summary>The measure of scans of different contrast.</summary>
    public static SimilarityMeasure AcrossContrasts => All.First(m => m is EdgeOrientationCorrelation);

    /// <summary>Every measure.</summary>
    public static IReadOnlyList<SimilarityMeasure> All { get; } =
    [
        new MeanAbsoluteError(),
        new MeanSquaredError(),
        new RootMeanSquaredError(),
        new NormalizedRootMeanSquaredError(),
        new PeakSignalToNoiseRatio(),
        new NormalizedCrossCorrelation(),
        new LocalCorrelation(LocalContrast.Default),
        new CosineSimilarity(),
        new SpearmanCorrelation(),
        new LocalCrossCorrelation(),
        new MutualInformation(),
        new NormalizedMutualInformation(),
        new CorrelationRatio(),
        new UniversalQualityIndex(),
        new StructuralSimilarity(),
        new MultiScaleStructuralSimilarity(),
        new GradientMagnitudeDeviation(),
        new EdgeOrientationCorrelation(EdgeOrientations.Default),
        new HistogramIntersection(),
        new BhattacharyyaCoefficient(),
        new JensenShannonDivergence(),
    ];

    /// <summary>The measure of that name or alias, or null. Case, spaces, hyphens and underscores do not matter.</summary>
    public static SimilarityMeasure? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var key = Simplify(name);
        return All.FirstOrDefault(m => m.Aliases.Prepend(m.Name).Any(n => string.Equals(Simplify(n), key, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>The measures of these names, each once, in the order given; <see cref="AllName"/> stands for all of them.</summary>
    /// <exception cref="ArgumentException">A name is unknown; the message lists those there are.</exception>
    public static IReadOnlyList<SimilarityMeasure> Resolve(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names
            .SelectMany(name => string.Equals(name, AllName, StringComparison.OrdinalIgnoreCase)
                ? All
                : [Find(name) ?? throw new ArgumentException(
                    $"There is no measure '{name}'. The measures are {string.Join(", ", All.Select(m => m.Name))}; '{AllName}' stands for every one.",
                    nameof(names))])
            .Distinct()
            .ToArray();
    }

    private static string Simplify(string name) => string.Concat(name.Where(char.IsLetterOrDigit));
}
