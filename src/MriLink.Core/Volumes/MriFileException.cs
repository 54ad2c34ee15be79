namespace MriLink.Core.Volumes;

/// <summary>A file that cannot be used as a volume. The message names the file and what is wrong with it.</summary>
public sealed class MriFileException : IOException
{
    /// <summary>Says that <paramref name="path"/> has a problem.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong, as the end of a sentence: "is truncated: …".</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public MriFileException(string path, string problem, Exception? innerException = null)
        : base($"'{path}' {problem}", innerException)
    {
        Path = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }
}
