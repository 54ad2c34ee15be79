namespace MriLink.Commands;

/// <summary>A label or a path could not be made for one item.</summary>
public sealed class LabelException : Exception
{
    /// <summary>Says what went wrong and for which item.</summary>
    public LabelException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
