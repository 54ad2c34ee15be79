using System.Management.Automation;

namespace MriLink.Module.Tests;

/// <summary>What Tab offers for arguments, with a word on each.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    private string Place => Path.Combine(_session.Folder, "g.mrigallery");

    [Theory]
    [InlineData("Invoke-MriPreprocess -Registration ", "Affine", "None", "Similarity")]
    [InlineData("Invoke-MriPreprocess -Harmonisation n", "None", "Nyul")]
    [InlineData("Export-MriReport x -Format ", "Auto", "Csv", "Html", "Json", "Markdown")]
    [InlineData("Export-MriVolume x -DataType i", "Int16")]
    [InlineData("Show-MriVolume -Format s", "Sixel")]
    [InlineData("New-MriSimulatedCohort -Scenario 'Sc", "Scanner")]
    [InlineData("Invoke-MriPreprocess -Template c", "Colin27")]
    [InlineData("Test-MriMitigation -Mitigation Smooth, d", "Deface")]
    public void Choices_are_completed(string line, params string[] expected) =>
        Assert.Equal(expected, _session.Complete(line).Select(c => c.CompletionText).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_choice_is_completed_explained_and_taken_in_any_case()
    {
        var found = 0;
        foreach (var cmdlet in _session.Run("Get-Command -Module MriLink -CommandType Cmdlet").ThrowIfFailed().Select(c => (CmdletInfo)c.BaseObject))
        {
            foreach (var parameter in cmdlet.Parameters.Values)
            {
                if (parameter.Attributes.FirstOrDefault(a => a.GetType().Name == "ChoiceAttribute") is not ArgumentTransformationAttribute choice)
                {
                    continue;
                }

                found++;
                var completions = _session.Complete($"{cmdlet.Name} -{parameter.Name} ");
                Assert.NotEmpty(completions);
                Assert.All(completions, c =>
                {
                    Assert.StartsWith($"{c.CompletionText}: ", c.ToolTip, StringComparison.Ordinal);
                    Assert.Equal(c.CompletionText, choice.Transform(null, c.CompletionText.ToUpperInvariant()));
                });
            }
        }

        Assert.True(found > 10, $"{found} parameters have choices.");
    }

    [Fact]
    public void A_value_that_is_no_choice_is_told_what_there_is_and_what_it_means()
    {
        var outcome = _session.Run("New-MriSimulatedCohort 1 | Invoke-MriPreprocess -Registration Elastic");

        Assert.Contains("'Elastic' is none of Affine (12 parameters), Similarity (7 parameters)", outcome.Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_in_another_case_is_the_same_choice()
    {
        _session.PlaceBrain("sub-1_desc-preproc_T1w.nii", 1);

        var output = _session.Run("""
            $brain = Import-MriVolume "$($args[0])/sub-1_desc-preproc_T1w.nii"
            $brain | Find-MriMatch -Gallery (Import-MriVolume "$($args[0])/*.nii" -Participant { 'other' }) -Threshold 0.5 | Export-MriReport "$($args[0])/a.txt" -Format json
            ($brain | Show-MriVolume -Format sixel).StartsWith("`eP")
            """, _session.Folder).ThrowIfFailed();

        Assert.Equal(true, Assert.Single(output).BaseObject);
    }

    [Fact]
    public void Participants_and_entries_come_from_the_gallery_that_the_line_names()
    {
        _session.PlaceBrain("a/sub-x1_desc-preproc_T1w.nii", 1);
        _session.PlaceBrain("a/sub-x2_desc-preproc_T1w.nii", 2);
        _session.PlaceBrain("a/odd [1].nii", 3);
        _session.Run("New-MriGallery $args[1]; Import-MriVolume $args[0] -Recurse | Add-MriGalleryVolume $args[1]", Path.Combine(_session.Folder, "a"), Place).ThrowIfFailed();

        Assert.Equal(["x1", "x2"], Texts($"Get-MriGalleryVolume '{Place}' -Participant x"));
        Assert.Equal(["'odd `[1`]'"], Texts($"Get-MriGalleryVolume '{Place}' -Participant 'od"));
        Assert.Equal(["1", "2", "3"], Texts($"Remove-MriGalleryVolume -Gallery '{Place}' -Id "));
        Assert.Equal("odd [1]", _session.Run($"(Get-MriGalleryVolume '{Place}' -Participant 'odd `[1`]').Participant").ThrowIfFailed().Single().ToString());
        Assert.Empty(_session.Run("$Error").Output);
    }

    [Fact]
    public void A_gallery_that_is_none_completes_nothing() =>
        Assert.DoesNotContain(_session.Complete($"Get-MriGalleryVolume '{Place}' -Id "), c => c.ResultType == CompletionResultType.ParameterValue);

    private IEnumerable<string> Texts(string line) =>
        _session.Complete(line).Where(c => c.ResultType == CompletionResultType.ParameterValue).Select(c => c.CompletionText).Order(StringComparer.Ordinal);
}
