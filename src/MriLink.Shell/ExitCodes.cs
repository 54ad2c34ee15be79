namespace MriLink.Shell;

/// <summary>What the process returns; the numbers are those of pwsh where it has one.</summary>
internal static class ExitCodes
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>A script ended by an error, a command's last statement failed, or the module could not be loaded.</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense: EX_USAGE of sysexits.h.</summary>
    public const int BadCommandLine = 64;

    /// <summary>What shells report for a program that a signal ended.</summary>
    public static int FromSignal(int number) => 128 + number;
}
