using System.Globalization;
using System.Reflection;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Templates;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>Takes records of options apart into names and plain values, so that whatever is added to them is recorded too.</summary>
internal static class PlainValues
{
    /// <summary>
    /// Adds each public property of <paramref name="options"/>: truth values, numbers as doubles, all else as text; records within by "Outer.Inner".
    /// </summary>
    public static void Collect(object options, string prefix, IDictionary<string, object?> into)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            // The template goes by its name and hash, the engine by its name and version.
            if (property.PropertyType == typeof(Template) || property.PropertyType == typeof(PreprocessingEngine)
                || property.GetIndexParameters().Length > 0)
            {
                continue;
            }

            var name = prefix + property.Name;
            switch (property.GetValue(options))
            {
                case null:
                    into[name] = null;
                    break;
                case bool flag:
                    into[name] = flag;
                    break;
                case string or Enum or char:
                    into[name] = Convert.ToString(property.GetValue(options), CultureInfo.InvariantCulture);
                    break;
                case IConvertible number:
                    into[name] = number.ToDouble(CultureInfo.InvariantCulture);
                    break;
                case System.Collections.IEnumerable list:
                    into[name] = string.Join(' ', list.Cast<object?>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture)));
                    break;
                case { } inner:
                    Collect(inner, name + ".", into);
                    break;
            }
        }
    }
}
