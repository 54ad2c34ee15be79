namespace MriLink.SimpleItk;

/// <summary>The versions of SimpleITK whose C# binding has all that is used here, with the same meaning.</summary>
internal static class SimpleItkVersions
{
    /// <summary>For messages.</summary>
    public const string Text = "2.1 to 2.5";

    private const uint Major = 2;
    private const uint LeastMinor = 1;
    private const uint MostMinor = 5;

    /// <summary>Whether a version is one of them.</summary>
    public static bool Support(uint major, uint minor) => major == Major && minor is >= LeastMinor and <= MostMinor;
}
