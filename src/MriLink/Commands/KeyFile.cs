using System.Management.Automation;
using MriLink.Core.Basics;

namespace MriLink.Commands;

/// <summary>Reads a file whose bytes are a key.</summary>
internal static class KeyFile
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The key in a file.</summary>
    /// <param name="session">Where relative paths begin.</param>
    /// <param name="path">The file.</param>
    /// <param name="warn">Told when others than its owner may read or change it.</param>
    /// <exception cref="InvalidOperationException">The file is not there, cannot be read, or holds no good key.</exception>
    public static SecretKey Read(SessionState session, string path, Action<string> warn)
    {
        var full = session.Path.GetUnresolvedProviderPathFromPSPath(path);
        var shown = SafeText.ForTerminal(full, int.MaxValue);
        try
        {
            var key = SecretKey.ReadFile(full);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(full) & Others) != UnixFileMode.None)
            {
                warn($"Others than its owner may read or change the key '{shown}': chmod 600 keeps it secret.");
            }

            return key;
        }
        catch (ArgumentException exception)
        {
            throw new InvalidOperationException($"'{shown}' holds no good key. {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidOperationException(
                $"The key '{shown}' cannot be read: {SafeText.ForTerminal(exception.Message)} To make one: New-MriKey '{shown}'", exception);
        }
    }
}
