using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using MriLink.Shell.CommandLine;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Execution;

/// <summary>Runs commands and scripts in the runspace, shows what they write, and stops them when asked.</summary>
internal sealed class ScriptRunner
{
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
    public int RunText(string text, IReadOnlyList<ScriptArgument> arguments, bool inputIsData)
    {
        // In the history, because the engine keeps $? only for what goes there.
        using var pipeline = _runspace.CreatePipeline(text, addToHistory: true);
        AddArguments(pipeline.Commands[0], arguments);
        return ExitCode(Run(pipeline, inputIsData ? InputFor(Parser.ParseInput(text, out _, out _)) : null), LastSucceeded);
    }

    /// <summary>Runs a script file and says how the process should exit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">What it is called with.</param>
    /// <param name="keepScope">Whether what the script defines is there afterwards, for the prompt.</param>
    public int RunFile(string path, IReadOnlyList<ScriptArgument> arguments, bool keepScope)
    {
        var input = InputFor(Parser.ParseFile(path, out _, out _));
        if (!path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
        {
            // Only files named .ps1 are scripts to the engine; others come here through a #! line.
            using var text = CreatePipeline(new(File.ReadAllText(path), isScript: true, useLocalScope: false));
            AddArguments(text.Commands[0], arguments);
            return ExitCode(Run(text, input), static () => true);
        }

        var call = CallText.Of(keepScope ? "." : "&", path, arguments);
        using var pipeline = _runspace.CreatePipeline(input is null ? call : $"$input | {call}", addToHistory: true);
        var result = Run(pipeline, input);
        if (result != RunResult.Completed || _host.RequestedExit is not null || LastSucceeded())
        {
            // A file that comes to its end is a success, whatever its last statement did.
            return ExitCode(result, static () => true);
        }

        // "exit" in a script file ends the file and not the session: the call counts as failed, with the code in $LASTEXITCODE.
        // A call that failed without a code never started: wrong arguments, or a script that does not parse.
        return _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code and not 0 ? code : ExitCodes.Failure;
    }

    /// <summary>Runs what was typed at the prompt.</summary>
    public RunResult RunTyped(string text)
    {
        using var pipeline = IsNested
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

    private static void AddArguments(Command command, IReadOnlyList<ScriptArgument> arguments)
    {
        foreach (var argument in arguments)
        {
            command.Parameters.Add(new CommandParameter(argument.Name, argument.Value));
        }
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
            Invoke(pipeline, input);
            return RunResult.Completed;
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
        if (exception is IncompleteParseException)
        {
            // The engine does not say where a script that breaks off does so, and its error view shows nothing without that.
            _userInterface.WriteErrorLine($"{PSHostUserInterface.GetFormatStyleString(PSHostUserInterface.FormatStyle.Error)}ParserError: {exception.Message}{PSStyle.Instance.Reset}");
            return;
        }

        using var pipeline = CreatePipeline(new("Out-Default"));
        try
        {
            using (_userInterface.ShowAsErrors())
            {
                Invoke(pipeline, new[] { exception.ErrorRecord });
            }
        }
        catch (RuntimeException second)
        {
            // The engine can show nothing any more; the user still gets to know why.
            _userInterface.WriteErrorLine(exception.Message);
            _userInterface.WriteErrorLine(second.Message);
        }
    }

    private bool LastSucceeded()
    {
        using var pipeline = CreatePipeline(new("$global:?", isScript: true, useLocalScope: false));
        return Invoke(pipeline, input: null) is [{ BaseObject: true }];
    }

    private int ExitCode(RunResult result, Func<bool> succeeded) => (_host.RequestedExit, result) switch
    {
        (int code, _) => code,
        (_, RunResult.Completed) when succeeded() => ExitCodes.Success,
        _ => ExitCodes.Failure,
    };
}
