using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using MriLink.Shell.CommandLine;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Execution;

/// <summary>Runs commands and scripts in the runspace, shows what they write, and stops them when asked.</summary>
internal sealed class ScriptRunner
{
    // Shows an error the way errors of a running command are shown, whatever $ErrorActionPreference says by now.
    private const string ShowError = "param($record) & { [CmdletBinding()] param($record) $PSCmdlet.WriteError($record) } $record -ErrorAction Continue";

    private readonly Runspace _runspace;
    private readonly ShellHost _host;
    private readonly ShellUserInterface _userInterface;
    private readonly MissingCommandHint _hint;
    private readonly Lock _lock = new();
    private readonly Stack<Pipeline> _running = new();

    /// <summary>Runs things in an open runspace.</summary>
    public ScriptRunner(Runspace runspace, ShellHost host, ShellUserInterface userInterface)
    {
        _runspace = runspace;
        _host = host;
        _userInterface = userInterface;
        _hint = new(runspace);
        userInterface.ErrorShown = _hint.NoteError;
    }

    /// <summary>Runs text as a script and says how the process should exit.</summary>
    public int RunText(string text, IReadOnlyList<ScriptArgument> arguments, bool inputIsData) =>
        ExitCode(Run(CreatePipeline(WithArguments(new(text, isScript: true, useLocalScope: false), arguments)), inputIsData ? InputFor(Parser.ParseInput(text, out _, out _)) : null));

    /// <summary>Runs a script file and says how the process should exit.</summary>
    public int RunFile(string path, IReadOnlyList<ScriptArgument> arguments)
    {
        // Only files named .ps1 are scripts to the engine; others come here through a #! line.
        var isScriptFile = path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase);
        Command command = isScriptFile
            ? new(path, isScript: false, useLocalScope: false)
            : new(File.ReadAllText(path), isScript: true, useLocalScope: false);
        var result = Run(CreatePipeline(WithArguments(command, arguments)), InputFor(Parser.ParseFile(path, out _, out _)));
        if (result == RunResult.Completed && isScriptFile && _host.RequestedExit is null && !LastSucceeded())
        {
            // "exit" ends a script file, not the session: the engine leaves its code behind in $LASTEXITCODE.
            return _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code && code != 0 ? code : ExitCodes.Failure;
        }

        return ExitCode(result);
    }

    /// <summary>Runs what was typed at the prompt.</summary>
    public RunResult RunTyped(string text)
    {
        var pipeline = IsNested
            ? _runspace.CreateNestedPipeline(text, addToHistory: true)
            : _runspace.CreatePipeline(text, addToHistory: true);
        return Run(pipeline, input: null);
    }

    /// <summary>Runs the function <c>prompt</c>.</summary>
    /// <returns>What it wrote, or null if it failed.</returns>
    public string? EvaluatePrompt()
    {
        using var pipeline = CreatePipeline(new("prompt"));
        try
        {
            return string.Concat(Invoke(pipeline, input: null).Select(p => p.ToString()));
        }
        catch (RuntimeException)
        {
            return null;
        }
    }

    /// <summary>Asks what runs now to stop, without waiting for it.</summary>
    /// <returns>False if nothing is running.</returns>
    public bool Stop()
    {
        lock (_lock)
        {
            if (!_running.TryPeek(out var pipeline))
            {
                return false;
            }

            pipeline.StopAsync();
            return true;
        }
    }

    private bool IsNested => _running.Count > 0;

    private Pipeline CreatePipeline(Command command)
    {
        var pipeline = IsNested ? _runspace.CreateNestedPipeline() : _runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return pipeline;
    }

    private static Command WithArguments(Command command, IReadOnlyList<ScriptArgument> arguments)
    {
        foreach (var argument in arguments)
        {
            command.Parameters.Add(new CommandParameter(argument.Name, argument.Value));
        }

        return command;
    }

    // As in pwsh, a script that mentions $input gets the lines of a redirected standard input.
    private static IEnumerable<string>? InputFor(Ast script) =>
        Console.IsInputRedirected && script.Find(a => a is VariableExpressionAst { VariablePath.UserPath: var name } && name.Equals("input", StringComparison.OrdinalIgnoreCase), searchNestedScriptBlocks: false) is not null
            ? Lines(Console.In)
            : null;

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private RunResult Run(Pipeline pipeline, IEnumerable? input)
    {
        // Errors travel with the output, so that both are shown in the order they were written.
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add(new Command("Out-Default", isScript: false, useLocalScope: true)
        {
            MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
        });
        try
        {
            using (pipeline)
            {
                Invoke(pipeline, input);
                return RunResult.Completed;
            }
        }
        catch (PipelineStoppedException)
        {
            return RunResult.Stopped;
        }
        catch (RuntimeException exception)
        {
            Show(exception);
            return RunResult.Failed;
        }
        finally
        {
            _userInterface.ResetProgress();
            _hint.Show(_userInterface);
        }
    }

    private Collection<PSObject> Invoke(Pipeline pipeline, IEnumerable? input)
    {
        lock (_lock)
        {
            _running.Push(pipeline);
        }

        try
        {
            return input is null ? pipeline.Invoke() : pipeline.Invoke(input);
        }
        finally
        {
            lock (_lock)
            {
                _running.Pop();
            }
        }
    }

    private void Show(RuntimeException exception)
    {
        using var pipeline = CreatePipeline(new(ShowError, isScript: true, useLocalScope: true));
        pipeline.Commands[0].Parameters.Add(name: null, exception.ErrorRecord);
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add("Out-Default");
        try
        {
            Invoke(pipeline, input: null);
        }
        catch (RuntimeException second)
        {
            // The engine can show nothing any more; the user still gets to know why.
            _userInterface.WriteErrorLine(exception.Message);
            _userInterface.WriteErrorLine(second.Message);
        }
    }

    private bool LastSucceeded() => _runspace.SessionStateProxy.GetVariable("?") is true;

    private int ExitCode(RunResult result) => (_host.RequestedExit, result) switch
    {
        (int code, _) => code,
        (_, RunResult.Completed) when LastSucceeded() => ExitCodes.Success,
        _ => ExitCodes.Failure,
    };
}
