using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.EndToEnd;

/// <summary>The simulation gives nobody away: what links its scans is preprocessing, and without it linkage is at chance.</summary>
public sealed class NoGiveawayTests
{
    private const int People = 5;
    private static readonly string[] Measures = ["NCC", "SSIM", "NMI", "LNCC", "MAE"];

    [Fact]
    public void Scans_of_one_person_in_two_databases_link_after_preprocessing_and_not_before()
    {
        // Both as they come out of the scanner, on grids of 2 mm to save time.
        var first = Simulate(ScanScenario.Standard, session: 1);
        var second = Simulate(ScanScenario.AcrossDatabases, session: 2);

        // Without preprocessing: all heads on one grid where they happen to lie in the world, and nothing else.
        var raw = new PreprocessOptions
        {
            Template = Template.Colin27,
            Spacing = 4,
            BiasCorrection = false,
            BrainExtraction = BrainExtractionMode.Never,
            Registration = RegistrationMode.None,
        };
        var correctRaw = Correct(first, second, raw);
        var correctDone = Correct(first, second, new() { Template = Template.Colin27, Spacing = 4 });

        Assert.All(Measures, (_, i) => Assert.Equal(People, correctDone[i]));

        // Guessing gets one of five right on average, two or fewer in 94 % of cases (binomial); all five measures together,
        // were they independent, nine or fewer of 25 in 98 %.
        Assert.InRange(correctRaw.Sum(), 0, 9);
    }

    private static MriVolume[] Simulate(ScanScenario scenario, int session)
    {
        var scans = new SimulatedCohort
        {
            Seed = 2026,
            ParticipantNumbers = [.. Enumerable.Range(1, People)],
            SessionNumbers = [session],
            Scenario = scenario,
            Adjust = conditions => conditions with { Spacing = new(2, 2, 2) },
        }.Scans().ToArray();
        return [.. scans.Select(s => new MriVolume(s.Identity, new MemoryVoxelSource(s.SimulateTruth(WorkOptions.AllProcessors).Head)))];
    }

    // How many of the second scans have their own person's first scan as the best, for each measure.
    private static int[] Correct(MriVolume[] first, MriVolume[] second, PreprocessOptions options)
    {
        var preprocessor = new Preprocessor(options, WorkOptions.AllProcessors);
        var (gallery, probes) = (Prepare(first), Prepare(second));
        return [.. Measures.Select(name =>
        {
            var measure = SimilarityMeasures.Find(name)!;
            var scores = PairwiseScorer.ScoreAll(measure, probes, gallery, SimilarityOptions.Default, WorkOptions.AllProcessors);
            var sign = measure.HigherIsBetter ? 1 : -1;
            return Enumerable.Range(0, People).Count(i => Enumerable.Range(0, People).MaxBy(j => sign * scores[i, j]) == i);
        })];

        PreparedVolume[] Prepare(MriVolume[] scans) =>
            [.. scans.Select(scan => PreparedVolume.Prepare(preprocessor.Process(scan, null, WorkOptions.AllProcessors)))];
    }
}
