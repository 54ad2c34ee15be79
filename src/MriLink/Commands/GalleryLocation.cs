using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>What users write for a gallery: the object itself, its file, or a PostgreSQL connection string.</summary>
internal static class GalleryLocation
{
    /// <summary>Opens what was given.</summary>
    /// <param name="session">Where relative paths begin.</param>
    /// <param name="given">What was given.</param>
    /// <param name="cancellationToken">Obeyed while a lock is waited for.</param>
    /// <exception cref="GalleryException">There is no such gallery, or it cannot be used.</exception>
    /// <exception cref="InvalidOperationException">It is neither a gallery nor a place of one.</exception>
    public static VolumeGallery Open(SessionState session, object given, CancellationToken cancellationToken) => Plain(given) switch
    {
        VolumeGallery gallery => gallery,
        string text => VolumeGallery.Open(Resolve(session, text), cancellationToken),
        FileInfo file => VolumeGallery.Open(file.FullName, cancellationToken),
        var other => throw new InvalidOperationException(
            $"A gallery is given as an object of New-MriGallery, a path or a connection string, not as a {other?.GetType().Name ?? "null"}."),
    };

    /// <summary>The full path, or the connection string as it is.</summary>
    public static string Resolve(SessionState session, string text) =>
        VolumeGallery.IsConnectionString(text) ? text : session.Path.GetUnresolvedProviderPathFromPSPath(text);

    /// <summary>Whether something is a gallery or could be the place of one.</summary>
    public static bool IsGallery(object? given) => Plain(given) is VolumeGallery or string or FileInfo;

    /// <summary>What was given in words that hold no password.</summary>
    public static string NameOf(object given) => Plain(given) switch
    {
        VolumeGallery gallery => gallery.Name,
        FileInfo file => file.FullName,
        string text when !VolumeGallery.IsConnectionString(text) => text,
        string => "a database",
        var other => other?.GetType().Name ?? "null",
    };

    private static object? Plain(object? given) => given is PSObject wrapped ? wrapped.BaseObject : given;
}
