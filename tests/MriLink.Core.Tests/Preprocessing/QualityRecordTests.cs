using MriLink.Core.Preprocessing;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class QualityRecordTests
{
    private static readonly QualityRecord Good = TestVolume.GoodQuality;

    [Fact]
    public void A_scan_like_all_others_passes_without_reasons()
    {
        Assert.Equal(QualityVerdict.Pass, Good.Verdict);
        Assert.Empty(Good.Reasons);
        Assert.StartsWith("Pass: correlation 0.60", Good.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_number_far_out_fails_and_its_reason_names_it()
    {
        (QualityRecord Record, string Name)[] bad =
        [
            (Good with { TemplateCorrelation = 0.02 }, "correlation"),
            (Good with { TemplateOverlap = 0.6 }, "overlap"),
            (Good with { BrainMillilitres = 5000 }, "brain volume 5000 ml, more than 2400"),
            (Good with { BrainMillilitres = 180 }, "brain volume 180 ml, less than 350"),
            (Good with { ScaleX = 0.5 }, "left to right"),
            (Good with { ScaleY = 1.5 }, "back to front"),
            (Good with { ScaleZ = 0.5 }, "bottom to top"),
            (Good with { ShearDegrees = 25 }, "shear"),
            (Good with { SignalToNoise = 1.5 }, "signal-to-noise"),
            (Good with { Coverage = 0.5 }, "in view"),
        ];
        foreach (var (record, name) in bad)
        {
            Assert.Equal(QualityVerdict.Fail, record.Verdict);
            Assert.Contains(name, Assert.Single(record.Reasons), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_gravest_reason_comes_first_and_decides()
    {
        var record = Good with { Coverage = 0.9, TemplateCorrelation = 0, ShearDegrees = 12 };

        Assert.Equal(QualityVerdict.Fail, record.Verdict);
        Assert.Equal(3, record.Reasons.Count);
        Assert.Contains("correlation", record.Reasons[0], StringComparison.Ordinal);
        Assert.Equal(QualityVerdict.Review, (record with { TemplateCorrelation = 0.6 }).Verdict);
    }

    [Fact]
    public void What_is_not_a_number_fails()
    {
        Assert.Equal(QualityVerdict.Fail, (Good with { ShearDegrees = double.NaN }).Verdict);
    }
}
