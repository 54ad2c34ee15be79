using MathNet.Numerics.Distributions;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Linkage;

public sealed class LabelAuditorTests
{
    [Fact]
    public void Right_labels_give_no_findings_and_a_poor_scan_of_the_right_person_is_none()
    {
        Assert.Empty(Audit(people: 20, scans: 3, swap: [], poor: 4));
    }

    [Fact]
    public void A_swapped_scan_is_found_with_where_it_belongs()
    {
        // Scan 0 of person 2 carries person 5's label, and 5's first scan carries 2's.
        var findings = Audit(people: 20, scans: 3, swap: [(2, 5)]);
        var mixed = findings.Where(f => f.Problem == nameof(LabelProblem.OneLabelTwoPeople)).ToList();
        var leaks = findings.Where(f => f.Problem == nameof(LabelProblem.TwoLabelsOnePerson)).ToList();

        // Each misplaced scan disagrees with its label's other two, and agrees with the two of the other label.
        Assert.Equal(4, mixed.Count);
        Assert.Equal(4, leaks.Count);
        Assert.All(mixed, f => Assert.Equal("1", f.Suspect!.Session));
        Assert.All(mixed, f => Assert.Equal(f.FirstParticipant == "2" ? "5" : "2", f.LooksLike));
        Assert.All(leaks, f => Assert.Equal(["2", "5"], new[] { f.FirstParticipant, f.SecondParticipant }.Order()));
        Assert.Equal(Enumerable.Range(1, 8), findings.Select(f => f.Rank));
        Assert.Equal(findings.Select(f => f.Evidence).OrderDescending(), findings.Select(f => f.Evidence));
        Assert.All(findings, f => Assert.True(f.Evidence > 2));
    }

    [Fact]
    public void Without_enough_pairs_of_one_label_a_wrong_label_is_still_told_but_without_a_p_value()
    {
        // Every label once, but for one label twice, of two people.
        var findings = Audit(people: 30, scans: 1, swap: [], shared: (3, 7));
        var finding = Assert.Single(findings);

        Assert.Equal(nameof(LabelProblem.OneLabelTwoPeople), finding.Problem);
        Assert.Equal(double.NaN, finding.Evidence);
        Assert.Null(finding.Suspect);
    }

    [Fact]
    public void Too_few_strangers_are_refused()
    {
        Assert.Contains("strangers", Assert.Throws<InvalidOperationException>(() => Audit(people: 2, scans: 1, swap: [])).Message,
            StringComparison.Ordinal);
    }

    private static NotedList<LabelFinding> Audit(
        int people, int scans, (int First, int Second)[] swap, int poor = -1, (int First, int Second)? shared = null)
    {
        var random = new Random(people + scans);
        var person = Enumerable.Range(0, people * scans).Select(i => i / scans).ToArray();
        var labels = (int[])person.Clone();
        foreach (var (first, second) in swap)
        {
            (labels[first * scans], labels[second * scans]) = (second, first);
        }

        if (shared is { } pair)
        {
            labels[pair.Second] = pair.First;
        }

        // On Fisher's z: strangers 0.6 ± 0.03, one person's scans 1.6 ± 0.1, a poor scan's 0.9.
        var count = person.Length;
        var scores = new double[count * count];
        for (var i = 0; i < count; i++)
        {
            for (var j = i; j < count; j++)
            {
                var isPoor = i == poor || j == poor;
                var z = person[i] == person[j] ? Normal.Sample(random, isPoor ? 0.9 : 1.6, isPoor ? 0.01 : 0.1) : Normal.Sample(random, 0.6, 0.03);
                scores[(i * count) + j] = scores[(j * count) + i] = Math.Tanh(z);
            }
        }

        ScanIdentity[] identities = [.. labels.Select((label, i) => new ScanIdentity($"{label}", $"{(i % scans) + 1}", Path: $"/{i}.nii"))];
        return LabelAuditor.Audit(new(SimilarityMeasures.Find("NCC")!, identities, identities, scores), new());
    }
}
