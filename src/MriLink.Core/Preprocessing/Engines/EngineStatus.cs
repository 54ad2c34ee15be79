using MriLink.Core.Basics;

namespace MriLink.Core.Preprocessing.Engines;

/// <summary>An engine as a user asks about it: there or not, and why not.</summary>
public sealed record EngineStatus
{
    /// <summary>The name that -Engine takes.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it can be used.</summary>
    public bool Available => Problem is null;

    /// <summary>Its version; null when it cannot be used.</summary>
    public string? Version { get; init; }

    /// <summary>The folder it was found in; null when there is none.</summary>
    public string? Path { get; init; }

    /// <summary>What it does, by the names of the steps.</summary>
    public required PlainList<string> Capabilities { get; init; }

    /// <summary>Why it cannot be used, and what to do; null when it can.</summary>
    public string? Problem { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Available ? $"{Name} {Version}" : $"{Name}, not available";
}
