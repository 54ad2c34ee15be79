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
        Assert.Equal(QualityVerdict.Pass, Good.GetVerdict());
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
            Assert.Equal(QualityVerdict.Fail, record.GetVerdict());
            Assert.Contains(name, Assert.Single(record.Reasons), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_turned_header_asks_for_a_look_and_says_what_cannot_be_checked()
    {
        Assert.Equal(QualityVerdict.Pass, (Good with { RotationDegrees = 45 }).GetVerdict());
        foreach (var turn in (double[])[88, 120, 180])
        {
            var record = Good with { RotationDegrees = turn };
            Assert.Equal(QualityVerdict.Review, record.GetVerdict());
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

        Assert.Equal(QualityVerdict.Fail, record.GetVerdict());
        Assert.Equal(3, record.Reasons.Count);
        Assert.Contains("correlation", record.Reasons[0], StringComparison.Ordinal);
        Assert.Equal(QualityVerdict.Review, (record with { TemplateCorrelation = 0.6 }).GetVerdict());
    }

    [Fact]
    public void What_is_not_a_number_fails()
    {
        Assert.Equal(QualityVerdict.Fail, (Good with { ShearDegrees = double.NaN }).GetVerdict());
    }

    [Theory]
    [InlineData(0.6, 1.3, ScanContrast.T1Weighted, null)]
    [InlineData(0.31, 1.4, ScanContrast.T1Weighted, null)]
    [InlineData(-0.14, 1.1, ScanContrast.Flair, "looks like FLAIR: grey matter is brighter than white")]
    [InlineData(-0.6, -0.5, ScanContrast.T2Weighted, "looks T2-weighted: fluid is brighter than brain")]
    [InlineData(0.05, 0.9, ScanContrast.Unknown, "its tissues are not told apart as in a T1-weighted scan")]
    public void The_order_of_tissues_tells_the_contrast_and_what_is_no_T1_never_passes(
        double white, double grey, ScanContrast contrast, string? reason)
    {
        var record = Good with { WhiteOverGrey = white, GreyOverFluid = grey };
        Assert.Equal(contrast, record.LooksLike);
        Assert.Equal(reason is null ? [] : [reason], record.Reasons);
        Assert.Equal(reason is null ? QualityVerdict.Pass : QualityVerdict.Review, record.GetVerdict());
    }

    // Each contrast's own order of tissues, as in the test above; PD cannot be told from T2w.
    [Theory]
    [InlineData(MriContrast.FLAIR, ContrastSource.Given, ScanContrast.Flair, null)]
    [InlineData(MriContrast.T2w, ContrastSource.Given, ScanContrast.T2Weighted, null)]
    [InlineData(MriContrast.PD, ContrastSource.Given, ScanContrast.T2Weighted, null)]
    [InlineData(MriContrast.PD, ContrastSource.Given, ScanContrast.Flair, "is taken for PD and looks like FLAIR: grey matter is brighter than white")]
    [InlineData(MriContrast.FLAIR, ContrastSource.Given, ScanContrast.Unknown, null)]
    [InlineData(MriContrast.FLAIR, ContrastSource.Name, ScanContrast.Flair, "is FLAIR by its name, not T1w; -Contrast FLAIR takes it as such")]
    [InlineData(MriContrast.T2w, ContrastSource.Image, ScanContrast.T2Weighted,
        "looks T2-weighted: fluid is brighter than brain; -Contrast T2w takes it as such")]
    [InlineData(MriContrast.FLAIR, ContrastSource.Image, ScanContrast.Flair,
        "looks like FLAIR: grey matter is brighter than white; -Contrast FLAIR takes it as such")]
    [InlineData(MriContrast.T2w, ContrastSource.Given, ScanContrast.T1Weighted,
        "is taken for T2w and looks T1-weighted: white matter is brighter than grey")]
    [InlineData(MriContrast.FLAIR, ContrastSource.Given, ScanContrast.T2Weighted,
        "is taken for FLAIR and looks T2-weighted: fluid is brighter than brain")]
    [InlineData(MriContrast.PD, ContrastSource.Given, ScanContrast.T1Weighted,
        "is taken for PD and looks T1-weighted: white matter is brighter than grey")]
    [InlineData(MriContrast.T1w, ContrastSource.Given, ScanContrast.Flair, "looks like FLAIR: grey matter is brighter than white")]
    public void Other_contrasts_pass_when_they_were_asked_for_and_look_it(
        MriContrast contrast, ContrastSource source, ScanContrast looks, string? reason)
    {
        var (white, grey) = looks switch
        {
            ScanContrast.T1Weighted => (0.6, 1.3),
            ScanContrast.Flair => (-0.14, 1.1),
            ScanContrast.T2Weighted => (-0.6, -0.5),
            _ => (0.05, 0.9),
        };
        var record = Good with { Kind = contrast, Source = source, WhiteOverGrey = white, GreyOverFluid = grey };
        Assert.Equal(looks, record.LooksLike);
        Assert.Equal(reason is null ? [] : [reason], record.Reasons);
        Assert.Equal(reason is null ? QualityVerdict.Pass : QualityVerdict.Review, record.GetVerdict());
    }

    [Fact]
    public void Where_fluid_is_bright_a_bright_rim_is_no_scalp()
    {
        var bright = Good with { ScalpShare = 0.15, RimBrightness = 1.5, Source = ContrastSource.Given };
        Assert.Equal("the brain mask seems to hold skull and scalp", Assert.Single(bright.Reasons));
        Assert.Equal(QualityVerdict.Review, (bright with { Kind = MriContrast.FLAIR }).GetVerdict());
        Assert.Equal(QualityVerdict.Pass, (bright with { Kind = MriContrast.T2w }).GetVerdict());
        Assert.Equal(QualityVerdict.Review, (bright with { Kind = MriContrast.T2w, ScalpShare = 0.05, RimBrightness = 0.8 }).GetVerdict());
    }

    [Fact]
    public void Other_contrasts_have_bounds_of_their_own_for_how_well_they_explain_the_template()
    {
        var flair = Good with { Kind = MriContrast.FLAIR, Source = ContrastSource.Given, TemplateCorrelation = 0.43 };
        Assert.Equal(QualityVerdict.Pass, flair.GetVerdict());
        Assert.Equal(QualityVerdict.Review, (flair with { TemplateCorrelation = 0.36 }).GetVerdict());

        // As phantoms and wrong poses have it.
        Assert.Equal(QualityVerdict.Fail, (flair with { TemplateCorrelation = 0.28 }).GetVerdict());
    }

    [Fact]
    public void What_has_no_noise_is_no_scan()
    {
        var record = Good with { SignalToNoise = 1000 };
        Assert.Equal(
            (QualityVerdict.Review, "has no noise: a segmentation or a synthetic image"), (record.GetVerdict(), Assert.Single(record.Reasons)));
    }

    [Fact]
    public void What_is_flat_in_parts_is_no_scan()
    {
        // Real scans of 20 grey levels; maps of tissues that were resampled.
        Assert.Equal(QualityVerdict.Pass, (Good with { FlatShare = 0.061 }).GetVerdict());
        var record = Good with { FlatShare = 0.095 };
        Assert.Equal((QualityVerdict.Review, "has no noise in parts of the brain: a map of tissues or a synthetic image"),
            (record.GetVerdict(), Assert.Single(record.Reasons)));
    }

    [Fact]
    public void A_mask_with_the_scalp_in_it_never_passes()
    {
        Assert.Equal(QualityVerdict.Pass, (Good with { ScalpShare = 0.37, RimBrightness = 1.26 }).GetVerdict());

        // One sign alone has other causes: fat suppression or a cut field of view, and bright vessels.
        Assert.Equal(QualityVerdict.Pass, (Good with { ScalpShare = 0, RimBrightness = 0.8 }).GetVerdict());
        Assert.Equal(QualityVerdict.Pass, (Good with { ScalpShare = 0.8, RimBrightness = 1.7 }).GetVerdict());
        var record = Good with { ScalpShare = 0, RimBrightness = 1.66 };
        Assert.Equal((QualityVerdict.Review, "the brain mask seems to hold skull and scalp"), (record.GetVerdict(), Assert.Single(record.Reasons)));
    }

    [Fact]
    public void Two_poses_that_fit_alike_ask_for_a_look()
    {
        Assert.Equal(QualityVerdict.Pass, (Good with { PoseLead = 0.05 }).GetVerdict());
        Assert.Equal("lies in one of two ways that fit alike", Assert.Single((Good with { PoseLead = 0.004 }).Reasons));
    }

    [Fact]
    public void A_value_that_rounds_to_its_bound_is_shown_with_more_digits()
    {
        Assert.Equal("signal-to-noise ratio 4.48, less than 4.5 is not usual", Assert.Single((Good with { SignalToNoise = 4.48 }).Reasons));
        Assert.Equal("brain volume 849.8 ml, less than 850 is not usual", Assert.Single((Good with { BrainMillilitres = 849.8 }).Reasons));
    }
}
