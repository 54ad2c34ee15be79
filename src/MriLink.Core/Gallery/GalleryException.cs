namespace MriLink.Core.Gallery;

/// <summary>A gallery that cannot be used, or an entry of it. The message names the gallery and what is wrong.</summary>
public sealed class GalleryException : IOException
{
    /// <summary>Says that a gallery has a problem.</summary>
    /// <param name="gallery">The gallery's name.</param>
    /// <param name="problem">What is wrong, as the end of a sentence: "is no gallery.".</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public GalleryException(string gallery, string problem, Exception? innerException = null)
        : base($"The gallery '{gallery}' {problem}", innerException)
    {
    }
}
