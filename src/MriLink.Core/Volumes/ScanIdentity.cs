namespace MriLink.Core.Volumes;

/// <summary>What a scan is called: never its voxels.</summary>
/// <param name="Participant">Label of the person, as the user or the file name gives it.</param>
/// <param name="Session">Label of the visit (BIDS <c>ses-</c>), or null.</param>
/// <param name="Run">Label of the repetition within a visit (BIDS <c>run-</c>), or null.</param>
/// <param name="Path">Full path of the file, or null for a volume that never was one.</param>
public sealed record ScanIdentity(string Participant, string? Session = null, string? Run = null, string? Path = null)
{
    /// <summary>What makes tissues bright, "T1w" unless preprocessing found otherwise.</summary>
    public string Contrast => Kind.ToString();

    /// <summary><see cref="Contrast"/>.</summary>
    internal MriContrast Kind { get; init; }

    /// <summary>A short name for people: "12 ses-1 run-2", and the contrast where it is not the usual one.</summary>
    public string Name => string.Join(' ', new[]
    {
        Participant,
        Session is null ? null : $"ses-{Session}",
        Run is null ? null : $"run-{Run}",
        Kind == MriContrast.T1w ? null : Contrast,
    }.Where(part => part is not null));

    /// <summary>The same scan with a contrast by its name; as it is where none is given.</summary>
    /// <exception cref="FormatException">There is no such contrast.</exception>
    public ScanIdentity OfContrast(string? name) => name is null ? this
        : Enum.TryParse<MriContrast>(name, ignoreCase: true, out var kind) && Enum.IsDefined(kind) ? this with { Kind = kind }
        : throw new FormatException($"There is no contrast '{name}'.");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
