using MriLink.Core.Tests.Formats;

namespace MriLink.Core.Tests;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("mrilink-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    /// <summary>A copy of a fixture whose bytes have been changed.</summary>
    public string Changed(string fixture, Action<byte[]> change)
    {
        var bytes = System.IO.File.ReadAllBytes(NiftiFixtures.PathOf(fixture));
        change(bytes);
        return Write(System.IO.Path.GetFileName(fixture), bytes);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
