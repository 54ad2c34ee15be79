using System.Management.Automation;

namespace MriLink.Shell.Hosting;

/// <summary>Standard input ended before a question was answered.</summary>
internal static class EndOfAnswers
{
    /// <summary>The error that ends the command which asked.</summary>
    public static PSInvalidOperationException Error() => new("Standard input ended before the question was answered.");
}
