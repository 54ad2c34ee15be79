namespace MriLink.Core.Volumes;

/// <summary>What a scan is called: never its voxels.</summary>
/// <param name="Participant">Label of the person, as the user or the file name gives it.</param>
/// <param name="Session">Label of the visit (BIDS <c>ses-</c>), or null.</param>
/// <param name="Run">Label of the repetition within a visit (BIDS <c>run-</c>), or null.</param>
/// <param name="Path">Full path of the file, or null for a volume that never was one.</param>
public sealed record ScanIdentity(string Participant, string? Session = null, string? Run = null, string? Path = null)
{
    /// <summary>A short name for people: "12 ses-1 run-2".</summary>
    public string Name => string.Join(' ', new[]
    {
        Participant,
        Session is null ? null : $"ses-{Session}",
        Run is null ? null : $"run-{Run}",
    }.Where(part => part is not null));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
