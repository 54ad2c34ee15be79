using System.Runtime.InteropServices;

namespace MriLink.Shell.Hosting;

/// <summary>What the standard streams are connected to, found once at start.</summary>
internal static class Terminal
{
    private static readonly bool Understands = !IsDumb() && (!OperatingSystem.IsWindows() || WindowsConsole.TryEnableSequences());

    /// <summary>Whether standard output is a terminal that understands escape sequences.</summary>
    public static bool OutputUnderstandsSequences { get; } = Understands && !Console.IsOutputRedirected;

    /// <summary>Whether standard error is a terminal that understands escape sequences.</summary>
    public static bool ErrorUnderstandsSequences { get; } = Understands && !Console.IsErrorRedirected;

    /// <summary>Whether lines can be edited in place.</summary>
    public static bool CanEdit { get; } = OutputUnderstandsSequences && !Console.IsInputRedirected;

    /// <summary>Whether the user asked for no colours, by NO_COLOR (see no-color.org) or by a terminal type without them.</summary>
    public static bool ColourRefused { get; } =
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        || Environment.GetEnvironmentVariable("TERM") is "xterm-mono" or "xtermm";

    /// <summary>Columns of the terminal; 120 where there is none, as in pwsh.</summary>
    public static int Width => Size(() => Console.WindowWidth, 120);

    /// <summary>Rows of the terminal.</summary>
    public static int Height => Size(() => Console.WindowHeight, 30);

    private static bool IsDumb() => string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.Ordinal);

    // Terminals of build services say that they have no columns at all.
    private static int Size(Func<int> ask, int otherwise)
    {
        if (Console.IsOutputRedirected)
        {
            return otherwise;
        }

        try
        {
            return ask() is > 0 and var size ? size : otherwise;
        }
        catch (IOException)
        {
            return otherwise;
        }
    }

    /// <summary>Consoles of Windows understand escape sequences only when asked to.</summary>
    private static class WindowsConsole
    {
        private const int StandardOutput = -11;
        private const uint VirtualTerminalProcessing = 4;

        public static bool TryEnableSequences()
        {
            var console = GetStdHandle(StandardOutput);
            return GetConsoleMode(console, out var mode)
                && ((mode & VirtualTerminalProcessing) != 0 || SetConsoleMode(console, mode | VirtualTerminalProcessing));
        }

        [DllImport("kernel32.dll", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern nint GetStdHandle(int which);

        [DllImport("kernel32.dll", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static extern bool GetConsoleMode(nint console, out uint mode);

        [DllImport("kernel32.dll", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static extern bool SetConsoleMode(nint console, uint mode);
    }
}
