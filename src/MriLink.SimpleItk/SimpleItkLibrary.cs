using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using MriLink.Core.Preprocessing.Engines;

namespace MriLink.SimpleItk;

/// <summary>Loads SimpleITK's C# binding from a folder: the managed library in a load context of its own, the native one from beside it.</summary>
internal static class SimpleItkLibrary
{
    /// <summary>The file of the managed library, on every system.</summary>
    public const string ManagedName = "SimpleITKCSharpManaged.dll";

    private const string Namespace = "itk.simple";
    private const string NativeStem = "SimpleITKCSharpNative";

    /// <summary>The files that the native library may be, the usual one first. On macOS it ended like on Linux until 2.2.</summary>
    public static IReadOnlyList<string> NativeNames { get; } =
        OperatingSystem.IsWindows() ? [$"{NativeStem}.dll"]
        : OperatingSystem.IsMacOS() ? [$"lib{NativeStem}.dylib", $"lib{NativeStem}.so"]
        : [$"lib{NativeStem}.so"];

    /// <summary>Loads the binding and checks its version.</summary>
    /// <param name="folder">A folder that holds the managed library.</param>
    /// <exception cref="EngineUnavailableException">It cannot be used; the message says why.</exception>
    public static SimpleItkApi Load(string folder)
    {
        var native = NativeNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw Unavailable(EngineProblem.NativeLibraryMissing,
                $"has {ManagedName}, but {NativeNames[0]} is missing. Both are in the same archive of SimpleITK's C# binding.");
        CheckArchitecture(native);
        var context = new Context(native);
        var assembly = LoadManaged(context, Path.Combine(folder, ManagedName));
        LoadNative(context, native);
        try
        {
            var binding = new LateBinding(assembly, Namespace);
            var version = SimpleItkVersion.Of(binding);
            return version.IsSupported
                ? new(binding, version)
                : throw Unavailable(EngineProblem.VersionUnsupported, $"is SimpleITK {version.Text}; MriLink works with {SimpleItkVersions.Text}.");
        }
        catch (MissingMemberException exception)
        {
            throw Unavailable(EngineProblem.ManagedLibraryUnusable,
                $"has a {ManagedName} that lacks {exception.Message}: it is not the C# binding of SimpleITK {SimpleItkVersions.Text}.", exception);
        }
        catch (Exception exception) when (Cause(exception) is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw Unavailable(EngineProblem.NativeLibraryUnusable,
                $"has a {ManagedName} and a {Path.GetFileName(native)} that do not belong together: {Cause(exception).Message}", exception);
        }

        EngineUnavailableException Unavailable(EngineProblem problem, string text, Exception? inner = null) => At(folder, problem, text, inner);
    }

    // A type initialiser of the binding, which is where its first native call is, wraps what went wrong.
    private static Exception Cause(Exception exception) =>
        exception is TypeInitializationException or TargetInvocationException && exception.InnerException is { } inner ? Cause(inner) : exception;

    private static void CheckArchitecture(string native)
    {
        (EngineProblem Problem, string Text)? mismatch;
        try
        {
            mismatch = BinaryFile.Mismatch(native);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw At(Path.GetDirectoryName(native)!, EngineProblem.NativeLibraryUnusable,
                $"has a {Path.GetFileName(native)} that cannot be read: {exception.Message}", exception);
        }

        if (mismatch is { } found)
        {
            throw At(Path.GetDirectoryName(native)!, found.Problem,
                $"has a {Path.GetFileName(native)} that {found.Text}. Get SimpleITK's C# binding for {RuntimeInformation.RuntimeIdentifier}.");
        }
    }

    private static Assembly LoadManaged(Context context, string path)
    {
        try
        {
            return context.LoadFromAssemblyPath(path);
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or IOException or UnauthorizedAccessException)
        {
            throw At(Path.GetDirectoryName(path)!, EngineProblem.ManagedLibraryUnusable,
                $"has a {ManagedName} that is no library for {RuntimeInformation.FrameworkDescription} on "
                    + $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}: {exception.Message}", exception);
        }
    }

    // Loaded before the binding asks for it, so that what the system has against it is told in its own words.
    private static void LoadNative(Context context, string path)
    {
        try
        {
            context.LoadNative();
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw At(Path.GetDirectoryName(path)!, EngineProblem.NativeLibraryUnusable,
                $"has a {Path.GetFileName(path)} that this system does not load; a library that it needs may be missing. {exception.Message}",
                exception);
        }
    }

    private static EngineUnavailableException At(string folder, EngineProblem problem, string text, Exception? inner = null) =>
        new(problem, $"The folder of SimpleITK, '{SimpleItkSearch.Shown(folder)}', {text}", inner);

    /// <summary>
    /// Keeps a binding apart from others, so that two folders may be used in one session, and gives it the native library beside it.
    /// </summary>
    private sealed class Context(string native) : AssemblyLoadContext("SimpleITK")
    {
        public void LoadNative() => LoadUnmanagedDllFromPath(native);

        // Everything managed that the binding needs is of the framework.
        protected override Assembly? Load(AssemblyName assemblyName) => null;

        // The binding asks for the native library with or without "lib", depending on the system it was made for.
        protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
            unmanagedDllName.Contains(NativeStem, StringComparison.OrdinalIgnoreCase) ? LoadUnmanagedDllFromPath(native) : 0;
    }
}
