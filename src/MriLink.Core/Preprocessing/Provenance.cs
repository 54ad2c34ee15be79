using System.Reflection;
using MriLink.Core.Engines;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>What a preprocessed volume was made from, by what, and how: enough to make it again. Holds no name and no path.</summary>
public sealed record Provenance
{
    /// <summary>The tool.</summary>
    public string Tool { get; init; } = "MriLink";

    /// <summary>The tool's version, with the revision it was built from where that is known.</summary>
    public string Version { get; init; } = ToolVersion;

    /// <summary>Who corrected the bias field, registered and resampled: "BuiltIn", or another engine with its version.</summary>
    public string Engine { get; init; } = PreprocessingEngine.BuiltIn.ToString();

    /// <summary>The name of the template.</summary>
    public required string Template { get; init; }

    /// <summary>The template's content: its head's hash and its mask's (<see cref="ContentHash"/>).</summary>
    public required string TemplateHash { get; init; }

    /// <summary>The scan's content: of its files where it has any, otherwise of its voxels (<see cref="ContentHash"/>).</summary>
    public required string InputHash { get; init; }

    /// <summary>The content of the brain mask that the user gave, or null.</summary>
    public string? BrainMaskHash { get; init; }

    /// <summary>Every parameter by name: numbers, texts and truth values. Those of reading begin with "Input.".</summary>
    public required IReadOnlyDictionary<string, object?> Parameters { get; init; }

    /// <summary>The version of this library.</summary>
    public static string ToolVersion { get; } =
        typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? typeof(Provenance).Assembly.GetName().Version!.ToString();

    /// <summary>The provenance of what these options make of a scan.</summary>
    /// <param name="options">The options.</param>
    /// <param name="scan">The scan.</param>
    /// <param name="native">Its voxels; only asked for when the scan has no files.</param>
    /// <param name="brainMask">The user's brain mask, if any.</param>
    /// <param name="cancellationToken">Obeyed while files are read.</param>
    /// <exception cref="MriFileException">The scan's files cannot be read.</exception>
    public static Provenance Of(PreprocessOptions options, MriVolume scan, Func<Volume> native, Mask? brainMask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scan);
        ArgumentNullException.ThrowIfNull(native);
        var parameters = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        PlainValues.Collect(options, string.Empty, parameters);
        if (scan.FileContent is { } file)
        {
            PlainValues.Collect(file.ReadOptions, "Input.", parameters);
        }

        return new()
        {
            Engine = options.Engine.ToString(),
            Template = options.Template.Name,
            TemplateHash = options.Template.ContentHash,
            InputHash = scan.FileContent?.HashContent(cancellationToken) ?? ContentHash.Of(native()),
            BrainMaskHash = brainMask is null ? null : ContentHash.Of(brainMask),
            Parameters = parameters,
        };
    }

    /// <inheritdoc/>
    public bool Equals(Provenance? other) =>
        other is not null && string.Equals(ProvenanceJson.Write(this), ProvenanceJson.Write(other), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(InputHash, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Tool} {Version}, {Template}, input {InputHash}";
}
