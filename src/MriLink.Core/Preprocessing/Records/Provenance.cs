using System.Globalization;
using System.Reflection;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

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

        if (options.Contrast is null && ScanContrasts.NamedBy(scan.Identity) is { } named)
        {
            parameters["Input.NamedContrast"] = named.ToString();
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

    /// <summary>
    /// In what this was made otherwise than these options make a scan that comes without a brain mask: "Harmonization None, not ZScore".
    /// Empty where all is the same; how files were read and the tool's version are not looked at.
    /// </summary>
    public IReadOnlyList<string> DifferencesFrom(PreprocessOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var differences = new List<string>();
        Compare(nameof(Engine), Engine, options.Engine.ToString());
        if (!string.Equals(TemplateHash, options.Template.ContentHash, StringComparison.Ordinal))
        {
            differences.Add(string.Equals(Template, options.Template.Name, StringComparison.Ordinal) ? $"another {nameof(Template)} named {Template}"
                : $"{nameof(Template)} {Template}, not {options.Template.Name}");
        }

        if (BrainMaskHash is not null)
        {
            differences.Add("a BrainMask of the user's own");
        }

        var parameters = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        PlainValues.Collect(options, string.Empty, parameters);
        foreach (var (name, value) in parameters)
        {
            // A parameter that was not there yet did nothing, as one that is not given does nothing.
            Compare(name, Parameters.TryGetValue(name, out var own) ? own : value is null ? null : "unknown", value);
        }

        return differences;

        void Compare(string name, object? own, object? other)
        {
            // A spacing that was read off a grid has been calculated with.
            var same = own is double a && other is double b ? Math.Abs(a - b) <= 1e-9 * Math.Abs(b) : Equals(own, other);
            if (!same)
            {
                differences.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {own}, not {other}"));
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(Provenance? other) =>
        other is not null && string.Equals(ProvenanceJson.Write(this), ProvenanceJson.Write(other), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(InputHash, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Tool} {Version}, {Template}, input {InputHash}";
}
