using System.Data.Common;
using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>What users write for a gallery: the object itself, its file, or a PostgreSQL connection string.</summary>
internal static class GalleryLocation
{
    /// <summary>Opens what was given.</summary>
    /// <exception cref="GalleryException">There is no such gallery, or it cannot be used.</exception>
    /// <exception cref="InvalidOperationException">It is neither a gallery nor a place of one.</exception>
    public static VolumeGallery Open(SessionState session, object given) => Plain(given) switch
    {
        VolumeGallery gallery => gallery,
        string text => VolumeGallery.Open(Resolve(session, text)),
        FileInfo file => VolumeGallery.Open(file.FullName),
        var other => throw new InvalidOperationException($"A gallery is given as an object of New-MriGallery, a path or a connection string, not as a {other?.GetType().Name ?? "null"}."),
    };

    /// <summary>The full path, or the connection string as it is.</summary>
    public static string Resolve(SessionState session, string text) =>
        IsConnectionString(text) ? text : session.Path.GetUnresolvedProviderPathFromPSPath(text);

    /// <summary>Whether something is a gallery or could be the place of one.</summary>
    public static bool IsGallery(object? given) => Plain(given) is VolumeGallery or string or FileInfo;

    private static object? Plain(object? given) => given is PSObject wrapped ? wrapped.BaseObject : given;

    private static bool IsConnectionString(string text)
    {
        try
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = text };
            return builder.ContainsKey("Host") || builder.ContainsKey("Server");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
