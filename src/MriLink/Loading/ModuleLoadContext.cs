using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace MriLink.Loading;

/// <summary>Holds MriLink.Core and its libraries apart from those of PowerShell and of other modules.</summary>
/// <param name="folder">The module's <c>dependencies</c> folder.</param>
internal sealed class ModuleLoadContext(string folder) : AssemblyLoadContext("MriLink")
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(folder, $"{assemblyName.Name}.dll");

        // Not ours: null hands the request to the default context (the framework, PowerShell itself).
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        // Libraries of this system lie in runtimes/<system>-<processor>/native, as NuGet has them.
        var (system, prefix, extension) = OperatingSystem.IsWindows() ? ("win", "", ".dll")
            : OperatingSystem.IsMacOS() ? ("osx", "lib", ".dylib")
            : (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl" : "linux", "lib", ".so");
        var processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var path = Path.Combine(folder, "runtimes", $"{system}-{processor}", "native", prefix + unmanagedDllName + extension);
        return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : 0;
    }
}
