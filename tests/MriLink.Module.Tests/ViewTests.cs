using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace MriLink.Module.Tests;

/// <summary>Whatever a cmdlet puts out is readable: as a table or list, in a row of other things, and as text.</summary>
public sealed class ViewTests : IDisposable
{
    private const string Own = "MriLink.";
    private static readonly string Folder = Path.GetDirectoryName(ModuleSession.ManifestPath)!;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Every_output_type_has_a_view()
    {
        var viewed = Views().Select(v => v.Type).ToHashSet(StringComparer.Ordinal);

        Assert.All(OutputTypes(), type => Assert.True(Bases(type).Any(t => viewed.Contains(t.FullName!)), $"{type} has no view."));
    }

    [Fact]
    public void Every_output_type_names_the_properties_that_are_shown_first()
    {
        var named = DisplaySets().Select(s => s.Type).ToHashSet(StringComparer.Ordinal);

        Assert.All(OutputTypes(), type => Assert.Contains(type.FullName!, named));
    }

    [Fact]
    public void Views_name_types_and_properties_that_exist()
    {
        var types = OutputTypes().SelectMany(Bases).Concat(OutputTypes()).DistinctBy(t => t.FullName).ToDictionary(t => t.FullName!, StringComparer.Ordinal);

        Assert.All([.. Views(), .. DisplaySets()], view =>
        {
            var type = Assert.Contains(view.Type, types);
            Assert.NotEmpty(view.Properties);
            Assert.All(view.Properties, property => Assert.True(type.GetProperty(property) is not null, $"{view.Type} has no {property}."));
        });
    }

    [Fact]
    public void Every_object_and_every_part_of_one_has_words_of_its_own()
    {
        var seen = new HashSet<Type>();
        var open = new Queue<Type>(OutputTypes());
        while (open.TryDequeue(out var type))
        {
            if (type.FullName?.StartsWith(Own, StringComparison.Ordinal) != true || type.IsEnum || !seen.Add(type))
            {
                continue;
            }

            // What the compiler makes for a record is a listing of all its parts.
            var words = type.GetMethod(nameof(ToString), Type.EmptyTypes)!;
            Assert.True(
                words.DeclaringType!.FullName!.StartsWith(Own, StringComparison.Ordinal) && words.GetCustomAttribute<CompilerGeneratedAttribute>() is null,
                $"{type} has no ToString of its own.");
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetIndexParameters().Length == 0))
            {
                foreach (var part in property.PropertyType.GetGenericArguments().Append(property.PropertyType.GetElementType() ?? property.PropertyType))
                {
                    open.Enqueue(part);
                }
            }
        }

        Assert.Contains(seen, t => t.Name is "ScanIdentity");
    }

    [Fact]
    public void Beside_another_type_an_object_shows_what_matters()
    {
        var shown = _session.Run("""
            $scan = New-MriSimulatedCohort 1 -SessionCount 1
            $scan.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames
            """).ThrowIfFailed().Select(o => o.ToString());

        Assert.Equal(["Name", "Scenario", "Size", "Spacing", "Orientation", "IsStripped", "TrueParticipant"], shown);
    }

    private Type[] OutputTypes() =>
        [.. _session.Run("(Get-Command -Module MriLink -CommandType Cmdlet).OutputType.Type").ThrowIfFailed()
            .Select(t => (Type)t.BaseObject).Where(t => t.FullName!.StartsWith(Own, StringComparison.Ordinal)).Distinct()];

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
        {
            yield return t;
        }
    }

    private static IEnumerable<(string Type, string[] Properties)> Views() =>
        XDocument.Load(Path.Combine(Folder, "MriLink.Format.ps1xml")).Descendants("View").SelectMany(view =>
            view.Descendants("TypeName").Select(type => (type.Value, view.Descendants("PropertyName").Select(p => p.Value).ToArray())));

    private static IEnumerable<(string Type, string[] Properties)> DisplaySets() =>
        XDocument.Load(Path.Combine(Folder, "MriLink.Types.ps1xml")).Descendants("Type").Select(type =>
            (type.Element("Name")!.Value, type.Descendants("ReferencedProperties").Single().Elements("Name").Select(p => p.Value).ToArray()));
}
