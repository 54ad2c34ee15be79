using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace MriLink.Shell.Interactive;

/// <summary>Completes members of what is at hand, which the engine cannot do without Sort-Object of the Utility module.</summary>
internal static class MemberCompleter
{
    /// <summary>Completes the member that ends at <paramref name="cursor"/>.</summary>
    /// <param name="line">What was typed.</param>
    /// <param name="cursor">Where the member's name ends.</param>
    /// <param name="evaluate">Gives the values of a variable, or of properties of one; nothing else is ever evaluated.</param>
    /// <returns>Null if no member fits, or if finding out would run something.</returns>
    public static Completion? Complete(string line, int cursor, Func<string, IReadOnlyList<PSObject>> evaluate)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(evaluate);
        var before = line[..cursor];
        var start = before.Length;
        while (start > 0 && (char.IsLetterOrDigit(before[start - 1]) || before[start - 1] == '_'))
        {
            start--;
        }

        // A name to hold the place where none is typed yet: "$x." does not parse.
        var tree = Parser.ParseInput($"{before}{(start == cursor ? "x" : string.Empty)}", out _, out _);
        if (tree.FindAll(a => a is MemberExpressionAst, searchNestedScriptBlocks: true).LastOrDefault(a => ((MemberExpressionAst)a).Member.Extent.StartOffset == start) is not MemberExpressionAst access)
        {
            return null;
        }

        var names = access switch
        {
            { Static: true, Expression: TypeExpressionAst { TypeName: var name } } => name.GetReflectionType() is { } type ? StaticMembers(type) : [],
            { Static: false } when IsHarmless(access.Expression) => evaluate(access.Expression.Extent.Text).Take(1).SelectMany(Members),
            _ => [],
        };
        var fitting = names.Where(n => n.StartsWith(before[start..], StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        return fitting.Count == 0 ? null : new(start, cursor - start, Completer.CommonStart(fitting), fitting);
    }

    // Looking at variables and properties changes nothing; calling methods and commands might.
    private static bool IsHarmless(ExpressionAst expression) => expression switch
    {
        VariableExpressionAst or StringConstantExpressionAst => true,
        InvokeMemberExpressionAst => false,
        MemberExpressionAst { Static: false, Member: StringConstantExpressionAst } member => IsHarmless(member.Expression),
        _ => false,
    };

    private static IEnumerable<string> Members(PSObject value) =>
        (value.BaseObject is IDictionary dictionary ? dictionary.Keys.OfType<string>() : [])
        .Concat(value.Members
            .Where(m => !m.Name.StartsWith("get_", StringComparison.Ordinal) && !m.Name.StartsWith("set_", StringComparison.Ordinal))
            .Select(m => m is PSMethodInfo ? $"{m.Name}(" : m.Name));

    private static IEnumerable<string> StaticMembers(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)
            .Where(m => m is not MethodInfo { IsSpecialName: true })
            .Select(m => m is MethodInfo ? $"{m.Name}(" : m.Name);
}
