using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using MriLink.Shell.Execution;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Interactive;

/// <summary>Prompts, reads, runs, until told to leave.</summary>
internal sealed class InteractiveLoop
{
    private const string Continuation = ">> ";

    private readonly ScriptRunner _runner;
    private readonly ShellHost _host;
    private readonly ShellUserInterface _userInterface;
    private readonly Completer _completer;
    private readonly LineHistory _history = new();
    private readonly Func<bool> _ending;

    /// <summary>Prompts on the terminal, or plainly where it cannot be edited on.</summary>
    /// <param name="runspace">Where words are completed.</param>
    /// <param name="runner">Runs what is typed.</param>
    /// <param name="host">Knows when to leave.</param>
    /// <param name="userInterface">Where the prompt is shown.</param>
    /// <param name="ending">Whether a signal asked the program to end.</param>
    public InteractiveLoop(Runspace runspace, ScriptRunner runner, ShellHost host, ShellUserInterface userInterface, Func<bool> ending)
    {
        _runner = runner;
        _host = host;
        _userInterface = userInterface;
        _completer = new(runspace);
        _ending = ending;
    }

    /// <summary>Runs until <c>exit</c> or the end of the input.</summary>
    /// <returns>The exit code asked for; 0 if none was.</returns>
    public int Run(bool showLogo)
    {
        if (showLogo)
        {
            _userInterface.WriteLine($"MriLink {ShellHost.ProgramVersion.ToString(3)} on the PowerShell {ShellHost.EngineVersion} engine");
            _userInterface.WriteLine("'Get-Command -Module MriLink' lists the cmdlets, 'exit' leaves.");
        }

        _host.NestedPrompt = RunNested;
        Loop(() => _host.RequestedExit is not null || _ending());
        return _host.RequestedExit ?? ExitCodes.Success;
    }

    private void RunNested()
    {
        Loop(() => _host.NestedPromptShouldEnd || _host.RequestedExit is not null || _ending());
        _host.NestedPromptShouldEnd = false;
    }

    private void Loop(Func<bool> done)
    {
        while (!done())
        {
            if (_userInterface.RawUI.CursorPosition.X != 0)
            {
                // The last program left its line open.
                _userInterface.WriteLine();
            }

            if (ReadCommand() is not { } command)
            {
                return;
            }

            if (!string.IsNullOrWhiteSpace(command))
            {
                _history.Add(command);
                _runner.RunTyped(command);
            }
        }
    }

    // Null at the end of the input, empty when the command was cancelled.
    private string? ReadCommand()
    {
        var command = string.Empty;
        var prompt = _runner.EvaluatePrompt() is { Length: > 0 } text ? text : "PS> ";
        while (true)
        {
            _userInterface.Write(prompt);
            switch (ReadLine(prompt))
            {
                case (LineOutcome.EndOfInput, _):
                    return null;
                case (LineOutcome.Cancelled, _):
                    return string.Empty;
                case (_, var line):
                    command = command.Length == 0 ? line : $"{command}\n{line}";
                    break;
            }

            Parser.ParseInput(command, out _, out var errors);
            if (!errors.Any(e => e.IncompleteInput))
            {
                return command;
            }

            prompt = Continuation;
        }
    }

    private (LineOutcome Outcome, string Text) ReadLine(string prompt)
    {
        if (Terminal.CanEdit)
        {
            _history.Rewind();
            var read = new TerminalLineReader(_userInterface.Column).Read(new LineEditor(_history), _completer, prompt);
            _userInterface.ForgetColumn();
            return read;
        }

        if (Console.In.ReadLine() is { } line)
        {
            _userInterface.ForgetColumn();
            return (LineOutcome.Submitted, line);
        }

        _userInterface.WriteLine();
        return (LineOutcome.EndOfInput, string.Empty);
    }
}
