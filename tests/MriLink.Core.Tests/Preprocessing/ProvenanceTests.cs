using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class ProvenanceTests
{
    private static readonly PreprocessOptions Options = new() { Spacing = 4 };

    [Fact]
    public void What_these_options_made_differs_in_nothing_wherever_it_was_read_and_however_its_spacing_was_calculated()
    {
        var made = Make();

        Assert.Empty(made.DifferencesFrom(Options));
        Assert.Empty((made with { Version = "x", InputHash = "x" }).DifferencesFrom(Options));
        Assert.Empty(made.DifferencesFrom(Options with { Spacing = Math.BitIncrement(4.0) }));
    }

    [Fact]
    public void Every_difference_is_named_with_both_values()
    {
        var other = Make() with { Engine = "SimpleITK 2.1.1", Template = "Own", TemplateHash = "x", BrainMaskHash = "x" };

        Assert.Equal(
            [
                "Engine SimpleITK 2.1.1, not BuiltIn", "Template Own, not Colin27", "a BrainMask of the user's own",
                "BiasCorrection True, not False", "Harmonization ZScore, not None", "Spacing 4, not 2.5",
            ],
            other.DifferencesFrom(new() { Spacing = 2.5, BiasCorrection = false, Harmonization = Harmonization.None }));
    }

    [Fact]
    public void A_parameter_that_was_not_recorded_and_a_template_of_the_same_name_are_differences()
    {
        var made = Make();
        var older = made with
        {
            TemplateHash = "x",
            Parameters = made.Parameters.Where(p => p.Key != nameof(PreprocessOptions.Registration)).ToDictionary()
        };

        Assert.Equal(["another Template named Colin27", "Registration unknown, not Affine"], older.DifferencesFrom(Options));
    }

    [Fact]
    public void What_was_made_before_there_was_a_choice_of_contrast_is_what_the_default_makes()
    {
        var made = Make();
        Assert.Contains("Contrast", made.Parameters.Keys);
        var older = made with { Parameters = made.Parameters.Where(p => p.Key != nameof(PreprocessOptions.Contrast)).ToDictionary() };

        Assert.Empty(older.DifferencesFrom(Options));
        Assert.Equal(["Contrast unknown, not FLAIR"], older.DifferencesFrom(Options with { Contrast = MriContrast.FLAIR }));
        Assert.Equal(["Contrast , not FLAIR"], made.DifferencesFrom(Options with { Contrast = MriContrast.FLAIR }));
    }

    [Fact]
    public void A_name_that_says_the_contrast_is_part_of_how_a_scan_was_made()
    {
        // The cache must not give what was made of a T1w for the same voxels under the name of a FLAIR.
        Provenance Of(string? path, MriContrast? contrast)
        {
            var voxels = new Volume(new(new(2, 2, 2), Affine.Identity), new float[8]);
            return Provenance.Of(Options with { Contrast = contrast }, new(new("Ada", null, null, path), new MemoryVoxelSource(voxels)),
                () => voxels, brainMask: null, default);
        }

        Assert.Equal("FLAIR", Of("/data/sub-1_FLAIR.nii", null).Parameters["Input.NamedContrast"]);
        Assert.DoesNotContain("Input.NamedContrast", Of("/data/sub-1_FLAIR.nii", MriContrast.T1w).Parameters.Keys);
        Assert.DoesNotContain("Input.NamedContrast", Of("/data/scan.nii", null).Parameters.Keys);
        Assert.NotEqual(Of("/data/sub-1_FLAIR.nii", null), Of("/data/scan.nii", null));
    }

    private static Provenance Make()
    {
        var voxels = new Volume(new(new(2, 2, 2), Affine.Identity), new float[8]);
        return Provenance.Of(Options, new(new("Ada"), new MemoryVoxelSource(voxels)), () => voxels, brainMask: null, default);
    }
}
