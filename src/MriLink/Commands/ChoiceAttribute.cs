using System.Management.Automation;

namespace MriLink.Commands;

/// <summary>The values that a parameter takes, each with what it means: completion, help and the error for any other value say so.</summary>
/// <remarks>
/// In the place of ValidateSet, which knows names alone and hands on the letters' case as the user typed it. Here the name is handed on as
/// it is listed. Such parameters are bound as text: of an enumeration, the engine completes the names before it asks any completer, and nobody
/// learns what they mean.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ChoiceAttribute : ArgumentTransformationAttribute
{
    /// <summary>Lists the values.</summary>
    /// <param name="choices">Each as a name, a colon and its meaning: "Affine: 12 parameters".</param>
    public ChoiceAttribute(params string[] choices) =>
        Choices = [.. choices.Select(choice => choice.Split(": ", 2)).Select(parts => new KeyValuePair<string, string>(parts[0], parts[1]))];

    /// <summary>Names and meanings, in the order they are listed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Choices { get; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is object?[] several ? Array.ConvertAll(several, Find) : Find(inputData);

    private string Find(object? value)
    {
        var given = value?.ToString() ?? string.Empty;
        foreach (var (name, _) in Choices)
        {
            if (string.Equals(name, given, StringComparison.OrdinalIgnoreCase))
            {
                return name;
            }
        }

        throw new ArgumentTransformationMetadataException($"'{given}' is none of {string.Join(", ", Choices.Select(c => $"{c.Key} ({c.Value})"))}.");
    }
}
