using System.Reflection;
using System.Text.RegularExpressions;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests;

/// <summary>
/// The floor plan of docs/architecture.md, kept: data walks through the rooms (folders of Core) in one direction, so a room uses only
/// rooms on lower steps of the ladder. Rooms on one step know nothing of each other.
/// </summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Root = typeof(ArchitectureTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    // Each step may use all steps before it.
    private static readonly string[][] Ladder =
    [
        ["Basics"],
        ["Volumes"],
        ["Formats", "Registration"],
        ["Templates"],
        ["Preprocessing", "Simulation"],
        ["Similarity", "Gallery"],
        ["Linkage"],
        ["Search", "Mitigation"],
        ["Reporting"],
        ["Audit"],
    ];

    private static readonly Dictionary<string,
        int> Steps = Ladder.SelectMany((rooms, step) => rooms.Select(room => (room, step))).ToDictionary(r => r.room, r => r.step);

    [Fact]
    public void Every_folder_of_Core_is_a_room_of_the_ladder()
    {
        var folders = Directory.GetDirectories(Path.Combine(Root, "src", "MriLink.Core")).Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj"));

        Assert.Equal(Steps.Keys.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal)!);
    }

    [Fact]
    public void No_room_uses_one_on_its_own_step_or_above()
    {
        var wrong = SourceFiles()
            .SelectMany(file => Wrong(file.Room, File.ReadAllText(file.Path))
            .Select(used => $"{file.Room}/{Path.GetFileName(file.Path)} uses {used}"));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        var core = Path.Combine(Root, "src", "MriLink.Core");
        var wrong = SourceFiles()
            .Select(file => (file.Path,
                Expected: "MriLink.Core." + Path.GetRelativePath(core, Path.GetDirectoryName(file.Path)!).Replace(Path.DirectorySeparatorChar, '.')))
            .Where(file => !File.ReadAllText(file.Path).Contains($"\nnamespace {file.Expected};", StringComparison.Ordinal)
                && !File.ReadAllText(file.Path).StartsWith($"namespace {file.Expected};", StringComparison.Ordinal))
            .Select(file => file.Path);

        Assert.Empty(wrong);
    }

    /// <summary>The check can fail: both ways of naming a room above are seen, and neither a comment nor a property of that name is.</summary>
    [Theory]
    [InlineData("using MriLink.Core.Audit;", "Audit")]
    [InlineData("using static MriLink.Core.Linkage.MatchFinder;", "Linkage")]
    [InlineData("using Rule = MriLink.Core.Linkage.MatchOptions;", "Linkage")]
    [InlineData("var x = Search.SignatureFile.Open(path);", "Search")]
    [InlineData("var x = Core.Reporting.LinkageReport.Html();", "Reporting")]
    [InlineData("/// <summary>See <see cref=\"Linkage.MatchFinder\"/>.</summary>", "Linkage")]
    [InlineData("using MriLink.Core.Volumes;", null)]
    [InlineData("// Audit.Something is only spoken of.", null)]
    [InlineData("var x = result.Audit.Links;", null)]
    public void A_wrong_arrow_is_seen(string line, string? room) => Assert.Equal(room is null ? [] : [room], Wrong("Gallery", line));

    private static IEnumerable<(string Room, string Path)> SourceFiles() =>
        from room in Steps.Keys
        from path in Directory.EnumerateFiles(Path.Combine(Root, "src", "MriLink.Core", room), "*.cs", SearchOption.AllDirectories)
        select (room, path);

    private static IEnumerable<string> Wrong(string room, string source) =>
        source.Split('\n')
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) || line.Contains("cref=", StringComparison.Ordinal))
            .SelectMany(line => RoomName().Matches(line))
            .Where(match => match.Groups["core"].Success || IsInRoom(match.Groups["room"].Value, match.Groups["name"].Value))
            .Select(match => match.Groups["room"].Value)
            .Where(used => used != room && Steps.TryGetValue(used, out var step) && step >= Steps[room])
            .Distinct();

    // Properties may be called as a room is; what follows the dot tells them apart.
    private static bool IsInRoom(string room, string name) =>
        typeof(MriVolume).Assembly.GetTypes()
            .Any(type => type.Name == name && type.Namespace!.StartsWith("MriLink.Core." + room, StringComparison.Ordinal))
        || Directory.Exists(Path.Combine(Root, "src", "MriLink.Core", room, name));

    // A room's name where a namespace can stand: after "MriLink.Core." or "Core.", or at the start of a qualified name.
    [GeneratedRegex(@"(?<![\w.])(?<core>(MriLink\.)?Core\.)?(?<room>[A-Z][a-z]+)(;|\.(?<name>\w+))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RoomName();
}
