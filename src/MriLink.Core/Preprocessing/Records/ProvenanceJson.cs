using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>How provenance, quality and transforms are written as JSON: in caches, galleries and sidecars alike.</summary>
internal static class ProvenanceJson
{
    /// <summary>Compact, for storing and comparing.</summary>
    public static JsonSerializerOptions Compact { get; } = Make(indented: false);

    /// <summary>For people.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(indented: true);

    /// <summary>One line of JSON, the same for the same provenance.</summary>
    public static string Write(Provenance provenance) => JsonSerializer.Serialize(provenance, Compact);

    private static JsonSerializerOptions Make(bool indented) => new()
    {
        WriteIndented = indented,

        // Files of others come in here; ours are five levels deep.
        MaxDepth = 16,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(), new PlainValueConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AllowOlderQuality } },
    };

    // A gallery may have been written before a measure of quality was known: it is then 0, and the rest is still there.
    private static void AllowOlderQuality(JsonTypeInfo type)
    {
        if (type.Type == typeof(QualityRecord))
        {
            foreach (var property in type.Properties)
            {
                property.IsRequired = false;
            }
        }
    }

    /// <summary>The values of <see cref="Provenance.Parameters"/>.</summary>
    private sealed class PlainValueConverter : JsonConverter<IReadOnlyDictionary<string, object?>>
    {
        public override IReadOnlyDictionary<string, object?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("Parameters are an object of plain values.");
            }

            var values = new SortedDictionary<string, object?>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = reader.GetString()!;
                reader.Read();
                values[name] = reader.TokenType switch
                {
                    JsonTokenType.Null => null,
                    JsonTokenType.True => true,
                    JsonTokenType.False => false,
                    JsonTokenType.Number => reader.GetDouble(),
                    JsonTokenType.String => reader.GetString(),
                    _ => throw new JsonException($"Parameter {name} is no plain value."),
                };
            }

            return values;
        }

        public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, object?> value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, item) in value.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, item, item?.GetType() ?? typeof(object), options);
            }

            writer.WriteEndObject();
        }
    }
}
