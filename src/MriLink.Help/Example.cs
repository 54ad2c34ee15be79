namespace MriLink.Help;

/// <summary>An example of a cmdlet's use.</summary>
/// <param name="Title">What it does, one line.</param>
/// <param name="Code">What to type.</param>
/// <param name="Remarks">What comes of it.</param>
internal sealed record Example(string Title, string Code, string Remarks)
{
    private const string Fence = "```";

    /// <summary>Reads a Markdown file: for each example a heading, a fenced block of code, and text.</summary>
    public static IReadOnlyList<Example> ReadAll(string path)
    {
        var examples = new List<Example>();
        string? title = null;
        var (code, remarks, inCode) = (new List<string>(), new List<string>(), false);
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.StartsWith(Fence, StringComparison.Ordinal))
            {
                inCode = !inCode;
            }
            else if (!inCode && line.StartsWith("# ", StringComparison.Ordinal))
            {
                Finish();
                title = line[2..].Trim();
            }
            else
            {
                (inCode ? code : remarks).Add(line);
            }
        }

        Finish();
        return examples;

        void Finish()
        {
            if (title is not null)
            {
                examples.Add(new(title, string.Join('\n', code), string.Join('\n', remarks).Trim()));
            }

            code.Clear();
            remarks.Clear();
        }
    }
}
