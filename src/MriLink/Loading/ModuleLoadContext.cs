using System.Reflection;
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
}
