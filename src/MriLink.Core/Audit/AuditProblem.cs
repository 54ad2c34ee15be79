using System.Text.Json.Serialization;
using MriLink.Core.Basics;

namespace MriLink.Core.Audit;

/// <summary>Something that an audit could not check.</summary>
public sealed record AuditProblem
{
    // Linux's PATH_MAX; no path of a file that exists is cut.
    private const int MaxLength = 4096;

    /// <summary>Names a problem; nothing in it acts on a terminal, whatever files are called and say.</summary>
    /// <param name="path">The file; its pseudonym where the gallery is pseudonymised; the gallery where that is at fault.</param>
    /// <param name="problem">Why it could not be checked.</param>
    public AuditProblem(string path, string problem) =>
        (Path, Problem) = (SafeText.ForTerminal(path, MaxLength), SafeText.ForTerminal(problem, MaxLength));

    /// <summary>The file, or the gallery; a pseudonym where the gallery is pseudonymised.</summary>
    public string Path { get; }

    /// <summary>Why it could not be checked.</summary>
    public string Problem { get; }

    /// <summary>The gallery's entry that is at fault, if any.</summary>
    [JsonIgnore]
    internal long? EntryId { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Problem}";
}
