using System.Management.Automation;

namespace MriLink.Module.Tests;

public sealed class MeasureMriSimilarityTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Each_pair_and_measure_is_a_row_in_the_order_of_the_input()
    {
        var reference = _session.PlacePerson(1, 1);
        var same = _session.PlacePerson(1, 2);
        var other = _session.PlacePerson(2, 1);

        var rows = _session.Run("Import-MriVolume $args[1], $args[2] | Measure-MriSimilarity (Import-MriVolume $args[0]) -Metric ncc, MAE", reference, same, other).ThrowIfFailed();

        Assert.Equal(
            [("01 ses-1", "01 ses-2", "NCC"), ("01 ses-1", "01 ses-2", "MAE"), ("01 ses-1", "02 ses-1", "NCC"), ("01 ses-1", "02 ses-1", "MAE")],
            rows.Select(r => (Text(r, "Reference"), Text(r, "Volume"), Text(r, "Metric"))));
        Assert.All(rows, r => Assert.Contains("MriLink.Core.Similarity.ScanSimilarity", r.TypeNames));

        // Anatomy of variance 150²/12 under noise of 40²/12, both uniform: the correlation of two scans is 1/(1 + (40/150)²) = 0.934.
        Assert.Equal(0.934, Score(rows[0]), 0.01);
        Assert.Equal(0, Score(rows[2]), 0.1);
        Assert.True(Score(rows[1]) < Score(rows[3]));
        Assert.Equal([true, false], rows.Take(2).Select(r => (bool)r.Properties["HigherIsBetter"].Value));
    }

    [Fact]
    public void One_reference_or_several_from_parameter_or_pipeline()
    {
        object[] paths = [_session.PlacePerson(1, 1), _session.PlacePerson(2, 1), _session.PlacePerson(3, 1)];

        Assert.Equal(9, _session.Run("$all = Import-MriVolume $args; $all | Measure-MriSimilarity -Reference $all", paths).ThrowIfFailed().Count);
        Assert.Equal(9, _session.Run("$all = Import-MriVolume $args; Measure-MriSimilarity -Reference $all -InputObject $all", paths).ThrowIfFailed().Count);
    }

    [Fact]
    public void All_measures_have_a_row_and_a_scan_is_most_like_itself()
    {
        var path = _session.PlacePerson(1, 1);
        var other = _session.PlacePerson(2, 1);
        string[] named = ["MAE", "MSE", "RMSE", "NRMSE", "PSNR", "NCC", "LocalNCC", "Cosine", "Spearman", "LNCC", "MI", "NMI", "CR", "UQI", "SSIM", "MS-SSIM", "GMSD"];

        var rows = _session.Run("$a, $b = Import-MriVolume $args; $a, $b | Measure-MriSimilarity -Reference $a -Metric All", path, other);

        Assert.Empty(rows.Errors);
        var byMetric = rows.Output.GroupBy(r => Text(r, "Metric")).ToDictionary(g => g.Key, g => g.ToArray());
        Assert.Subset(byMetric.Keys.ToHashSet(), named.ToHashSet());
        foreach (var (metric, pair) in byMetric.Where(m => m.Key != "MS-SSIM"))
        {
            var better = (bool)pair[0].Properties["HigherIsBetter"].Value ? 1 : -1;
            Assert.True(better * (Score(pair[0]) - Score(pair[1])) > 0, metric);
        }

        // Sixteen voxels are too few for five scales: no number, and a warning that says why.
        Assert.Null(byMetric["MS-SSIM"][0].Properties["Score"].Value);
        Assert.Contains(rows.Warnings, w => w.Contains("MS-SSIM", StringComparison.Ordinal));
    }

    [Fact]
    public void A_volume_that_cannot_be_compared_is_one_error_and_the_rest_goes_on()
    {
        var reference = _session.PlacePerson(1, 1);
        string[] bad =
        [
            _session.Place("nan.nii", TinyNifti.WithNaN()),
            _session.Place("othergrid.nii"),
            _session.Place("zeros.nii.gz", TinyNifti.LargeZeros(SmallVolumes.PersonSide)),
        ];
        var good = _session.PlacePerson(2, 1);

        var outcome = _session.Run("Import-MriVolume $args[1..4] | Measure-MriSimilarity (Import-MriVolume $args[0])", reference, bad[0], bad[1], bad[2], good);

        Assert.Null(outcome.Failure);
        Assert.Equal("02 ses-1", Text(Assert.Single(outcome.Output), "Volume"));
        Assert.Equal(bad, outcome.Errors.Select(e => (string)e.TargetObject));
        Assert.All(outcome.Errors.Zip(bad), pair => Assert.Contains(Path.GetFileNameWithoutExtension(pair.Second), pair.First.Exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_usable_reference_the_command_ends()
    {
        var nan = _session.Place("nan.nii", TinyNifti.WithNaN());
        var good = _session.PlacePerson(1, 1);

        var outcome = _session.Run("Import-MriVolume $args[1] | Measure-MriSimilarity (Import-MriVolume $args[0])", nan, good);

        Assert.Contains("reference", outcome.Errors[^1].Exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void AsMatrix_gives_a_matrix_for_each_measure_with_names_and_an_indexer()
    {
        object[] paths = [_session.PlacePerson(1, 1), _session.PlacePerson(2, 1), _session.PlacePerson(1, 2)];

        var rows = _session.Run(
            "$a = Import-MriVolume $args[0], $args[1]; $m = @(Import-MriVolume $args | Measure-MriSimilarity $a -Metric NCC, MAE -AsMatrix); "
            + "\"$($m[0])\"; \"$($m[1].Measure)\"; $m[0][0, 2]; $m[0].Gallery[2].Name; ($m[0].Pairs() | ForEach-Object Score).Count",
            paths).ThrowIfFailed();

        Assert.Equal("NCC: 2 x 3", rows[0].ToString());
        Assert.Equal("MAE", rows[1].ToString());
        Assert.Equal(0.934, (double)rows[2].BaseObject, 0.01);
        Assert.Equal("01 ses-2", rows[3].ToString());
        Assert.Equal(6, rows[4].BaseObject);
    }

    [Fact]
    public void A_map_is_a_volume_that_can_be_exported()
    {
        var (first, second) = (_session.PlacePerson(1, 1), _session.PlacePerson(1, 2));

        var rows = _session.Run("Import-MriVolume $args[1] | Measure-MriSimilarity (Import-MriVolume $args[0]) -Map -Metric LNCC, SSIM", first, second).ThrowIfFailed();

        Assert.Equal(2, rows.Count);
        Assert.All(rows, r => Assert.Contains("MriLink.Core.Volumes.MriVolume", r.TypeNames));
        var failure = _session.Run("Import-MriVolume $args[1] | Measure-MriSimilarity (Import-MriVolume $args[0]) -Map -Metric NCC", first, second);
        Assert.Contains("SSIM", failure.Errors[^1].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_measure_is_refused_with_a_list_of_those_there_are()
    {
        var path = _session.PlacePerson(1, 1);

        var failure = _session.Run("$v = Import-MriVolume $args[0]; $v | Measure-MriSimilarity $v -Metric Guess", path).Problem;

        Assert.IsType<ParameterBindingException>(failure, exactMatch: false);
        Assert.Contains("Guess", failure.Message, StringComparison.Ordinal);
        Assert.Contains("MS-SSIM", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measures_complete_with_an_explanation()
    {
        var completed = _session.Complete("Measure-MriSimilarity -Metric M");

        Assert.Equal(["MAE", "MI", "MS-SSIM", "MSE"], completed.Select(c => c.CompletionText).Order(StringComparer.Ordinal));
        Assert.All(completed, c => Assert.Contains("more alike", c.ToolTip, StringComparison.Ordinal));
    }

    private static string Text(PSObject item, string property) => item.Properties[property].Value.ToString()!;

    private static double Score(PSObject row) => (double)row.Properties["Score"].Value;
}
