using System.Management.Automation;

namespace MriLink.Module.Tests;

public sealed class InvokeMriPreprocessTests : IDisposable
{
    // Steps that cost time and that these tests are not about are left out.
    private const string Quick = "-Spacing 8 -SkipBiasCorrection -Registration None -BrainExtraction Never";

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_head_becomes_a_brain_on_the_templates_grid_with_all_that_a_user_may_ask_about()
    {
        var path = _session.Place("sub-01_ses-2_T1w.nii", SmallVolumes.Head(degrees: 10, shift: 15));

        var brain = _session.Run("Import-MriVolume $args[0] | Invoke-MriPreprocess", path).ThrowIfFailed().Single();

        Assert.Contains("MriLink.Core.Preprocessing.PreprocessedVolume", brain.TypeNames);
        Assert.Equal(("01", "2", path), (Text(brain, "Participant"), Text(brain, "Session"), Text(brain, "Path")));
        Assert.Equal(("91x109x91", "(2, 2, 2)", "RAS"), (Text(brain, "Size"), Text(brain, "Spacing"), Text(brain, "Orientation")));
        Assert.Equal(("Preprocessed", "Colin27"), (Text(brain, "Stage"), Text(brain, "Template")));
        var facts = _session.Run(
            """
            param($brain)
            $voxels = $brain.ReadVoxels().Voxels
            $brain.BrainMask.VolumeMillilitres
            $brain.Quality.TemplateOverlap
            $brain.Quality.TemplateCorrelation
            [string]$brain.TemplateToScan
            @($brain.Timings).Count
            [Linq.Enumerable]::Count($voxels, [Func[float, bool]] { param($v) $v -ne 0 })
            $brain.BrainMask.Count
            """,
            brain).ThrowIfFailed();

        // Colin27's own brain has 1.76 litres of mask; voxels of 4 mm blur its edge by a few per cent.
        Assert.InRange((double)facts[0].BaseObject, 1500, 2000);
        Assert.InRange((double)facts[1].BaseObject, 0.9, 1);
        Assert.InRange((double)facts[2].BaseObject, 0.8, 1);

        // The turn about the vertical, and the shift, come back in the transform from the template to the scan.
        var map = Array.ConvertAll(facts[3].ToString().Split(' ', ';').Where(t => t.Length > 0).ToArray(), t => double.Parse(t, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(10, Math.Atan2(map[4], map[0]) * 180 / Math.PI, 1.0);
        Assert.Equal(15, map[11], 3.0);
        Assert.True((int)facts[4].BaseObject >= 5);
        Assert.InRange((int)facts[5].BaseObject, 1, (int)facts[6].BaseObject);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Results_come_in_the_order_of_the_input_whatever_the_number_of_workers(int throttleLimit)
    {
        // Every third file is large, so that workers would overtake each other.
        object[] paths = [.. Enumerable.Range(0, 9).Select(i => _session.Place($"{i}.nii", i % 3 == 0 ? TinyNifti.Make(120, 120, 120) : TinyNifti.Make(6, 6, 6)))];

        var done = _session.Run($"Import-MriVolume $args | Invoke-MriPreprocess {Quick} -Harmonization None -ThrottleLimit {throttleLimit}", paths).ThrowIfFailed();

        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), done.Select(v => Text(v, "Participant")));
    }

    [Fact]
    public void Every_bad_scan_is_one_error_that_names_it_and_the_others_come_out()
    {
        var whole = TinyNifti.Gzip(TinyNifti.Make(30, 30, 30));
        whole[^5] ^= 1;
        string[] bad =
        [
            _session.Place("checksum.nii.gz", whole),
            _session.Place("nan.nii", TinyNifti.WithNaN()),
            _session.Place("constant.nii", SmallVolumes.Nifti([9, 9, 9], [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], [.. Enumerable.Repeat((byte)7, 729)])),
        ];
        var gone = _session.Place("gone.nii");
        var first = _session.Place("first.nii", SmallVolumes.Person(1, 1));
        var last = _session.Place("last.nii", SmallVolumes.Person(2, 1));

        var outcome = _session.Run(
            $"$volumes = Import-MriVolume $args; [IO.File]::Delete($args[4]); $volumes | Invoke-MriPreprocess {Quick}",
            first, bad[0], bad[1], bad[2], gone, last);

        Assert.Null(outcome.Failure);
        Assert.Equal(["first", "last"], outcome.Output.Select(v => Text(v, "Participant")));
        Assert.Equal(4, outcome.Errors.Count);
        foreach (var (error, path) in outcome.Errors.Zip([.. bad, gone]))
        {
            Assert.Contains(path, error.Exception.Message, StringComparison.Ordinal);
            Assert.Equal(path, error.TargetObject);
            Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        }

        Assert.Contains("same intensity", outcome.Errors[2].Exception.Message, StringComparison.Ordinal);
        Assert.NotNull(_session.Run($"Import-MriVolume $args | Invoke-MriPreprocess {Quick} -ErrorAction Stop", bad[2], first).Failure);
    }

    [Fact]
    public void A_stripped_brain_is_known_for_one_and_not_stripped_again()
    {
        var path = _session.Place("stripped.nii", SmallVolumes.Head(stripped: true));

        var quality = _session.Run("(Import-MriVolume $args[0] | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection).Quality", path).ThrowIfFailed().Single();

        Assert.Equal(true, quality.Properties["InputStripped"].Value);

        // All of the brain that was there: 1.76 l at 1 mm.
        Assert.InRange((double)quality.Properties["BrainMillilitres"].Value, 1500, 2000);
    }

    [Fact]
    public void A_mask_of_ones_own_comes_as_a_path_a_volume_or_a_script_block()
    {
        var head = _session.Place("head.nii", SmallVolumes.Head());
        var mask = _session.Place("mask.nii", SmallVolumes.HeadMask());
        const string Start = "$scan = Import-MriVolume $args[0]; ($scan | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection -Registration None -BrainMask ";

        // On the mask's own grid nothing is lost, so that all three count its voxels exactly.
        var expected = SmallVolumes.HeadMask().Skip(352).Count(v => v != 0);
        foreach (var way in new[] { "$args[1]", "(Import-MriVolume $args[1])", "{ $_.Path.Replace('head', 'mask') }", "([IO.FileInfo]$args[1])" })
        {
            Assert.Equal(expected, _session.Run(Start + way + ").BrainMask.Count", head, mask).ThrowIfFailed().Single().BaseObject);
        }

        var missing = _session.Run("Import-MriVolume $args[0] | Invoke-MriPreprocess -BrainMask nowhere.nii", head);
        Assert.Contains("nowhere.nii", Assert.Single(missing.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Null(missing.Failure);
    }

    [Fact]
    public void Another_template_sets_the_grid_and_a_bad_one_ends_the_command()
    {
        var head = _session.Place("head.nii", SmallVolumes.Head());
        var mask = _session.Place("mask.nii", SmallVolumes.HeadMask());

        var brain = _session.Run("Import-MriVolume $args[0] | Invoke-MriPreprocess -Template $args[0] -TemplateMask $args[1] -Spacing 8", head, mask).ThrowIfFailed().Single();

        Assert.Equal(("23x28x23", "head"), (Text(brain, "Size"), Text(brain, "Template")));
        var failure = _session.Run("Import-MriVolume $args[0] | Invoke-MriPreprocess -Template nowhere.nii", head).Problem;
        Assert.Contains("nowhere.nii", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ZScore")]
    [InlineData("HistogramMatch")]
    [InlineData("Nyul")]
    [InlineData("None")]
    public void Each_harmonisation_leaves_nothing_outside_the_brain(string harmonization)
    {
        var head = _session.Place("head.nii", SmallVolumes.Head());
        var mask = _session.Place("mask.nii", SmallVolumes.HeadMask());

        var result = _session.Run(
            "$brain = Import-MriVolume $args[0] | Invoke-MriPreprocess -Spacing 8 -SkipBiasCorrection -Registration None -BrainMask $args[1] -Harmonization $args[2]; $brain.ReadVoxels().Voxels, $brain.BrainMask.ToVolume().Voxels",
            head, mask, harmonization).ThrowIfFailed();

        var voxels = (float[])result[0].BaseObject;
        var inside = (float[])result[1].BaseObject;
        Assert.All(voxels.Zip(inside), pair => Assert.True(pair.Second > 0 || pair.First == 0));
        if (harmonization == "ZScore")
        {
            var values = voxels.Zip(inside).Where(p => p.Second > 0).Select(p => (double)p.First).ToArray();

            // The mean is 0 and the deviation 1 by definition; floats and clipped tails leave a little.
            Assert.Equal(0, values.Average(), 0.01);
            Assert.Equal(1, Math.Sqrt(values.Average(v => v * v)), 0.05);
        }
    }

    [Theory]
    [InlineData("-Spacing 0.1")]
    [InlineData("-ThrottleLimit 0")]
    [InlineData("-Harmonization Sharpest")]
    [InlineData("-BrainExtraction Maybe")]
    [InlineData("-Registration Nonlinear")]
    public void Values_out_of_range_are_refused_before_anything_runs(string arguments)
    {
        var path = _session.Place("in.nii");

        Assert.IsType<ParameterBindingException>(_session.Run($"Import-MriVolume $args[0] | Invoke-MriPreprocess {arguments}", path).Problem, exactMatch: false);
    }

    private static string Text(PSObject item, string property) => item.Properties[property].Value.ToString()!;
}
