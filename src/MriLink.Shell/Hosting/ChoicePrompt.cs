using System.Globalization;
using System.Management.Automation.Host;
using System.Text;

namespace MriLink.Shell.Hosting;

/// <summary>Asks for one of several choices, "[Y] Yes  [N] No" fashion.</summary>
internal sealed class ChoicePrompt(PSHostUserInterface userInterface)
{
    /// <summary>Asks until one of <paramref name="choices"/> is chosen.</summary>
    /// <returns>Its index.</returns>
    public int Ask(string caption, string message, IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        ArgumentNullException.ThrowIfNull(choices);
        foreach (var text in (string[])[caption, message])
        {
            if (!string.IsNullOrEmpty(text))
            {
                userInterface.WriteLine(text);
            }
        }

        var line = Line(choices, defaultChoice);
        while (true)
        {
            userInterface.Write(line);
            var answer = userInterface.ReadLine() ?? throw EndOfAnswers.Error();
            if (Choose(answer.Trim(), choices, defaultChoice) is { } choice)
            {
                return choice;
            }

            if (string.Equals(answer.Trim(), "?", StringComparison.Ordinal))
            {
                foreach (var each in choices)
                {
                    userInterface.WriteLine($"{Key(each) ?? Label(each)} - {each.HelpMessage}");
                }
            }
        }
    }

    /// <summary>The choice that <paramref name="answer"/> names by its key or its label; the default for an empty answer.</summary>
    internal static int? Choose(string answer, IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        if (answer.Length == 0)
        {
            return defaultChoice >= 0 ? defaultChoice : null;
        }

        for (var i = 0; i < choices.Count; i++)
        {
            if (string.Equals(answer, Key(choices[i]), StringComparison.OrdinalIgnoreCase)
                || string.Equals(answer, Label(choices[i]), StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return null;
    }

    /// <summary>All choices and the default on one line.</summary>
    internal static string Line(IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        var line = new StringBuilder();
        foreach (var choice in choices)
        {
            line.Append(CultureInfo.InvariantCulture, $"[{Key(choice) ?? Label(choice)}] {Label(choice)}  ");
        }

        line.Append("[?] Help");
        if (defaultChoice >= 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" (default is \"{Key(choices[defaultChoice]) ?? Label(choices[defaultChoice])}\")");
        }

        return line.Append(": ").ToString();
    }

    // The letter after the ampersand.
    private static string? Key(ChoiceDescription choice) =>
        choice.Label.IndexOf('&', StringComparison.Ordinal) is var at && at >= 0 && at + 1 < choice.Label.Length
            ? choice.Label[at + 1].ToString().ToUpperInvariant()
            : null;

    private static string Label(ChoiceDescription choice) => choice.Label.Replace("&", string.Empty, StringComparison.Ordinal);
}
