using System.Reflection;
using System.Runtime.InteropServices;
using MriLink.Core.Preprocessing.Engines;
using MriLink.SimpleItk;

namespace MriLink.Core.Tests.SimpleItk;

/// <summary>
/// A folder with the stand-in for SimpleITK: the test double of its managed library, and any library of this system's in the native one's place.
/// </summary>
public sealed class SimpleItkFolder : IDisposable
{
    public const string Managed = "SimpleITKCSharpManaged.dll";

    public SimpleItkFolder(string? version = null)
    {
        Folder = Directory.CreateTempSubdirectory("mrilink-").FullName;
        Copy(Metadata("FakeSimpleItk"), Managed);
        Copy(NativeStandIn, Native);
        if (version is not null)
        {
            File.WriteAllText(InFolder("version.txt"), version);
        }
    }

    /// <summary>What the native library is called here.</summary>
    public static string Native { get; } = OperatingSystem.IsWindows() ? "SimpleITKCSharpNative.dll"
        : OperatingSystem.IsMacOS() ? "libSimpleITKCSharpNative.dylib" : "libSimpleITKCSharpNative.so";

    public string Folder { get; }

    /// <summary>Finds this folder and no other.</summary>
    public SimpleItkSearch Search => new(Folder, null, "/nowhere");

    private static string NativeStandIn
    {
        get
        {
            var stem = OperatingSystem.IsWindows() ? "System.IO.Compression.Native.dll"
                : OperatingSystem.IsMacOS() ? "libSystem.IO.Compression.Native.dylib" : "libSystem.IO.Compression.Native.so";
            return Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), stem);
        }
    }

    public string InFolder(string name) => Path.Combine(Folder, name);

    public PreprocessingEngine Load() => PreprocessingEngines.Get("SimpleITK", Search);

    /// <summary>A file that the double's reader reads.</summary>
    public string Place(string name, string content)
    {
        File.WriteAllText(InFolder(name), content);
        return InFolder(name);
    }

    /// <summary>How many images of the double in this folder are not disposed.</summary>
    public int ImagesAlive() => Alive("Image");

    /// <summary>The same of another of its types that counts.</summary>
    public int Alive(string type)
    {
        var assembly = AppDomain.CurrentDomain.GetAssemblies()
            .Single(a => !a.IsDynamic && string.Equals(a.Location, InFolder(Managed), StringComparison.Ordinal));
        return (int)assembly.GetType($"itk.simple.{type}")!.GetField("Alive")!.GetValue(null)!;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (UnauthorizedAccessException)
        {
            // Windows keeps libraries that are loaded; the system clears its temporary folder.
        }
    }

    private void Copy(string from, string name) => File.Copy(from, InFolder(name));

    private static string Metadata(string key) =>
        typeof(SimpleItkFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => string.Equals(a.Key, key, StringComparison.Ordinal)).Value!;
}
