namespace MriLink.Shell.Tests;

public sealed class InterruptTests
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    // A user waits no longer; the measured time is a tenth of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("'started'; while ($true) { }; 'never'", Interrupt)]
    [InlineData("'started'; 1..2000000000 | ForEach-Object { $_ } | Where-Object { $false }; 'never'", Interrupt)]
    [InlineData("'started'; while ($true) { }; 'never'", Terminate)]
    public void Ends_what_runs_within_two_seconds(string script, int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Sends Unix signals.");
        using var folder = new TemporaryFolder();
        foreach (string[] line in (string[][])[["-Command", script], ["-File", folder.Write("long.ps1", script)]])
        {
            using var shell = ShellProcess.Start(line);
            Assert.Equal("started", shell.Output.ReadLine());

            shell.Signal(signal);
            var result = shell.WaitForEnd(Patience);

            Assert.Equal((128 + signal, string.Empty, string.Empty), (result.ExitCode, result.Output, result.Errors));
        }
    }

    [Fact]
    public void A_second_time_ends_a_command_that_does_not_obey()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Sends Unix signals.");
        using var shell = ShellProcess.Start("-Command", "'started'; [Threading.Thread]::Sleep(30000)");
        Assert.Equal("started", shell.Output.ReadLine());

        // Between two statements the shell obeys at once; a second later it sleeps, and does not.
        Thread.Sleep(TimeSpan.FromSeconds(1));
        shell.Signal(Interrupt);
        Assert.False(shell.EndsWithin(TimeSpan.FromMilliseconds(300)));
        shell.Signal(Interrupt);

        Assert.Equal(130, shell.WaitForEnd(Patience).ExitCode);
    }
}
