namespace MriLink.Core.Basics;

/// <summary>One scan cannot be used; others can. The message names the scan and says what is wrong with it.</summary>
public abstract class ScanException : IOException
{
    /// <summary>Says which scan has which problem.</summary>
    /// <param name="scan">The file, or the scan's name where it has none; safe for a terminal.</param>
    /// <param name="reason">What is wrong, as the end of a sentence; safe for a terminal.</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    private protected ScanException(string scan, string reason, Exception? innerException)
        : base($"'{scan}' {reason}", innerException) => (Scan, Reason) = (scan, reason);

    /// <summary>The file, or the scan's name where it has none.</summary>
    public string Scan { get; }

    /// <summary>What is wrong, as the end of a sentence.</summary>
    public string Reason { get; }

    /// <summary>
    /// Whether an exception that working on one scan threw is that scan's fault, so that the others may go on: it says so itself, its
    /// file cannot be read, what it holds fits nowhere, or it is too large for the memory there is. Work on several threads may throw
    /// several at once. Anything else is a fault of the program or of the whole run, and must end it.
    /// </summary>
    public static bool IsFaultOfScan(Exception exception) => exception switch
    {
        AggregateException several => several.Flatten().InnerExceptions.All(IsFaultOfScan),
        ScanException or IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or InvalidOperationException
            or OutOfMemoryException => true,
        _ => false,
    };
}
