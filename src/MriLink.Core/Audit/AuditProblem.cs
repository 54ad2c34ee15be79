namespace MriLink.Core.Audit;

/// <summary>Something that an audit could not check.</summary>
/// <param name="Path">The file.</param>
/// <param name="Problem">Why not.</param>
public sealed record AuditProblem(string Path, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Problem}";
}
