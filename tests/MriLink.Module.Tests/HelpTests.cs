using System.Management.Automation;
using System.Management.Automation.Language;
using System.Xml.Linq;

namespace MriLink.Module.Tests;

/// <summary>Help and code say the same: every cmdlet and parameter is described, nothing else is, and every example would run.</summary>
public sealed class HelpTests : IDisposable
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(ModuleSession.ManifestPath)!, "en-US");
    private static readonly HashSet<string> Common = [.. Cmdlet.CommonParameters, .. Cmdlet.OptionalCommonParameters];

    private readonly ModuleSession _session = new();
    private readonly Dictionary<string, XElement> _help =
        XDocument.Load(Path.Combine(Folder, "MriLink.dll-Help.xml")).Descendants(Command + "command")
            .ToDictionary(c => c.Element(Command + "details")!.Element(Command + "name")!.Value, StringComparer.Ordinal);

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Every_cmdlet_has_help_and_no_other() => Assert.Equal(Cmdlets().Keys.Order(StringComparer.Ordinal), _help.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_parameter_is_described_and_none_that_is_gone()
    {
        foreach (var (name, cmdlet) in Cmdlets())
        {
            var described = _help[name].Element(Command + "parameters")!.Elements(Command + "parameter").ToDictionary(p => p.Element(Maml + "name")!.Value, StringComparer.Ordinal);

            Assert.Equal(cmdlet.Parameters.Keys.Where(p => !Common.Contains(p)).Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
            Assert.All(described.Values, p => Assert.True(p.Element(Maml + "description")!.Value.Length >= 10, $"{name} -{p.Element(Maml + "name")!.Value}"));
        }
    }

    [Fact]
    public void Every_cmdlet_has_a_synopsis_a_description_and_two_examples_that_parse_and_use_it()
    {
        var cmdlets = Cmdlets();
        foreach (var (name, help) in _help)
        {
            Assert.True(help.Element(Command + "details")!.Element(Maml + "description")!.Value.Length > 10, name);
            Assert.True(help.Element(Maml + "description")!.Value.Length > 20, name);
            var examples = help.Element(Command + "examples")!.Elements(Command + "example").ToArray();
            Assert.True(examples.Length >= 2, name);
            foreach (var example in examples)
            {
                Assert.NotEmpty(example.Element(Dev + "remarks")!.Value);
                var script = Parser.ParseInput(example.Element(Dev + "code")!.Value, out _, out var errors);
                Assert.Empty(errors);
                var calls = script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().ToArray();
                Assert.Contains(calls, c => c.GetCommandName() == name);
                foreach (var call in calls.Where(c => c.GetCommandName()?.Contains("-Mri", StringComparison.Ordinal) == true))
                {
                    var cmdlet = cmdlets[call.GetCommandName()];
                    Assert.All(call.CommandElements.OfType<CommandParameterAst>(), p => Assert.NotNull(cmdlet.ResolveParameter(p.ParameterName)));
                }
            }
        }
    }

    [Fact]
    public void The_engine_shows_it()
    {
        var help = _session.Run("Get-Help Find-MriMatch -Full").ThrowIfFailed().Single();

        Assert.Contains("same person", help.Properties["Synopsis"].Value.ToString(), StringComparison.Ordinal);
        Assert.Equal("MamlCommandHelpInfo", help.TypeNames[0].Split('#')[0]);
    }

    [Theory]
    [InlineData("about_MriLink")]
    [InlineData("about_MriLink_Method")]
    [InlineData("about_MriLink_Statistics")]
    public void Topics_are_there_and_fit_a_terminal(string topic)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, $"{topic}.help.txt"));

        Assert.Equal(["TOPIC", $"    {topic}", "", "SHORT DESCRIPTION"], lines[..4]);
        Assert.Contains("LONG DESCRIPTION", lines);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
    }

    [Fact]
    public void Topics_name_no_cmdlet_that_does_not_exist()
    {
        var cmdlets = Cmdlets();
        var named = Directory.EnumerateFiles(Folder, "*.txt").SelectMany(path => File.ReadAllText(path).Split([' ', '\n', '\r', ',', '.', '(', ')', ':', ';', '|']))
            .Where(word => word.Contains("-Mri", StringComparison.Ordinal) && char.IsUpper(word[0]));

        Assert.All(named, word => Assert.Contains(word, cmdlets.Keys));
    }

    private Dictionary<string, CmdletInfo> Cmdlets() =>
        _session.Run("Get-Command -Module MriLink -CommandType Cmdlet").ThrowIfFailed().Select(c => (CmdletInfo)c.BaseObject).ToDictionary(c => c.Name, StringComparer.Ordinal);
}
