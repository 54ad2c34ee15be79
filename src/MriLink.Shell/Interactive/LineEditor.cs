using System.Globalization;

namespace MriLink.Shell.Interactive;

/// <summary>A line of text and a cursor in it, changed key by key. Knows nothing of a terminal.</summary>
/// <param name="history">The commands that the up and down keys go through.</param>
internal sealed class LineEditor(LineHistory history)
{
    private string _killed = string.Empty;

    /// <summary>The line so far; a command recalled from the history may hold several.</summary>
    public string Text { get; private set; } = string.Empty;

    /// <summary>The cursor: an index into <see cref="Text"/>, at its end at most.</summary>
    public int Cursor { get; private set; }

    /// <summary>Does what <paramref name="key"/> means.</summary>
    public LineOutcome Handle(ConsoleKeyInfo key)
    {
        // Alt+Ctrl is how AltGr arrives on some keyboards: its characters are typed, not commands.
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control) && !key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        var alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt) && !key.Modifiers.HasFlag(ConsoleModifiers.Control);
        return control ? HandleControl(key) : alt ? HandleAlt(key) : HandlePlain(key);
    }

    /// <summary>Puts <paramref name="text"/> where <paramref name="length"/> characters from <paramref name="start"/> were, and the cursor after it.</summary>
    public void Replace(int start, int length, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = string.Concat(Text.AsSpan(0, start), text, Text.AsSpan(start + length));
        Cursor = start + text.Length;
    }

    private LineOutcome HandlePlain(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return LineOutcome.Submitted;
            case ConsoleKey.Tab:
                return LineOutcome.Completing;
            case ConsoleKey.LeftArrow:
                Cursor = Before(Cursor);
                break;
            case ConsoleKey.RightArrow:
                Cursor = After(Cursor);
                break;
            case ConsoleKey.Home:
                Cursor = 0;
                break;
            case ConsoleKey.End:
                Cursor = Text.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(history.Previous(Text));
                break;
            case ConsoleKey.DownArrow:
                Recall(history.Next());
                break;
            case ConsoleKey.Backspace:
                Delete(Before(Cursor), Cursor);
                break;
            case ConsoleKey.Delete:
                Delete(Cursor, After(Cursor));
                break;
            case ConsoleKey.Escape:
                Delete(0, Text.Length);
                break;
            default:
                Type(key.KeyChar);
                break;
        }

        return LineOutcome.Editing;
    }

    private LineOutcome HandleControl(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.C:
                return LineOutcome.Cancelled;
            case ConsoleKey.D when Text.Length == 0:
                return LineOutcome.EndOfInput;
            case ConsoleKey.D:
                Delete(Cursor, After(Cursor));
                break;
            case ConsoleKey.J or ConsoleKey.M or ConsoleKey.Enter:
                return LineOutcome.Submitted;
            case ConsoleKey.I:
                return LineOutcome.Completing;
            case ConsoleKey.L:
                return LineOutcome.Clearing;
            case ConsoleKey.A:
                Cursor = 0;
                break;
            case ConsoleKey.E:
                Cursor = Text.Length;
                break;
            case ConsoleKey.B:
                Cursor = Before(Cursor);
                break;
            case ConsoleKey.F:
                Cursor = After(Cursor);
                break;
            case ConsoleKey.LeftArrow:
                Cursor = WordBefore(Cursor);
                break;
            case ConsoleKey.RightArrow:
                Cursor = WordAfter(Cursor);
                break;
            case ConsoleKey.P:
                Recall(history.Previous(Text));
                break;
            case ConsoleKey.N:
                Recall(history.Next());
                break;
            case ConsoleKey.H:
                Delete(Before(Cursor), Cursor);
                break;
            case ConsoleKey.U:
                Kill(0, Cursor);
                break;
            case ConsoleKey.K:
                Kill(Cursor, Text.Length);
                break;
            case ConsoleKey.W or ConsoleKey.Backspace:
                Kill(WordBefore(Cursor), Cursor);
                break;
            case ConsoleKey.Y:
                Replace(Cursor, 0, _killed);
                break;
        }

        return LineOutcome.Editing;
    }

    private LineOutcome HandleAlt(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.B or ConsoleKey.LeftArrow:
                Cursor = WordBefore(Cursor);
                break;
            case ConsoleKey.F or ConsoleKey.RightArrow:
                Cursor = WordAfter(Cursor);
                break;
            case ConsoleKey.D:
                Kill(Cursor, WordAfter(Cursor));
                break;
            case ConsoleKey.Backspace:
                Kill(WordBefore(Cursor), Cursor);
                break;
        }

        return LineOutcome.Editing;
    }

    private void Type(char character)
    {
        if (!char.IsControl(character))
        {
            Replace(Cursor, 0, character.ToString());
        }
    }

    private void Recall(string? line)
    {
        if (line is not null)
        {
            Text = line;
            Cursor = line.Length;
        }
    }

    private void Delete(int from, int to) => Replace(from, to - from, string.Empty);

    private void Kill(int from, int to)
    {
        if (to > from)
        {
            _killed = Text[from..to];
            Delete(from, to);
        }
    }

    private int After(int index) => index < Text.Length ? index + StringInfo.GetNextTextElementLength(Text, index) : index;

    // What the user sees as one character may be several; they can only be told apart from the start on.
    private int Before(int index)
    {
        var before = 0;
        for (var next = 0; next < index; next = After(next))
        {
            before = next;
        }

        return before;
    }

    private int WordBefore(int index)
    {
        while (index > 0 && char.IsWhiteSpace(Text[index - 1]))
        {
            index--;
        }

        while (index > 0 && !char.IsWhiteSpace(Text[index - 1]))
        {
            index--;
        }

        return index;
    }

    private int WordAfter(int index)
    {
        while (index < Text.Length && char.IsWhiteSpace(Text[index]))
        {
            index++;
        }

        while (index < Text.Length && !char.IsWhiteSpace(Text[index]))
        {
            index++;
        }

        return index;
    }
}
