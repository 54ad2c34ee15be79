using MriLink.Shell.Interactive;

namespace MriLink.Shell.Tests;

public sealed class LineEditorTests
{
    private readonly LineHistory _history = new();
    private readonly LineEditor _editor;

    public LineEditorTests() => _editor = new(_history);

    [Fact]
    public void Typing_goes_where_the_cursor_is()
    {
        Type("Gt-Module");
        Press(ConsoleKey.Home);
        Press(ConsoleKey.RightArrow);
        Type("e");

        Assert.Equal(("Get-Module", 2), (_editor.Text, _editor.Cursor));
    }

    [Fact]
    public void Deleting_takes_whole_characters_as_the_user_sees_them()
    {
        // An emoji of two UTF-16 units and a letter with a combining accent.
        Type("a😀e\u0301");

        Press(ConsoleKey.Backspace);
        Assert.Equal("a😀", _editor.Text);
        Press(ConsoleKey.LeftArrow);
        Assert.Equal(1, _editor.Cursor);
        Press(ConsoleKey.Delete);
        Assert.Equal("a", _editor.Text);
        Press(ConsoleKey.Delete);
        Assert.Equal("a", _editor.Text);
    }

    [Fact]
    public void Control_keys_move_and_kill_as_in_other_shells()
    {
        Type("Find-MriMatch -Probe  $p");
        Control(ConsoleKey.W);
        Assert.Equal("Find-MriMatch -Probe  ", _editor.Text);
        Control(ConsoleKey.W);
        Assert.Equal("Find-MriMatch ", _editor.Text);
        Control(ConsoleKey.Y);
        Assert.Equal("Find-MriMatch -Probe  ", _editor.Text);
        Control(ConsoleKey.A);
        Assert.Equal(0, _editor.Cursor);
        Control(ConsoleKey.RightArrow);
        Assert.Equal("Find-MriMatch".Length, _editor.Cursor);
        Control(ConsoleKey.K);
        Assert.Equal("Find-MriMatch", _editor.Text);
        Control(ConsoleKey.B);
        Control(ConsoleKey.U);
        Assert.Equal(("h", 0), (_editor.Text, _editor.Cursor));
        Control(ConsoleKey.E);
        Assert.Equal(1, _editor.Cursor);
        Press(ConsoleKey.Escape);
        Assert.Empty(_editor.Text);
    }

    [Fact]
    public void Up_and_down_go_through_the_history_and_back_to_the_line_begun()
    {
        _history.Add("first");
        _history.Add("second");
        _history.Add("second");
        _history.Add("  ");
        Type("beg");

        Assert.Equal(["second", "first", "first"], Enumerable.Range(0, 3).Select(_ => Recall(ConsoleKey.UpArrow)));
        Assert.Equal(5, _editor.Cursor);
        Assert.Equal(["second", "beg", "beg"], Enumerable.Range(0, 3).Select(_ => Recall(ConsoleKey.DownArrow)));

        string Recall(ConsoleKey key)
        {
            Press(key);
            return _editor.Text;
        }
    }

    [Fact]
    public void Keys_that_end_or_interrupt_editing_say_so()
    {
        Assert.Equal(LineOutcome.EndOfInput, Control(ConsoleKey.D));
        Type("ab");
        Press(ConsoleKey.Home);
        Assert.Equal(LineOutcome.Editing, Control(ConsoleKey.D));
        Assert.Equal("b", _editor.Text);
        Assert.Equal(LineOutcome.Cancelled, Control(ConsoleKey.C));
        Assert.Equal(LineOutcome.Completing, Press(ConsoleKey.Tab));
        Assert.Equal(LineOutcome.Clearing, Control(ConsoleKey.L));
        Assert.Equal(LineOutcome.Submitted, Press(ConsoleKey.Enter));
        Assert.Equal("b", _editor.Text);
    }

    [Fact]
    public void Keys_without_a_meaning_type_nothing_and_AltGr_types_its_character()
    {
        Press(ConsoleKey.F5);
        Control(ConsoleKey.Q);
        _editor.Handle(new('{', ConsoleKey.D7, shift: false, alt: true, control: true));

        Assert.Equal("{", _editor.Text);
    }

    [Theory]
    [InlineData("abc", 4, 10, 0, 7)]
    [InlineData("abcdef", 4, 10, 1, 0)]
    [InlineData("abcdefg", 4, 10, 1, 1)]
    [InlineData("abcde漢", 4, 10, 1, 2)]
    [InlineData("a\nbc", 4, 10, 1, 2)]
    [InlineData("e\u0301", 4, 10, 0, 5)]
    public void A_line_wraps_where_the_terminal_does(string text, int start, int width, int row, int column) =>
        Assert.Equal((row, column), LineLayout.Place(text, start, width));

    private LineOutcome Press(ConsoleKey key) => _editor.Handle(new('\0', key, shift: false, alt: false, control: false));

    private LineOutcome Control(ConsoleKey key) => _editor.Handle(new('\0', key, shift: false, alt: false, control: true));

    private void Type(string text)
    {
        foreach (var character in text)
        {
            _editor.Handle(new(character, default, shift: false, alt: false, control: false));
        }
    }
}
