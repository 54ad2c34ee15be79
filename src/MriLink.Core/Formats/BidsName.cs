using System.Text;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>A file name taken apart by the rules of BIDS: <c>sub-12_ses-1_run-2_T1w</c>.</summary>
public sealed class BidsName
{
    private readonly List<KeyValuePair<string, string>> _entities;

    private BidsName(List<KeyValuePair<string, string>> entities, IReadOnlyList<string> suffixes, string? suffix)
    {
        _entities = entities;
        Suffixes = suffixes;
        Suffix = suffix;
    }

    /// <summary>Keys and labels in the order of the name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Entities => _entities;

    /// <summary>What follows the entities, "T1w" for example, or null.</summary>
    public string? Suffix { get; }

    /// <summary>All parts that are no entities: "T1w" and "defaced" of <c>sub-12_T1w_defaced</c>, which is no name of BIDS but usual.</summary>
    public IReadOnlyList<string> Suffixes { get; }

    /// <summary>The label of an entity, "12" for the key "sub", or null.</summary>
    public string? this[string key] => _entities.Find(e => string.Equals(e.Key, key, StringComparison.Ordinal)).Value;

    /// <summary>Takes the file name of a path apart; folders are not looked at.</summary>
    public static BidsName Parse(string path)
    {
        var parts = VolumeFormats.GetStem(path).Split('_');
        var (entities, others) = (new List<KeyValuePair<string, string>>(), new List<string>());
        foreach (var part in parts)
        {
            if (Entity(part) is { } entity)
            {
                entities.Add(entity);
            }
            else
            {
                others.Add(part);
            }
        }

        return entities.Count == 0 ? new(entities, [], null) : new(entities, others, Entity(parts[^1]) is null ? parts[^1] : null);
    }

    /// <summary>
    /// The file name that BIDS gives a volume, without its ending: entities of the original name where it was BIDS, otherwise made
    /// from the identity. Characters that BIDS does not allow in labels (all but letters and digits) are left out.
    /// </summary>
    /// <param name="identity">Whose scan it is.</param>
    /// <param name="description">The label of <c>desc-</c>, replacing any, or null to leave it as it is.</param>
    /// <param name="suffix">The suffix, or null for that of the original name, or else of the scan's contrast.</param>
    public static string Build(ScanIdentity identity, string? description = null, string? suffix = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var original = identity.Path is null ? null : Parse(identity.Path);
        var name = new StringBuilder();
        Append("sub", identity.Participant);
        Append("ses", identity.Session);
        string[] settled = description is null ? ["sub", "ses", "run"] : ["sub", "ses", "run", "desc"];
        var others = original?["sub"] is null ? [] : original.Entities.Where(e => !settled.Contains(e.Key, StringComparer.Ordinal)).ToArray();

        // BIDS puts run after these and before all others.
        string[] early = ["task", "acq", "ce", "trc", "rec", "dir"];
        AppendAll(others.Where(e => early.Contains(e.Key, StringComparer.Ordinal)));
        Append("run", identity.Run);
        AppendAll(others.Where(e => !early.Contains(e.Key, StringComparer.Ordinal)));
        Append("desc", description);
        return name.Append(suffix ?? original?.Suffix ?? SuffixOf(identity.Kind)).ToString();

        void AppendAll(IEnumerable<KeyValuePair<string, string>> entities)
        {
            foreach (var (key, label) in entities)
            {
                Append(key, label);
            }
        }

        void Append(string key, string? label)
        {
            if (label is not null)
            {
                var allowed = string.Concat(label.Where(char.IsLetterOrDigit));
                name.Append(key).Append('-').Append(allowed.Length > 0 ? allowed : "unnamed").Append('_');
            }
        }
    }

    /// <summary>The suffix that BIDS gives scans of a contrast.</summary>
    public static string SuffixOf(MriContrast contrast) => contrast == MriContrast.PD ? "PDw" : contrast.ToString();

    // Names of files are anybody's, and labels are shown on terminals.
    private static string Label(string text) => SafeText.ForTerminal(text);

    private static KeyValuePair<string, string>? Entity(string part)
    {
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && dash < part.Length - 1 && part[..dash].All(char.IsAsciiLetterLower) ? new(part[..dash], Label(part[(dash + 1)..])) : null;
    }
}
