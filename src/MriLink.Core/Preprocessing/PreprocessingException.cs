using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>A volume that could be read but holds nothing that preprocessing can work with.</summary>
public sealed class PreprocessingException : ScanException
{
    /// <summary>Says what is wrong with a scan.</summary>
    /// <param name="identity">The scan.</param>
    /// <param name="problem">The end of a sentence: "has the same intensity everywhere".</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public PreprocessingException(ScanIdentity identity, string problem, Exception? innerException = null)
        : base(SafeText.ForTerminal(identity?.Path ?? identity?.Name, MriFileException.MaxPathLength), $"{problem}.", innerException)
    {
    }
}
