using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace MriLink.Help;

/// <summary>What the compiler kept of the comments on cmdlets and their parameters.</summary>
internal sealed partial class CommentReader
{
    private readonly Dictionary<string, XElement> _members;

    /// <summary>Reads the XML file that was written beside the assembly.</summary>
    public CommentReader(string path) =>
        _members = XDocument.Load(path).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, StringComparer.Ordinal);

    /// <summary>The one-line synopsis of a cmdlet, or null.</summary>
    public string? Synopsis(Type cmdlet) => Member($"T:{cmdlet.FullName}")?.Element("summary") is { } summary ? Text(summary) : null;

    /// <summary>The paragraphs of a cmdlet's description: its remarks.</summary>
    public IReadOnlyList<string> Description(Type cmdlet) =>
        [.. (Member($"T:{cmdlet.FullName}")?.Elements("remarks") ?? []).SelectMany(remarks => remarks.Elements("para").DefaultIfEmpty(remarks))
            .Select(Text)];

    /// <summary>The description of a parameter, or null.</summary>
    public string? Parameter(PropertyInfo property)
    {
        var summary = Member($"P:{property.DeclaringType!.FullName}.{property.Name}")?.Element("summary");
        return summary is null || Text(summary) is not { Length: > 0 } text ? null : text;
    }

    private XElement? Member(string name) => _members.GetValueOrDefault(name);

    // References to code become its names: Get-Help shows plain text.
    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.DescendantNodes())
        {
            if (node is XText words)
            {
                text.Append(words.Value);
            }
            else if (node is XElement { Name.LocalName: "see" or "paramref" } reference)
            {
                var name = (string?)reference.Attribute("cref") ?? (string?)reference.Attribute("langword") ?? (string?)reference.Attribute("name")
                    ?? string.Empty;
                text.Append(name[(name.LastIndexOfAny(['.', ':']) + 1)..]);
            }
        }

        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
