using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using MriLink.Shell.Interactive;

namespace MriLink.Shell.Hosting;

/// <summary>
/// Shows the streams and asks the user. Errors go to standard error, everything else to standard output, as in pwsh;
/// escape sequences reach terminals alone.
/// </summary>
internal sealed class ShellUserInterface : PSHostUserInterface
{
    private readonly Lock _lock = new();
    private readonly bool _interactive;
    private readonly ShellRawUserInterface _raw;
    private readonly ProgressPane? _progress;
    private bool _errorsOnly;

    /// <summary>Takes over the console.</summary>
    /// <param name="interactive">Whether questions may be asked.</param>
    public ShellUserInterface(bool interactive)
    {
        _interactive = interactive;
        _raw = new(interactive);
        _progress = Terminal.OutputUnderstandsSequences ? new(Console.Out, TimeProvider.System) : null;
        if (Terminal.ColourRefused)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
    }

    /// <summary>Where the cursor is, as far as this program moved it.</summary>
    public int Column { get; private set; }

    /// <summary>Sees the text of every error shown; set by whoever explains errors.</summary>
    public Action<string>? ErrorShown { get; set; }

    /// <inheritdoc/>
    public override PSHostRawUserInterface RawUI => _raw;

    /// <inheritdoc/>
    public override bool SupportsVirtualTerminal => Terminal.OutputUnderstandsSequences;

    /// <summary>Sends everything that is written to standard error until the result is disposed.</summary>
    public IDisposable ShowAsErrors() => new ErrorsOnly(this);

    /// <inheritdoc/>
    public override void Write(string value)
    {
        if (_errorsOnly)
        {
            WriteErrorLine(value.TrimEnd('\r', '\n'));
            return;
        }

        lock (_lock)
        {
            HideProgress();
            var text = GetOutputString(value, Terminal.OutputUnderstandsSequences);
            Console.Out.Write(text);
            Track(text);
        }
    }

    /// <inheritdoc/>
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(Coloured(foregroundColor, backgroundColor, value));

    /// <inheritdoc/>
    public override void WriteLine() => Write(Environment.NewLine);

    /// <inheritdoc/>
    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    /// <inheritdoc/>
    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        WriteLine(Coloured(foregroundColor, backgroundColor, value));

    /// <inheritdoc/>
    public override void WriteErrorLine(string value)
    {
        lock (_lock)
        {
            HideProgress();
            Console.Error.WriteLine(GetOutputString(value, Terminal.ErrorUnderstandsSequences));
            if (!Console.IsErrorRedirected)
            {
                Column = 0;
            }
        }

        ErrorShown?.Invoke(value);
    }

    /// <inheritdoc/>
    public override void WriteWarningLine(string message) => WriteStyled(FormatStyle.Warning, $"WARNING: {message}");

    /// <inheritdoc/>
    public override void WriteVerboseLine(string message) => WriteStyled(FormatStyle.Verbose, $"VERBOSE: {message}");

    /// <inheritdoc/>
    public override void WriteDebugLine(string message) => WriteStyled(FormatStyle.Debug, $"DEBUG: {message}");

    /// <inheritdoc/>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_lock)
        {
            _progress?.Update(sourceId, record, Column, Terminal.Width);
        }
    }

    /// <summary>Takes progress off the screen until it is reported again.</summary>
    public void HideProgress()
    {
        lock (_lock)
        {
            _progress?.Hide();
        }
    }

    /// <summary>Forgets all progress; for when a pipeline has ended.</summary>
    public void ResetProgress()
    {
        lock (_lock)
        {
            _progress?.Reset();
        }
    }

    /// <summary>Another program wrote to the terminal: the column is taken to be the first, where programs leave it.</summary>
    public void ForgetColumn() => Column = 0;

    /// <inheritdoc/>
    public override string ReadLine()
    {
        RequireAnswers();
        if (!Terminal.CanEdit)
        {
            // Null at the end of the input, as in pwsh.
            return Console.In.ReadLine()!;
        }

        HideProgress();
        var line = new TerminalLineReader(Column).Read(new LineEditor(new LineHistory()), completer: null);
        Column = 0;
        return line.Outcome switch
        {
            LineOutcome.Submitted => line.Text,
            LineOutcome.EndOfInput => null!,
            _ => throw new PipelineStoppedException(),
        };
    }

    /// <inheritdoc/>
    public override SecureString ReadLineAsSecureString()
    {
        RequireAnswers();
        HideProgress();
        var secret = Terminal.CanEdit ? SecretReader.FromKeys() : SecretReader.FromLine(Console.In);
        Column = 0;
        return secret;
    }

    /// <inheritdoc/>
    public override Dictionary<string, PSObject?> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        RequireAnswers();
        return new FieldPrompt(this).Ask(caption, message, descriptions);
    }

    /// <inheritdoc/>
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequireAnswers();
        return new ChoicePrompt(this).Ask(caption, message, choices, defaultChoice);
    }

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
    {
        RequireAnswers();
        foreach (var text in (string[])[caption, message])
        {
            if (!string.IsNullOrEmpty(text))
            {
                WriteLine(text);
            }
        }

        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine();
        }

        Write($"Password for user {userName}: ");
        return new(userName, ReadLineAsSecureString());
    }

    private static string Coloured(ConsoleColor foreground, ConsoleColor background, string value)
    {
        // Black on whatever the terminal has is meant as no background: a light terminal would show dark boxes.
        var back = background == ConsoleColor.Black ? string.Empty : PSStyle.MapBackgroundColorToEscapeSequence(background);
        return $"{PSStyle.MapForegroundColorToEscapeSequence(foreground)}{back}{value}{PSStyle.Instance.Reset}";
    }

    private void WriteStyled(FormatStyle style, string text) =>
        WriteLine(Terminal.OutputUnderstandsSequences ? $"{GetFormatStyleString(style)}{text}{PSStyle.Instance.Reset}" : text);

    private void RequireAnswers()
    {
        if (!_interactive)
        {
            throw NonInteractive.Refusal();
        }
    }

    private void Track(string text)
    {
        if (Terminal.OutputUnderstandsSequences)
        {
            var line = text.LastIndexOf('\n');
            Column = ((line < 0 ? Column : 0) + CellWidth.OfDecorated(text[(line + 1)..])) % Terminal.Width;
        }
    }

    private sealed class ErrorsOnly : IDisposable
    {
        private readonly ShellUserInterface _owner;

        public ErrorsOnly(ShellUserInterface owner)
        {
            _owner = owner;
            _owner._errorsOnly = true;
        }

        public void Dispose() => _owner._errorsOnly = false;
    }
}
