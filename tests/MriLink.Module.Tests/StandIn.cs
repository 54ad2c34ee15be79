using System.Reflection;
using System.Runtime.InteropServices;

namespace MriLink.Module.Tests;

/// <summary>A stand-in for SimpleITK (tests/FakeSimpleItk), with a native library of the runtime's in the place of its own.</summary>
internal static class StandIn
{
    /// <summary>The collection of tests that say by a variable of the process where SimpleITK is.</summary>
    public const string Users = "SimpleITK";

    /// <summary>A file that it reads.</summary>
    public const string Scan = "size 4 3 2\ncomponents 1\nspacing 1 2 3\norigin 0 0 0\ndirection 1 0 0 0 1 0 0 0 1";

    /// <summary>Makes a folder that holds it, under a version of one's choice.</summary>
    public static string Install(string parent, string name, string version)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
        var (prefix, extension) = OperatingSystem.IsWindows() ? ("", ".dll") : ("lib", OperatingSystem.IsMacOS() ? ".dylib" : ".so");
        var managed = typeof(StandIn).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "FakeSimpleItk").Value!;
        File.Copy(managed, Path.Combine(folder, "SimpleITKCSharpManaged.dll"));
        File.Copy(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), $"{prefix}System.IO.Compression.Native{extension}"), Path.Combine(folder, $"{prefix}SimpleITKCSharpNative{extension}"));
        File.WriteAllText(Path.Combine(folder, "version.txt"), version);
        return folder;
    }
}
