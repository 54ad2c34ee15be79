using System.Management.Automation;
using System.Management.Automation.Host;

namespace MriLink.Commands;

/// <summary>Hands a scheduler the exit code of a session, and leaves a window open in which somebody is typing.</summary>
internal static class SessionExit
{
    /// <summary>The exit code with which the session will end; in an interactive one, the value of $LASTEXITCODE.</summary>
    public static void Set(SessionState session, PSHost host, int code)
    {
        session.PSVariable.Set("global:LASTEXITCODE", code);
        if (!IsInteractive(host.Name, Environment.GetCommandLineArgs(), Console.IsInputRedirected))
        {
            host.SetShouldExit(code);
        }
    }

    /// <summary>
    /// Whether a person types commands into this session: pwsh without a script or command to run, or one that stays open after it.
    /// </summary>
    /// <param name="host">The host's name; of other hosts than pwsh nothing is known, and they decide themselves what an exit code means.</param>
    /// <param name="arguments">The process's command line, its program first.</param>
    /// <param name="redirected">Whether commands come from a file or a pipe.</param>
    internal static bool IsInteractive(string host, string[] arguments, bool redirected)
    {
        if (!string.Equals(host, "ConsoleHost", StringComparison.Ordinal))
        {
            return false;
        }

        // pwsh takes any beginning of these that is unambiguous, with one dash or two, or a slash.
        bool Given(string name, int least) => arguments.Skip(1).Select(a => a.TrimStart('-', '/')).Where((a, i) => a.Length < arguments[i + 1].Length)
            .Any(a => a.Length >= least && name.StartsWith(a, StringComparison.OrdinalIgnoreCase));
        var runs = redirected || Given("Command", 1) || Given("CommandWithArgs", 1) || Given("cwa", 3) || Given("File", 1)
            || Given("EncodedCommand", 1) || Given("ec", 2)
            || Given("NonInteractive", 4) || arguments.Skip(1).Any(a => a.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase));
        return Given("NoExit", 3) || !runs;
    }
}
