using MriLink.Benchmarks.Measuring;

namespace MriLink.Benchmarks.Peers;

/// <summary>Something that a comparison needs and that the repository does not hold. It is looked for and never installed.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="HowToInstall">The command that brings it.</param>
/// <param name="Find">Looks for it.</param>
/// <param name="IsRequired">Whether the benchmark means nothing without it.</param>
internal sealed record Peer(string Name, string HowToInstall, Func<bool> Find, bool IsRequired = true)
{
    /// <summary>Whether it is there.</summary>
    public bool IsAvailable => Find();

    /// <summary>The Python that sees Debian's modules.</summary>
    public static string Python { get; } = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>A program on the search path.</summary>
    public static Peer Program(string program, string package) =>
        new(program, AptGet(package), () => FindProgram(program) is not null);

    /// <summary>A module of Debian's Python.</summary>
    public static Peer PythonModule(string module, string package) =>
        new($"Python's {module}", AptGet(package), () => Child.Succeeds(Python, ["-c", $"import {module}"]));

    /// <summary>A file that a package brings.</summary>
    public static Peer InstalledFile(string path, string package) => new(path, AptGet(package), () => File.Exists(path));

    /// <summary>The same, but the benchmark has something to say without it.</summary>
    public Peer Optional() => this with { IsRequired = false };

    /// <summary>The full path of a program, or null.</summary>
    public static string? FindProgram(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    private static string AptGet(string package) => $"apt-get install {package}";
}
