using System.Reflection;

namespace MriLink.SimpleItk;

/// <summary>What an exception of the native library says, without the places in its sources that it says it from.</summary>
internal static class SimpleItkError
{
    private const int MostCharacters = 300;

    // "Exception thrown in SimpleITK Reader_Execute: /build/…/sitkReader.cxx:88:\nsitk::ERROR: The file …" and "…ITK ERROR: Reader(0x…): …".
    private static readonly string[] Marks = ["sitk::ERROR: ", "ITK ERROR: ", "ERROR: ", "Exception thrown in SimpleITK "];

    /// <summary>The message on one line, its end a phrase.</summary>
    public static string Text(Exception exception)
    {
        var cause = exception is TargetInvocationException or TypeInitializationException && exception.InnerException is { } inner ? inner
            : exception;
        var text = cause.Message;
        foreach (var mark in Marks)
        {
            var at = text.LastIndexOf(mark, StringComparison.Ordinal);
            if (at >= 0)
            {
                text = text[(at + mark.Length)..];
                break;
            }
        }

        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.', ' ');
        return line.Length == 0 ? cause.GetType().Name : line.Length <= MostCharacters ? line : string.Concat(line.AsSpan(0, MostCharacters), "…");
    }
}
