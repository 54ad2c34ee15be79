using System.Globalization;
using System.Management.Automation.Language;
using System.Text;
using System.Text.RegularExpressions;

namespace MriLink.Shell.Tests;

/// <summary>README's session, copied line by line, does what README prints.</summary>
public sealed partial class ReadmeTests
{
    private const string Fence = "```";
    private const string Mark = "--- end of block ---";

    [Fact]
    public void The_session_works_as_printed()
    {
        var blocks = Read(Path.Combine(ShellProcess.RepositoryRoot, "README.md"));
        Assert.True(blocks.Count >= 3, "README has no session.");
        using var folder = new TemporaryFolder();
        var script = new StringBuilder("$ErrorActionPreference = 'Stop'\n");
        foreach (var block in blocks)
        {
            // At a prompt each statement is shown by itself, before the next one runs.
            foreach (var statement in Parser.ParseInput(block.Code, out _, out _).EndBlock.Statements)
            {
                script.Append(CultureInfo.InvariantCulture, $". {{ {statement.Extent.Text} }} | Out-Default\n");
            }

            script.Append(CultureInfo.InvariantCulture, $"'{Mark}' | Out-Default\n");
        }

        // Some twenty seconds of work on two cores, which may be busy with other tests.
        using var shell = ShellProcess.Start("-wd", folder.FullName, "-File", folder.Write("session.ps1", script.ToString()));
        var result = shell.WaitForEnd(TimeSpan.FromMinutes(4));

        Assert.Equal((0, string.Empty), (result.ExitCode, result.Errors));
        var printed = result.Output.Split(Mark)[..^1];
        Assert.Equal(blocks.Count, printed.Length);
        for (var i = 0; i < blocks.Count; i++)
        {
            AssertSame(Lines(blocks[i].Printed), Lines(printed[i]));
        }

        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(Path.Combine(folder.FullName, "audit.html")), StringComparison.Ordinal);
    }

    private static void AssertSame(string[] expected, string[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (line, (wanted, got)) in expected.Zip(actual).Index())
        {
            var (words, found) = (Words().Matches(wanted), Words().Matches(got));
            Assert.Equal(words.Select(w => Number(w.Value) is null ? w.Value : "#"), found.Select(w => Number(w.Value) is null ? w.Value : "#"));
            foreach (var (word, other) in words.Zip(found))
            {
                if (Number(word.Value) is { } number)
                {
                    // Sums differ in their last bits from processor to processor, as vectors of other widths add in another order:
                    // two of the last digit printed leaves room for that.
                    Assert.True(Math.Abs(number - Number(other.Value)!.Value) <= 2.01 * LastDigit(word.Value), $"Line {line + 1}: README has '{wanted}', and it prints '{got}'.");
                }
            }
        }
    }

    private static double? Number(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    // One in the last digit of 0.931 is 0.001, and of 2.4e-7 it is 1e-8.
    private static double LastDigit(string word)
    {
        var parts = word.Split('e');
        var decimals = parts[0].Split('.') is [_, var fraction] ? fraction.Length : 0;
        return Math.Pow(10, -decimals + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0));
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0)];

    // Blocks of PowerShell, each with the text block that follows it at once, if one does.
    private static List<(string Code, string Printed)> Read(string path)
    {
        var blocks = new List<(string Code, string Printed)>();
        var (kind, text) = (string.Empty, new StringBuilder());
        foreach (var line in File.ReadLines(path))
        {
            if (!line.StartsWith(Fence, StringComparison.Ordinal))
            {
                text.Append(line).Append('\n');
                continue;
            }

            if (kind is "powershell")
            {
                blocks.Add((text.ToString(), string.Empty));
            }
            else if (kind is "text")
            {
                Assert.Empty(blocks[^1].Printed);
                blocks[^1] = blocks[^1] with { Printed = text.ToString() };
            }

            kind = kind.Length > 0 ? string.Empty : line[Fence.Length..];
            text.Clear();
        }

        return blocks;
    }

    [GeneratedRegex(@"\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}
