namespace MriLink.Fuzz;

/// <summary>A valid volume to start from: its files, in memory.</summary>
/// <param name="Name">Where it comes from.</param>
/// <param name="Files">Names and contents.</param>
/// <param name="Main">The name of the file that is opened.</param>
internal sealed record Seed(string Name, IReadOnlyDictionary<string, byte[]> Files, string Main)
{
    /// <summary>Bytes of all files.</summary>
    public long Length => Files.Values.Sum(content => content.LongLength);
}
