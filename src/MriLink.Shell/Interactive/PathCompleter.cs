using System.Management.Automation.Language;

namespace MriLink.Shell.Interactive;

/// <summary>Completes paths, which the engine can only do with cmdlets of the Management module.</summary>
internal static class PathCompleter
{
    // What ends a bare word or means something in it.
    private static readonly System.Buffers.SearchValues<char> NeedsQuotes = System.Buffers.SearchValues.Create(" \t'\"`$;,|&<>(){}[]@#");

    private static readonly System.Buffers.SearchValues<char> BeforeWord = System.Buffers.SearchValues.Create("(,=>");

    /// <summary>Completes the word that ends at <paramref name="cursor"/> as a path.</summary>
    /// <param name="line">What was typed.</param>
    /// <param name="cursor">Where the word ends.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    /// <returns>Null if no file or folder fits.</returns>
    public static Completion? Complete(string line, int cursor, string folder)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (Word(line[..cursor]) is not var (start, word, quoted))
        {
            return null;
        }

        var name = word[(word.LastIndexOfAny(['/', Path.DirectorySeparatorChar]) + 1)..];
        var parent = word[..^name.Length];
        var entries = Entries(Path.Combine(folder, ExpandHome(parent)), name);
        if (entries.Count == 0)
        {
            return null;
        }

        quoted |= entries.Exists(e => (parent + e).AsSpan().ContainsAny(NeedsQuotes));
        var texts = entries.ConvertAll(e => quoted ? $"'{CodeGeneration.EscapeSingleQuotedStringContent(parent + e)}'" : parent + e);
        return new(start, cursor - start, Completer.CommonStart(texts), entries);
    }

    // Where the word starts, what it means, and whether it stands in quotes; null if no path can stand there.
    private static (int Start, string Word, bool Quoted)? Word(string before)
    {
        Parser.ParseInput(before, out var tokens, out _);
        var last = Array.FindLast(tokens, t => t.Kind != TokenKind.EndOfInput && t.Extent.EndOffset == before.Length);
        var start = last?.Extent.StartOffset ?? before.Length;
        if (start == 0 || !(char.IsWhiteSpace(before[start - 1]) || BeforeWord.Contains(before[start - 1])))
        {
            // A command's name, or a member after its dot: the engine knows those, and found none.
            return null;
        }

        return last switch
        {
            null => (start, string.Empty, false),
            StringToken { Kind: TokenKind.StringLiteral or TokenKind.StringExpandable } text => (start, text.Value, true),
            StringToken text => (start, text.Value, false),
            { Kind: TokenKind.Identifier or TokenKind.Generic or TokenKind.Number or TokenKind.Dot or TokenKind.DotDot } => (start, last.Text, false),
            _ when last.TokenFlags.HasFlag(TokenFlags.Keyword) => (start, last.Text, false),
            _ => null,
        };
    }

    private static string ExpandHome(string path) => path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
        : path;

    private static List<string> Entries(string parent, string start)
    {
        // Hidden files only for who types their dot.
        var options = new EnumerationOptions
        {
            IgnoreInaccessible = true,
            AttributesToSkip = start.StartsWith('.') ? FileAttributes.None : FileAttributes.Hidden,
        };
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        try
        {
            return [.. new DirectoryInfo(parent).EnumerateFileSystemInfos("*", options)
                .Where(e => e.Name.StartsWith(start, comparison))
                .Select(e => e is DirectoryInfo ? $"{e.Name}/" : e.Name)
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No such folder, or a closed one: nothing to offer.
            return [];
        }
    }
}
