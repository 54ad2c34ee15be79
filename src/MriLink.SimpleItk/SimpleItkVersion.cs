namespace MriLink.SimpleItk;

/// <summary>The version that a native library says it has.</summary>
internal sealed record SimpleItkVersion(uint Major, uint Minor, uint Patch, string Itk)
{
    /// <summary>Whether all that is used here is there, with the same meaning.</summary>
    public bool IsSupported => SimpleItkVersions.Support(Major, Minor);

    /// <summary>For people and provenance; SimpleITK's results are those of the ITK within.</summary>
    public string Text => FormattableString.Invariant($"{Major}.{Minor}.{Patch} (ITK {Itk})");

    /// <summary>Asks a binding.</summary>
    /// <exception cref="MissingMemberException">It does not say.</exception>
    public static SimpleItkVersion Of(LateBinding binding) => new(
        binding.Static<Func<uint>>("Version", "MajorVersion")(),
        binding.Static<Func<uint>>("Version", "MinorVersion")(),
        binding.Static<Func<uint>>("Version", "PatchVersion")(),
        binding.Static<Func<string>>("Version", "ITKVersionString")());
}
