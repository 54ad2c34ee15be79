using System.Management.Automation.Host;

namespace MriLink.Shell.Hosting;

/// <summary>The terminal's size, cursor and keys, with sensible answers where there is no terminal.</summary>
/// <param name="interactive">Whether keys may be read.</param>
internal sealed class ShellRawUserInterface(bool interactive) : PSHostRawUserInterface
{
    private static readonly (ConsoleModifiers Modifier, ControlKeyStates State)[] ModifierStates =
    [
        (ConsoleModifiers.Control, ControlKeyStates.LeftCtrlPressed),
        (ConsoleModifiers.Alt, ControlKeyStates.LeftAltPressed),
        (ConsoleModifiers.Shift, ControlKeyStates.ShiftPressed),
    ];

    // Terminals do not tell their colours; these are what scripts expect to find, and writing in them changes nothing.
    private ConsoleColor _foreground = ConsoleColor.Gray;
    private ConsoleColor _background = ConsoleColor.Black;
    private string _title = string.Empty;

    /// <inheritdoc/>
    public override ConsoleColor ForegroundColor
    {
        get => _foreground;
        set
        {
            _foreground = value;
            if (Terminal.OutputUnderstandsSequences && !Terminal.ColourRefused)
            {
                Console.ForegroundColor = value;
            }
        }
    }

    /// <inheritdoc/>
    public override ConsoleColor BackgroundColor
    {
        get => _background;
        set
        {
            _background = value;
            if (Terminal.OutputUnderstandsSequences && !Terminal.ColourRefused)
            {
                Console.BackgroundColor = value;
            }
        }
    }

    /// <inheritdoc/>
    public override Coordinates CursorPosition
    {
        get => Terminal.CanEdit && Console.GetCursorPosition() is var (left, top) ? new(left, top) : default;
        set
        {
            RequireTerminal();
            Console.SetCursorPosition(value.X, value.Y);
        }
    }

    /// <inheritdoc/>
    public override Coordinates WindowPosition
    {
        get => default;
        set => throw new PlatformNotSupportedException("This shell does not scroll the terminal.");
    }

    /// <inheritdoc/>
    public override int CursorSize
    {
        get => 25;
        set => throw new PlatformNotSupportedException("This shell does not change the cursor.");
    }

    /// <inheritdoc/>
    public override Size BufferSize
    {
        get => WindowSize;
        set => throw new PlatformNotSupportedException("This shell does not resize the terminal.");
    }

    /// <inheritdoc/>
    public override Size WindowSize
    {
        get => new(Terminal.Width, Terminal.Height);
        set => throw new PlatformNotSupportedException("This shell does not resize the terminal.");
    }

    /// <inheritdoc/>
    public override Size MaxWindowSize => WindowSize;

    /// <inheritdoc/>
    public override Size MaxPhysicalWindowSize => WindowSize;

    /// <inheritdoc/>
    public override bool KeyAvailable => Terminal.CanEdit && Console.KeyAvailable;

    /// <inheritdoc/>
    public override string WindowTitle
    {
        get => _title;
        set
        {
            _title = value;
            if (Terminal.OutputUnderstandsSequences)
            {
                Console.Title = value;
            }
        }
    }

    /// <inheritdoc/>
    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (!interactive)
        {
            throw NonInteractive.Refusal();
        }

        RequireTerminal();
        var key = Console.ReadKey(options.HasFlag(ReadKeyOptions.NoEcho));
        return new((int)key.Key, key.KeyChar, States(key.Modifiers), keyDown: true);
    }

    /// <inheritdoc/>
    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
        {
            Console.ReadKey(intercept: true);
        }
    }

    /// <inheritdoc/>
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // The one use that scripts make of it, Clear-Host among them: everything, blank.
        if (rectangle is not { Left: -1, Top: -1, Right: -1, Bottom: -1 })
        {
            throw new PlatformNotSupportedException("This shell writes no rectangles into the terminal.");
        }

        if (Terminal.OutputUnderstandsSequences)
        {
            Console.Clear();
        }
    }

    /// <inheritdoc/>
    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) =>
        throw new PlatformNotSupportedException("This shell writes no rectangles into the terminal.");

    /// <inheritdoc/>
    public override BufferCell[,] GetBufferContents(Rectangle rectangle) =>
        throw new PlatformNotSupportedException("A terminal does not tell what it shows.");

    /// <inheritdoc/>
    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new PlatformNotSupportedException("This shell does not scroll the terminal.");

    /// <inheritdoc/>
    public override int LengthInBufferCells(string source) => CellWidth.OfDecorated(source);

    /// <inheritdoc/>
    public override int LengthInBufferCells(string source, int offset)
    {
        ArgumentNullException.ThrowIfNull(source);
        return CellWidth.OfDecorated(source[offset..]);
    }

    /// <inheritdoc/>
    public override int LengthInBufferCells(char source) => CellWidth.Of([source]);

    private static void RequireTerminal()
    {
        if (!Terminal.CanEdit)
        {
            throw new InvalidOperationException("There is no terminal: standard input or output is redirected.");
        }
    }

    private static ControlKeyStates States(ConsoleModifiers modifiers)
    {
        ControlKeyStates states = default;
        foreach (var (modifier, state) in ModifierStates)
        {
            states |= modifiers.HasFlag(modifier) ? state : default;
        }

        return states;
    }
}
