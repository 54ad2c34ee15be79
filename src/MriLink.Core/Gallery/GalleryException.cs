using MriLink.Core.Basics;

namespace MriLink.Core.Gallery;

/// <summary>
/// A gallery that cannot be used, or an entry of it. The message names the gallery and what is wrong, and nothing in it acts on a terminal.
/// </summary>
public sealed class GalleryException : IOException
{
    // Linux's PATH_MAX; no path of a file that exists is cut.
    private const int MaxNameLength = 4096;

    /// <summary>Says that a gallery has a problem.</summary>
    /// <param name="gallery">The gallery's name.</param>
    /// <param name="problem">What is wrong, as the end of a sentence: "is no gallery.".</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public GalleryException(string gallery, string problem, Exception? innerException = null)
        : base($"The gallery '{SafeText.ForTerminal(gallery, MaxNameLength)}' {SafeText.ForTerminal(problem, MaxNameLength)}", innerException)
    {
    }

    /// <summary>The entry that is at fault, when all others can be used; otherwise null.</summary>
    public long? EntryId { get; init; }
}
