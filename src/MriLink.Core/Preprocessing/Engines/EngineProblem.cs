namespace MriLink.Core.Preprocessing.Engines;

/// <summary>Why an engine cannot be used.</summary>
public enum EngineProblem
{
    /// <summary>It is nowhere to be found.</summary>
    NotInstalled,

    /// <summary>The folder named for it is not there, or lacks the managed library.</summary>
    ManagedLibraryMissing,

    /// <summary>The managed library is no assembly, or not SimpleITK's.</summary>
    ManagedLibraryUnusable,

    /// <summary>The native library is not beside the managed one.</summary>
    NativeLibraryMissing,

    /// <summary>The native library is there and the system does not load it.</summary>
    NativeLibraryUnusable,

    /// <summary>A library was built for other processors, or another system.</summary>
    WrongArchitecture,

    /// <summary>The version is none that MriLink knows how to use.</summary>
    VersionUnsupported,
}
