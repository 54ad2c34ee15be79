using System.Linq.Expressions;
using System.Reflection;

namespace MriLink.SimpleItk;

/// <summary>Makes delegates of the members of a library that is not there when this one is built.</summary>
/// <remarks>
/// Objects of the library are handed about as <see cref="IDisposable"/>, values of its enumeration classes as <see cref="object"/>;
/// each delegate casts them to what the member takes. All is bound when the library is loaded, so a member that is missing is told
/// then, and calls cost no reflection.
/// </remarks>
/// <param name="assembly">The library.</param>
/// <param name="space">The namespace of its types.</param>
internal sealed class LateBinding(Assembly assembly, string space)
{
    /// <summary>A constructor; the delegate's parameters are its.</summary>
    /// <exception cref="MissingMemberException">There is none.</exception>
    public T Constructor<T>(string type)
        where T : Delegate
    {
        var invoke = Invoke<T>();
        var arguments = Arguments(invoke);
        var constructor = Pick(TypeOf(type).GetConstructors(), arguments, type);
        return Compile<T>(Expression.New(constructor, Cast(arguments, constructor)), arguments, invoke.ReturnType, type);
    }

    /// <summary>A method of an object; the delegate's first parameter is the object.</summary>
    /// <exception cref="MissingMemberException">There is none.</exception>
    public T Method<T>(string type, string name)
        where T : Delegate
    {
        var invoke = Invoke<T>();
        var arguments = Arguments(invoke);
        var declaring = TypeOf(type);
        var method = Pick(Named(declaring, name, BindingFlags.Instance), arguments[1..], $"{type}.{name}");
        return Compile<T>(Expression.Call(Expression.Convert(arguments[0], declaring), method, Cast(arguments[1..], method)), arguments,
            invoke.ReturnType, $"{type}.{name}");
    }

    /// <summary>A method of a type.</summary>
    /// <exception cref="MissingMemberException">There is none.</exception>
    public T Static<T>(string type, string name)
        where T : Delegate
    {
        var invoke = Invoke<T>();
        var arguments = Arguments(invoke);
        var method = Pick(Named(TypeOf(type), name, BindingFlags.Static), arguments, $"{type}.{name}");
        return Compile<T>(Expression.Call(method, Cast(arguments, method)), arguments, invoke.ReturnType, $"{type}.{name}");
    }

    /// <summary>A value of an enumeration class.</summary>
    /// <exception cref="MissingMemberException">There is none.</exception>
    public object Value(string type, string name) =>
        TypeOf(type).GetField(name, BindingFlags.Public | BindingFlags.Static)?.GetValue(null) ?? throw Missing($"{type}.{name}");

    private Type TypeOf(string name) => assembly.GetType($"{space}.{name}") ?? throw Missing(name);

    private static MethodInfo Invoke<T>() => typeof(T).GetMethod("Invoke")!;

    private static ParameterExpression[] Arguments(MethodInfo invoke) =>
        Array.ConvertAll(invoke.GetParameters(), p => Expression.Parameter(p.ParameterType));

    private static IEnumerable<MethodInfo> Named(Type type, string name, BindingFlags where) =>
        type.GetMethods(BindingFlags.Public | where).Where(method => string.Equals(method.Name, name, StringComparison.Ordinal));

    private T Pick<T>(IEnumerable<T> candidates, ParameterExpression[] arguments, string what)
        where T : MethodBase
    {
        var fitting = candidates.Where(candidate => Fits(candidate.GetParameters(), arguments)).Take(2).ToArray();
        return fitting.Length == 1 ? fitting[0] : throw Missing($"{what}({string.Join(", ", arguments.Select(a => a.Type.Name))})");
    }

    private bool Fits(ParameterInfo[] parameters, ParameterExpression[] arguments) =>
        parameters.Length == arguments.Length && parameters.Zip(arguments).All(pair =>
            pair.Second.Type == typeof(IDisposable) ? pair.First.ParameterType.Assembly == assembly
                && typeof(IDisposable).IsAssignableFrom(pair.First.ParameterType)
            : pair.Second.Type == typeof(object) ? pair.First.ParameterType.Assembly == assembly
                && !typeof(IDisposable).IsAssignableFrom(pair.First.ParameterType)
            : pair.Second.Type == pair.First.ParameterType);

    private static IEnumerable<Expression> Cast(ParameterExpression[] arguments, MethodBase method) =>
        arguments.Zip(method.GetParameters(), (argument, parameter) => (Expression)Expression.Convert(argument, parameter.ParameterType));

    private T Compile<T>(Expression call, ParameterExpression[] arguments, Type returns, string what)
        where T : Delegate
    {
        if (returns == typeof(IDisposable) ? !returns.IsAssignableFrom(call.Type) : returns.IsPrimitive != call.Type.IsPrimitive
            && returns != typeof(void))
        {
            throw Missing($"{what} with a result of {returns.Name}");
        }

        // A result that nobody asked for is dropped: some versions return what earlier ones do not. Whole numbers come as wide as C++'s are there.
        Expression body = returns == typeof(void) ? Expression.Block(typeof(void), call) : Expression.Convert(call, returns);
        return Expression.Lambda<T>(body, arguments).Compile();
    }

    private MissingMemberException Missing(string what) => new($"{space}.{what}");
}
