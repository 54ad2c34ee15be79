namespace MriLink.Core.Preprocessing.Engines;

/// <summary>An engine cannot be used on this machine as it is. The message says why and what to do about it.</summary>
public sealed class EngineUnavailableException : Exception
{
    /// <summary>Says why.</summary>
    /// <param name="problem">What is missing or wrong.</param>
    /// <param name="message">Whole sentences for the user.</param>
    /// <param name="innerException">What was thrown below, if anything.</param>
    public EngineUnavailableException(EngineProblem problem, string message, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>What is missing or wrong.</summary>
    public EngineProblem Problem { get; }
}
