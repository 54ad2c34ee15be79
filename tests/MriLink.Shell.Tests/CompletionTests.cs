using System.Collections;
using System.Management.Automation.Runspaces;
using MriLink.Shell.Interactive;

namespace MriLink.Shell.Tests;

public sealed class CompletionTests
{
    [Fact]
    public void Commands_parameters_and_members_come_from_the_engine()
    {
        using var runspace = Open();
        var completer = new Completer(runspace);

        Assert.Equal("Get-Command", completer.Complete("Get-Comm", 8)?.Common);
        Assert.Equal("-Noun", completer.Complete("Get-Command -Nou", 16)?.Common);
        Assert.Null(completer.Complete("Get-NoSuchThing", 15));
    }

    [Theory]
    [InlineData("'ab'.Leng; 1", 9, 5, "Length")]
    [InlineData("$found.Sc", 9, 7, "Score")]
    [InlineData("1; $found.Probe.", 16, 16, "Sub")]
    [InlineData("[string]::IsNullOrE", 19, 10, "IsNullOrEmpty(")]
    public void Members_are_completed_without_the_utility_module(string line, int cursor, int start, string common)
    {
        using var runspace = Open();
        runspace.SessionStateProxy.SetVariable("found", new[] { new { Score = 0.5, Probe = new Hashtable { ["Sub"] = 1 } } });

        var completion = new Completer(runspace).Complete(line, cursor)!;

        Assert.Equal(start, completion.Start);
        Assert.Contains(common, completion.Labels);
        Assert.True(line.EndsWith('.') || string.Equals(common, completion.Common, StringComparison.Ordinal), completion.Common);
    }

    [Fact]
    public void Nothing_is_run_to_find_members()
    {
        Assert.Null(MemberCompleter.Complete("(Remove-All).Le", 15, _ => throw new InvalidOperationException("evaluated")));
        Assert.Null(MemberCompleter.Complete("$file.Delete().Le", 17, _ => throw new InvalidOperationException("evaluated")));
    }

    [Fact]
    public void Several_matches_complete_as_far_as_they_agree_and_are_then_listed()
    {
        using var runspace = Open();

        var completion = new Completer(runspace).Complete("get-h", 5)!;

        Assert.Equal(["Get-Help", "Get-History"], completion.Labels);
        Assert.Equal("Get-H", completion.Common);
        Assert.False(completion.Advances("get-h"));
        Assert.True(new Completer(runspace).Complete("Get-Hel", 7)!.Advances("Get-Hel"));
    }

    [Theory]
    [InlineData("/bin/ls sub-0", 8, "sub-0", "sub-01/", "sub-02.nii.gz")]
    [InlineData("/bin/ls sub-01/an", 8, "sub-01/anat/", "anat/")]
    [InlineData("Import-X -Path sub-02", 15, "sub-02.nii.gz", "sub-02.nii.gz")]
    [InlineData("/bin/ls my", 8, "'my scans/'", "my scans/")]
    [InlineData("/bin/ls 'my sc", 8, "'my scans/'", "my scans/")]
    [InlineData("/bin/ls \"sub-02", 8, "'sub-02.nii.gz'", "sub-02.nii.gz")]
    [InlineData("/bin/ls .h", 8, ".hidden", ".hidden")]
    public void Paths_are_completed_without_the_management_module(string line, int start, string common, params string[] labels)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.FullName, "sub-01", "anat"));
        Directory.CreateDirectory(Path.Combine(folder.FullName, "my scans"));
        folder.Write("sub-02.nii.gz", string.Empty);
        folder.Write(".hidden", string.Empty);

        var completion = PathCompleter.Complete(line, line.Length, folder.FullName)!;

        Assert.Equal(labels, completion.Labels);
        Assert.Equal(common, completion.Common);
        Assert.Equal((start, line.Length - start), (completion.Start, completion.Length));
    }

    [Fact]
    public void Nothing_is_offered_for_a_path_that_leads_nowhere() =>
        Assert.Null(PathCompleter.Complete("/bin/ls no/such/place", 21, Path.GetTempPath()));

    [Theory]
    [InlineData("'ab'.sub")]
    [InlineData("sub")]
    [InlineData("$sub")]
    [InlineData("Get-Command -sub")]
    public void Paths_are_not_offered_where_none_can_stand(string line)
    {
        using var folder = new TemporaryFolder();
        folder.Write("sub", string.Empty);

        Assert.Null(PathCompleter.Complete(line, line.Length, folder.FullName));
    }

    [Fact]
    public void Lists_run_down_the_columns_and_end_before_the_screen_does()
    {
        Assert.Equal("a  c\nb\n", Columns.Arrange(["a", "b", "c"], width: 8, height: 24).ReplaceLineEndings("\n"));
        Assert.EndsWith("... and 97 more", Columns.Arrange([.. Enumerable.Repeat("name", 100)], width: 8, height: 6).TrimEnd(), StringComparison.Ordinal);
    }

    private static Runspace Open()
    {
        var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        return runspace;
    }
}
