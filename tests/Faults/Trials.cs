namespace MriLink.Faults;

/// <summary>
/// How often each fault is tried: a few times in a run of the suite, and as often as docs/reliability.md says when MRILINK_FAULTS is "full".
/// </summary>
internal static class Trials
{
    private static readonly bool Full =
        string.Equals(Environment.GetEnvironmentVariable("MRILINK_FAULTS"), "full", StringComparison.OrdinalIgnoreCase);

    public static int Kills => Full ? 100 : 5;

    public static int PowerCuts => Full ? 20 : 2;

    public static int Signatures => Full ? 20_000 : 1_000;

    public static int Rows => Full ? 5_000 : 300;

    public static int Records => Full ? 5_000 : 500;

    public static int Writers => 4;

    public static int WriterRounds => Full ? 10 : 1;

    public static int DiskSizes => Full ? 12 : 3;

    public static int ServerKills => Full ? 10 : 1;
}
