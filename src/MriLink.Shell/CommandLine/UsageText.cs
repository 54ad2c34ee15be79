namespace MriLink.Shell.CommandLine;

/// <summary>What <c>-Help</c> shows.</summary>
internal static class UsageText
{
    /// <summary>Every parameter with a line about it.</summary>
    public const string Help = """
        A small PowerShell host with the MriLink module loaded.

        Usage: mrilink [[-File] <script> [<script arguments>]]
               mrilink [-Command <text> | -Command - | -EncodedCommand <base64>]
               mrilink [-CommandWithArgs <text> [<arguments for $args>]]

        Without any of these it prompts for commands, or runs standard input as a script when that is redirected.

          -File, -f <script> ...      Run a script; everything after it goes to the script.
          -Command, -c <text> ...     Run a command, joined from the rest of the line; "-" reads standard input.
          -CommandWithArgs, -cwa      Run a command with the rest of the line as its $args.
          -EncodedCommand, -e, -ec    Run a command given as Base64 of UTF-16LE text.
          -WorkingDirectory, -wd      Start in this folder.
          -NonInteractive             Never ask: a prompt is an error.
          -NoExit                     Prompt once the command or the script is done.
          -NoLogo                     Prompt without a line about the program.
          -NoProfile                  Accepted; there are no profiles.
          -ExecutionPolicy, -ep       As in pwsh: for this process, on Windows alone.
          -Version, -v                Show the version.
          -Help, -h, -?               Show this.

        Exit codes: 0 success, 1 failure, a script's own "exit" code, 64 for a wrong command line,
        130 after Ctrl+C and 143 after SIGTERM while a command or script runs.

        Only the core cmdlets of PowerShell are here, and no Utility or Management module:
        Get-ChildItem, Select-Object or ConvertTo-Json need pwsh, which can import the same MriLink module.

        """;
}
