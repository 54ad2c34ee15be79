using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>Reads a file whose bytes are a key.</summary>
internal static class KeyFile
{
    private const int Longest = 1 << 16;

    /// <summary>The key in a file.</summary>
    /// <exception cref="InvalidOperationException">The file is not there, cannot be read, or is too short or long for a key.</exception>
    public static byte[] Read(SessionState session, string path)
    {
        var full = session.Path.GetUnresolvedProviderPathFromPSPath(path);
        try
        {
            var file = new FileInfo(full);
            if (file.Exists && file.Length is < Pseudonymizer.LeastKeyLength or > Longest)
            {
                throw new InvalidOperationException($"The key '{full}' has {file.Length:N0} bytes; a key has {Pseudonymizer.LeastKeyLength} to {Longest:N0}.");
            }

            return File.ReadAllBytes(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"The key '{full}' cannot be read: {exception.Message} To make one: [IO.File]::WriteAllBytes('{full}', [Security.Cryptography.RandomNumberGenerator]::GetBytes(32))",
                exception);
        }
    }
}
