using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>
/// A file that cannot be used as a volume. The message names the file and what is wrong with it; both may come from a hostile
/// file, so nothing in it acts on a terminal.
/// </summary>
public sealed class MriFileException : ScanException
{
    // Linux's PATH_MAX; no path of a file that exists is cut.
    internal const int MaxPathLength = 4096;

    /// <summary>Says that <paramref name="path"/> has a problem.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong, as the end of a sentence: "is truncated: …".</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public MriFileException(string path, string problem, Exception? innerException = null)
        : base(SafeText.ForTerminal(path, MaxPathLength), SafeText.ForTerminal(problem), innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>
    /// What <see cref="ScanException.IsFaultOfScan"/> calls a scan's fault, as one error that names the scan: lack of memory names nothing, and
    /// several threads may meet the same fault.
    /// </summary>
    /// <param name="identity">The scan that was worked on.</param>
    /// <param name="exception">What was thrown.</param>
    public static Exception Of(ScanIdentity identity, Exception exception)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(exception);
        Exception[] causes = exception is AggregateException several ? [.. several.Flatten().InnerExceptions] : [exception];
        var cause = causes.OfType<ScanException>().FirstOrDefault() ?? causes[0];
        return cause is OutOfMemoryException
            ? new MriFileException(identity.Path
                ?? identity.Name, "takes more memory than there is; it may fit when fewer scans are worked on at once.", cause)
            : cause;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong, as the end of a sentence; as it was given.</summary>
    internal string Problem { get; }
}
