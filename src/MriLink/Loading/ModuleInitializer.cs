using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace MriLink.Loading;

/// <summary>
/// Sends requests for the module's own libraries to <see cref="ModuleLoadContext"/> for as long as the module is imported,
/// so that MriLink keeps its versions of shared libraries and other modules keep theirs.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    // The libraries that MriLink.dll itself refers to; everything below them is resolved inside the context.
    private static readonly string[] OwnLibraries = ["MriLink.Core", "MriLink.SimpleItk"];

    private static readonly Lazy<ModuleLoadContext> Context = new(() => new ModuleLoadContext(
        Path.Combine(Path.GetDirectoryName(typeof(ModuleInitializer).Assembly.Location)!, "dependencies")));

    /// <inheritdoc/>
    public void OnImport() => AssemblyLoadContext.Default.Resolving += Resolve;

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => AssemblyLoadContext.Default.Resolving -= Resolve;

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        OwnLibraries.Contains(name.Name, StringComparer.Ordinal) ? Context.Value.LoadFromAssemblyName(name) : null;
}
