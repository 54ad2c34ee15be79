using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

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
    public void A_turned_header_asks_for_a_look_and_says_what_cannot_be_checked()
    {
        Assert.Equal(QualityVerdict.Pass, (Good with { RotationDegrees = 45 }).Verdict);
        foreach (var turn in (double[])[88, 120, 180])
        {
            var record = Good with { RotationDegrees = turn };
            Assert.Equal(QualityVerdict.Review, record.Verdict);
            Assert.Equal(
                FormattableString.Invariant($"turn against the header's axes {turn}°, more than 60 is not usual; left and right cannot be checked"),
                Assert.Single(record.Reasons));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    [InlineData(25)]
    [InlineData(90)]
    [InlineData(150)]
    [InlineData(180)]
    public void The_turn_is_that_of_the_rotation_whatever_the_size_and_place(double degrees)
    {
        // A symmetric map right of a rotation leaves the polar factor alone: that is its definition.
        var stretch = new Affine(0.8, 0.05, 0.02, 0, 0.05, 0.95, -0.03, 0, 0.02, -0.03, 0.9, 0);
        var axes = Affine.FromRotation(0.4, -1, 2);
        var turn = axes * Affine.FromRotation(degrees * Math.PI / 180, 0, 0) * axes.Inverse();
        Assert.Equal(degrees, Turn.Degrees(Affine.FromTranslation(30, -20, 10) * turn * stretch), 1e-6);
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
