using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Calibration;

/// <summary>
/// Draws the scores of an audit without drawing the scans: on Fisher's z an ease per scan and an error per pair, mates further out.
/// </summary>
/// <remarks>
/// Location and sizes are those of NCC between preprocessed simulated scans of two databases: impostors about 0.6 with errors of 0.025,
/// scans' eases of 0.8 errors, mates 50 errors out. Mates are drawn much closer, so that power is not a matter of course, and every kind
/// breaks another assumption of the rule.
/// </remarks>
/// <param name="Name">What is special, for people.</param>
/// <param name="Probes">Probes, half of them mated.</param>
/// <param name="People">People in the gallery.</param>
internal sealed record ScoreModel(string Name, int Probes, int People)
{
    private const double Location = 0.6;
    private const double PoorDistance = 4;
    private const double PoorNoise = 3;

    /// <summary>Standard deviation of a pair's own error on Fisher's z.</summary>
    public double Error { get; init; } = 0.025;

    /// <summary>How far out mates lie, in errors.</summary>
    public double Distance { get; init; } = 12;

    /// <summary>The share of probes with a mate.</summary>
    public double MatedShare { get; init; } = 0.5;

    /// <summary>Standard deviation of scans' eases, in errors.</summary>
    public double Ease { get; init; } = 0.8;

    /// <summary>Gallery scans per person.</summary>
    public int ScansPerPerson { get; init; } = 1;

    /// <summary>Degrees of freedom of the errors' t distribution; infinite for normal ones.</summary>
    public double Freedom { get; init; } = double.PositiveInfinity;

    /// <summary>By how many errors scans of one scanner are more alike; each side has two scanners.</summary>
    public double Scanner { get; init; }

    /// <summary>Spread of the error's size between probes: the standard deviation of its logarithm.</summary>
    public double Unevenness { get; init; }

    /// <summary>
    /// The share of all people's errors that comes from how alike two people are rather than from the scans: the same for all their scans.
    /// </summary>
    public double Shared { get; init; } = 0.7;

    /// <summary>The share of probes without a mate whose sibling is in the gallery.</summary>
    public double SiblingShare { get; init; }

    /// <summary>How far out siblings lie, in errors.</summary>
    public double SiblingDistance { get; init; }

    /// <summary>The last so many people of the gallery, and the last two probes, are one person, there under as many labels.</summary>
    public int Labels { get; init; }

    /// <summary>
    /// By how many errors strangers of a second site, every second probe and every fourth in the gallery, are more alike than others.
    /// </summary>
    public double SecondSite { get; init; }

    /// <summary>The most scans of the second site on either side.</summary>
    public int SiteScans { get; init; } = int.MaxValue;

    /// <summary>
    /// The part of the scans of either side that are poor: four errors less like anybody, with errors three times as large, and more alike among
    /// themselves.
    /// </summary>
    public double PoorShare { get; init; }

    /// <summary>Whether the model keeps what the rule assumes, so that its promise must hold.</summary>
    public bool IsPromised { get; init; } = true;

    /// <summary>Draws an audit.</summary>
    public OpenSetAudit Draw(int seed)
    {
        var random = new MersenneTwister(seed);
        double Draw() => double.IsInfinity(Freedom)
            ? Normal.Sample(random, 0, 1)
            : StudentT.Sample(random, 0, 1, Freedom) / Math.Sqrt(Freedom / (Freedom - 2));

        // Of a lone probe every second is mated.
        var mated = (int)((Probes * MatedShare) + (Probes * MatedShare < 1 && seed % 2 == 1 ? 0.5 : 0));
        var columns = People * ScansPerPerson;
        var ease = Enumerable.Range(0, Probes + columns).Select(_ => Ease * Normal.Sample(random, 0, 1)).ToArray();
        var size = Enumerable.Range(0, Probes).Select(_ => Math.Exp(Unevenness * Normal.Sample(random, 0, 1))).ToArray();
        var scores = new double[Probes, columns];
        for (var i = 0; i < Probes; i++)
        {
            var sibling = i >= mated && random.NextDouble() < SiblingShare ? random.Next(People) : -1;
            for (var person = 0; person < People; person++)
            {
                var alike = Draw();
                for (var scan = 0; scan < ScansPerPerson; scan++)
                {
                    var j = (person * ScansPerPerson) + scan;
                    var error = (Math.Sqrt(Shared) * alike) + (Math.Sqrt(1 - Shared) * Draw());
                    var (poorProbe, poorScan) = (i >= Probes * (1 - PoorShare), person >= People * (1 - PoorShare));
                    var one = i >= Probes - 2 && person >= People - Labels;
                    var poor = (poorProbe ? -PoorDistance : 0) + (poorScan ? -PoorDistance : 0)
                        + (poorProbe && poorScan ? (2 * PoorDistance) + 6 : 0);
                    var site = i % 2 == 1 && i / 2 < SiteScans && person % 4 == 1 && person / 4 < SiteScans ? SecondSite : 0;
                    var offset = (i < mated && person == i ? Distance : 0) + (one ? Distance : 0) + (person == sibling ? SiblingDistance : 0)
                        + (i % 2 == j % 2 ? Scanner : 0) + poor + site;
                    var noise = size[i] * error * (poorProbe || poorScan ? PoorNoise : 1);
                    scores[i, j] = Math.Tanh(Location + (Error * (noise + ease[i] + ease[Probes + j] + offset)));
                }
            }
        }

        return new(
            SimilarityMeasures.Find("NCC")!,
            scores,
            [.. Enumerable.Range(0, Probes)
                .Select(i => new ScanIdentity(Labels > 0 && i >= Probes - 2 ? "one" : i < mated ? $"{i}" : $"stranger {i}", "2"))],
            [.. Enumerable.Range(0, columns)
                .Select(j => new ScanIdentity(
                j / ScansPerPerson >= People - Labels ? $"one/{j}" : $"{j / ScansPerPerson}", $"1-{j % ScansPerPerson}"))]);
    }
}
