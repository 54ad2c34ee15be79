using System.Text;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Interactive;

/// <summary>Reads a line from the keyboard and shows it as it is edited, below and after a prompt already on the screen.</summary>
/// <param name="column">The column that the prompt ended in.</param>
internal sealed class TerminalLineReader(int column)
{
    private int _column = column;
    private int _row;

    /// <summary>Reads until the line is submitted, cancelled or the input ends.</summary>
    /// <param name="editor">The line, possibly with text already.</param>
    /// <param name="completer">Completes words on Tab; null if nothing does.</param>
    /// <param name="prompt">Written again after the screen was cleared or a list was shown.</param>
    public (LineOutcome Outcome, string Text) Read(LineEditor editor, Completer? completer, string prompt = "")
    {
        ArgumentNullException.ThrowIfNull(editor);
        Console.TreatControlCAsInput = true;
        try
        {
            while (true)
            {
                // A pasted text is drawn once, not key by key.
                if (!Console.KeyAvailable)
                {
                    Draw(editor.Text, editor.Cursor);
                }

                var outcome = editor.Handle(Console.ReadKey(intercept: true));
                switch (outcome)
                {
                    case LineOutcome.Submitted or LineOutcome.Cancelled or LineOutcome.EndOfInput:
                        Draw(editor.Text, editor.Text.Length);
                        Console.Out.WriteLine(outcome == LineOutcome.Cancelled ? "^C" : string.Empty);
                        return (outcome, editor.Text);
                    case LineOutcome.Clearing:
                        Console.Out.Write("\e[H\e[2J");
                        Restart(prompt);
                        break;
                    case LineOutcome.Completing when completer is not null:
                        Complete(editor, completer, prompt);
                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private void Complete(LineEditor editor, Completer completer, string prompt)
    {
        if (completer.Complete(editor.Text, editor.Cursor) is not { } completion)
        {
            return;
        }

        if (completion.Advances(editor.Text))
        {
            editor.Replace(completion.Start, completion.Length, completion.Common);
            return;
        }

        Draw(editor.Text, editor.Text.Length);
        Console.Out.WriteLine();
        Console.Out.Write(Columns.Arrange(completion.Labels, Terminal.Width, Terminal.Height));
        Restart(prompt);
    }

    // The prompt again on a line of its own; what was edited is drawn after it.
    private void Restart(string prompt)
    {
        Console.Out.Write(PromptText(prompt));
        var lastLine = prompt[(prompt.LastIndexOf('\n') + 1)..];
        (_column, _row) = (CellWidth.OfDecorated(lastLine) % Terminal.Width, 0);
    }

    private static string PromptText(string prompt) =>
        System.Management.Automation.Host.PSHostUserInterface.GetOutputString(prompt, supportsVirtualTerminal: true);

    private void Draw(string text, int cursor)
    {
        var width = Terminal.Width;
        var end = LineLayout.Place(text, _column, width);
        var place = LineLayout.Place(text.AsSpan(0, cursor), _column, width);
        var screen = new StringBuilder("\e[?25l");
        MoveUp(screen, _row);
        MoveTo(screen, _column);
        screen.Append(LineLayout.ToScreen(text));
        if (end.Column == 0 && text.Length > 0 && text[^1] != '\n')
        {
            // The terminal wraps only when the next character comes.
            screen.Append("\r\n");
        }

        screen.Append("\e[J");
        MoveUp(screen, end.Row - place.Row);
        MoveTo(screen, place.Column);
        Console.Out.Write(screen.Append("\e[?25h").ToString());
        _row = place.Row;
    }

    private static void MoveUp(StringBuilder screen, int rows)
    {
        if (rows > 0)
        {
            screen.Append("\e[").Append(rows).Append('A');
        }
    }

    private static void MoveTo(StringBuilder screen, int column)
    {
        screen.Append('\r');
        if (column > 0)
        {
            screen.Append("\e[").Append(column).Append('C');
        }
    }
}
