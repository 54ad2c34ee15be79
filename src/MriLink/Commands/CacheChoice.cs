using System.Management.Automation;
using MriLink.Core.Preprocessing.Records;

namespace MriLink.Commands;

/// <summary>What -CachePath means, wherever it is taken.</summary>
internal static class CacheChoice
{
    /// <summary>The cache in a folder, or null without one; an error that ends the cmdlet when it cannot be used.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="given">Its -CachePath.</param>
    public static PreprocessCache? Open(PSCmdlet cmdlet, string? given)
    {
        var path = given is null ? null : cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(given);
        try
        {
            return path is null ? null : new(path);
        }
        catch (IOException exception)
        {
            cmdlet.ThrowTerminatingError(new(exception, "CacheUnusable", ErrorCategory.OpenError, path));
            throw;
        }
    }
}
