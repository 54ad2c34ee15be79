namespace MriLink.Shell.Interactive;

/// <summary>What may stand at the cursor.</summary>
/// <param name="Start">Where the replaced part of the line starts.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Common">The beginning that all the texts share; the text itself if there is one.</param>
/// <param name="Labels">The texts as a list shows them.</param>
internal sealed record Completion(int Start, int Length, string Common, IReadOnlyList<string> Labels)
{
    /// <summary>Whether putting <see cref="Common"/> in place gets the user any further.</summary>
    public bool Advances(string line) =>
        Labels.Count == 1 || (Common.Length >= Length && !string.Equals(Common, line.Substring(Start, Length), StringComparison.OrdinalIgnoreCase));
}
