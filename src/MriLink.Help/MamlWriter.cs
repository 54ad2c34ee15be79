using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;

namespace MriLink.Help;

/// <summary>Writes Microsoft's assistance markup (MAML, 2004/10) for cmdlets: what Get-Help shows.</summary>
internal sealed class MamlWriter(CommentReader comments, string exampleFolder)
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly HashSet<string> Common =
        [.. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters.Except(["WhatIf", "Confirm"], StringComparer.Ordinal)];

    // The engine adds these to what changes something; they are no properties with comments of ours.
    private static readonly Dictionary<string, string> Asking = new(StringComparer.Ordinal)
    {
        ["WhatIf"] = "Says what would be done, and does nothing.",
        ["Confirm"] = "Asks before anything is changed.",
    };

    private const string NextStep = "Next:";

    private static readonly string[] Topics = ["about_MriLink", "about_MriLink_Method", "about_MriLink_Statistics"];

    private readonly List<string> _problems = [];

    /// <summary>What is undocumented.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Writes one file for all cmdlets.</summary>
    public void Write(IEnumerable<CmdletInfo> cmdlets, string path)
    {
        XNamespace root = "http://msh";
        new XDocument(new XElement(root + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(Describe))).Save(path);
    }

    private XElement Describe(CmdletInfo cmdlet)
    {
        var type = cmdlet.ImplementingType;
        var synopsis = comments.Synopsis(type) ?? Missing($"{cmdlet.Name} has no synopsis.");
        var description = comments.Description(type);
        var examples = Example.ReadAll(Path.Combine(exampleFolder, $"{cmdlet.Name}.md"));
        if (examples.Count < 2)
        {
            Missing($"{cmdlet.Name} has {examples.Count} examples in {cmdlet.Name}.md, not two or more.");
        }

        var parameters = cmdlet.Parameters.Values.Where(p => !Common.Contains(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal).ToArray();
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "command", Command.NamespaceName),
            new XAttribute(XNamespace.Xmlns + "dev", Dev.NamespaceName),
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name),
                new XElement(Command + "verb", cmdlet.Verb),
                new XElement(Command + "noun", cmdlet.Noun),
                Paragraphs(Maml + "description", synopsis)),
            Paragraphs(Maml + "description", description.Count > 0 ? [.. description] : [synopsis]),
            new XElement(Command + "syntax", cmdlet.ParameterSets.Select(set => new XElement(
                Command + "syntaxItem",
                new XElement(Maml + "name", cmdlet.Name),
                set.Parameters.Where(p => !Common.Contains(p.Name))
                    .OrderBy(p => p.Position < 0 ? int.MaxValue : p.Position).ThenByDescending(p => p.IsMandatory)
                        .ThenBy(p => p.Name, StringComparer.Ordinal)
                    .Select(p => Parameter(cmdlet, cmdlet.Parameters[p.Name], p))))),
            new XElement(Command + "parameters", parameters.Select(p => Parameter(cmdlet, p, AnySet(cmdlet, p.Name)))),
            new XElement(Command + "inputTypes",
                PipelineTypes(cmdlet).Select(t => new XElement(Command + "inputType", TypeName(t), Paragraphs(Maml + "description", string.Empty)))),
            new XElement(Command + "returnValues",
                cmdlet.OutputType.Select(
                t => new XElement(Command + "returnValue", TypeName(t.Name), Paragraphs(Maml + "description", string.Empty)))),
            new XElement(Command + "examples", examples.Select((example, i) => new XElement(
                Command + "example",
                new XElement(Maml + "title", string.Create(CultureInfo.InvariantCulture, $"---------- Example {i + 1}: {example.Title} ----------")),
                new XElement(Dev + "code", example.Code),
                WithBlankLine(Paragraphs(Dev + "remarks", example.Remarks))))),
            new XElement(Command + "relatedLinks", Next(cmdlet).Concat(Topics).Select(topic =>
                new XElement(Maml + "navigationLink", new XElement(Maml + "linkText", topic), new XElement(Maml + "uri")))));
    }

    // The line "Next: …" before the first example.
    private string[] Next(CmdletInfo cmdlet)
    {
        var path = Path.Combine(exampleFolder, $"{cmdlet.Name}.md");
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith(NextStep, StringComparison.Ordinal)) : null;
        return line?[NextStep.Length..].Split(',', StringSplitOptions.TrimEntries)
            ?? [Missing($"{cmdlet.Name} has no line '{NextStep} …' in {cmdlet.Name}.md that says what comes after it.")];
    }

    private XElement Parameter(CmdletInfo cmdlet, ParameterMetadata parameter, CommandParameterInfo use)
    {
        var property = cmdlet.ImplementingType.GetProperty(parameter.Name);
        var text = Asking.GetValueOrDefault(parameter.Name) ?? comments.Parameter(property!)
            ?? Missing($"{cmdlet.Name} -{parameter.Name} has no description.");
        var pipeline = (use.ValueFromPipeline, use.ValueFromPipelineByPropertyName) switch
        {
            (true, true) => "True (ByValue, ByPropertyName)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        };
        var isSwitch = parameter.ParameterType == typeof(SwitchParameter);
        var typeName = Shown(parameter.ParameterType);
        var choices = Choices(parameter);
        return new XElement(
            Command + "parameter",
            new XAttribute("required", use.IsMandatory ? "true" : "false"),
            new XAttribute("variableLength", parameter.ParameterType.IsArray ? "true" : "false"),
            new XAttribute("globbing", parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any() ? "true" : "false"),
            new XAttribute("pipelineInput", pipeline),
            new XAttribute("position", use.Position < 0 ? "named" : use.Position.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
            new XElement(Maml + "name", parameter.Name),
            Paragraphs(Maml + "description", choices.Length > 0 ? [text, $"One of {string.Join(", ", choices.Select(c => $"{c.Name}{c.Meaning}"))}."]
                : [text]),
            isSwitch ? null : new XElement(
                Command + "parameterValue", new XAttribute("required", "true"),
                new XAttribute("variableLength", parameter.ParameterType.IsArray ? "true" : "false"), typeName),
            choices.Length > 0 ? new XElement(
                Command + "parameterValueGroup",
                choices.Select(c => new XElement(
                Command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), c.Name))) : null,
            TypeName(typeName),
            new XElement(Dev + "defaultValue", property is null ? "False" : DefaultOf(cmdlet, property)));
    }

    // What the property holds when nobody has set it; the number of processors is this machine's, not the user's.
    private static string DefaultOf(CmdletInfo cmdlet, PropertyInfo property)
    {
        if (string.Equals(property.Name, "ThrottleLimit", StringComparison.Ordinal))
        {
            return "The number of processors";
        }

        var value = property.GetValue(Activator.CreateInstance(cmdlet.ImplementingType));
        return value switch
        {
            null or Array { Length: 0 } or "" => "None",
            SwitchParameter => "False",
            Array array => string.Join(", ", array.Cast<object>()),
            ValueType when value.Equals(Activator.CreateInstance(value.GetType())) => "None",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "None",
        };
    }

    // The engine's own list of values, or the module's, which knows what each means.
    private static (string Name, string Meaning)[] Choices(ParameterMetadata parameter)
    {
        var explained = parameter.Attributes.Select(a => a.GetType().GetProperty("Choices")?.GetValue(a))
            .OfType<IReadOnlyList<KeyValuePair<string, string>>>().SelectMany(list => list).Select(c => (c.Key, $" ({c.Value})"));
        return [.. explained, .. parameter.Attributes.OfType<ValidateSetAttribute>().SelectMany(a => a.ValidValues).Select(v => (v, string.Empty))];
    }

    private static CommandParameterInfo AnySet(CmdletInfo cmdlet, string name) =>
        cmdlet.ParameterSets.OrderByDescending(s => s.IsDefault).SelectMany(s => s.Parameters)
            .First(p => string.Equals(p.Name, name, StringComparison.Ordinal));

    private static IEnumerable<string> PipelineTypes(CmdletInfo cmdlet) =>
        cmdlet.ParameterSets.SelectMany(s => s.Parameters).Where(p => p.ValueFromPipeline || p.ValueFromPipelineByPropertyName)
            .Select(p => p.ParameterType.FullName!).Distinct(StringComparer.Ordinal).DefaultIfEmpty("None");

    private static string Shown(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Shown(inner) : type.Name;

    private static XElement TypeName(string name) => new(Dev + "type", new XElement(Maml + "name", name), new XElement(Maml + "uri"));

    private static XElement Paragraphs(XName name, params string[] texts) =>
        new(name, texts.SelectMany(t => t.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            .Select(t => new XElement(Maml + "para", t.ReplaceLineEndings(" "))));

    // Get-Help puts nothing between an example and the next.
    private static XElement WithBlankLine(XElement remarks)
    {
        remarks.Add(new XElement(Maml + "para"));
        return remarks;
    }

    private string Missing(string problem)
    {
        if (!_problems.Contains(problem))
        {
            _problems.Add(problem);
        }

        return string.Empty;
    }
}
