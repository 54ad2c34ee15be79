using MriLink.Core.Basics;

namespace MriLink.Core.Preprocessing.Engines;

/// <summary>An engine failed at its work. Says what the engine said, not for which scan: whoever asked knows.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Says what happened.</summary>
    /// <param name="problem">A phrase without a full stop; may come from a library that quotes a hostile file, so nothing in it acts on a
    /// terminal.</param>
    /// <param name="innerException">What the library threw.</param>
    public EngineException(string problem, Exception? innerException = null)
        : base(SafeText.ForTerminal(problem), innerException)
    {
    }
}
