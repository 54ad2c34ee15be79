using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace MriLink.Shell.Hosting;

/// <summary>Asks for values by name: mandatory parameters that were not given, above all.</summary>
internal sealed class FieldPrompt(PSHostUserInterface userInterface)
{
    private const string HelpRequest = "!?";

    /// <summary>Asks for each of <paramref name="fields"/>.</summary>
    /// <returns>The values by field name, of the types asked for.</returns>
    public Dictionary<string, PSObject?> Ask(string caption, string message, IReadOnlyList<FieldDescription> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        foreach (var text in (string[])[caption, message])
        {
            if (!string.IsNullOrEmpty(text))
            {
                userInterface.WriteLine(text);
            }
        }

        if (fields.Any(f => !string.IsNullOrEmpty(f.HelpMessage)))
        {
            userInterface.WriteLine($"(Type {HelpRequest} for help.)");
        }

        var answers = new Dictionary<string, PSObject?>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in fields)
        {
            var value = Ask(field);
            answers[field.Name] = value is null ? null : PSObject.AsPSObject(value);
        }

        return answers;
    }

    private object? Ask(FieldDescription field)
    {
        var label = field.Label.Replace("&", string.Empty, StringComparison.Ordinal) is { Length: > 0 } given ? given : field.Name;
        var type = Type.GetType(field.ParameterAssemblyFullName) ?? Type.GetType(field.ParameterTypeFullName) ?? typeof(string);
        if (type == typeof(PSCredential))
        {
            return userInterface.PromptForCredential(null!, null!, null!, string.Empty);
        }

        if (type != typeof(string) && typeof(IList).IsAssignableFrom(type))
        {
            return AskForList(field, label, type.IsArray ? type.GetElementType()! : typeof(object));
        }

        return AskForOne(field, label, type, endOnEmpty: false);
    }

    // One value a line; an empty line ends the list.
    private object[] AskForList(FieldDescription field, string label, Type type)
    {
        var values = new List<object>();
        while (AskForOne(field, $"{label}[{values.Count}]", type, endOnEmpty: true) is { } value)
        {
            values.Add(value);
        }

        return [.. values];
    }

    private object? AskForOne(FieldDescription field, string label, Type type, bool endOnEmpty)
    {
        while (true)
        {
            userInterface.Write($"{label}: ");
            if (type == typeof(SecureString))
            {
                var secret = userInterface.ReadLineAsSecureString();
                return endOnEmpty && secret.Length == 0 ? null : secret;
            }

            var line = userInterface.ReadLine() ?? throw EndOfAnswers.Error();
            if (endOnEmpty && line.Length == 0)
            {
                return null;
            }

            if (string.Equals(line, HelpRequest, StringComparison.Ordinal) && !string.IsNullOrEmpty(field.HelpMessage))
            {
                userInterface.WriteLine(field.HelpMessage);
            }
            else if (LanguagePrimitives.TryConvertTo(line, type, out var value))
            {
                return value;
            }
            else
            {
                userInterface.WriteErrorLine($"'{line}' is no {type.Name}.");
            }
        }
    }
}
