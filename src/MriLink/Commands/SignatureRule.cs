using MriLink.Core.Search;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What may be compared with signatures: only others of the same key, grid and length, and only by correlation.</summary>
internal sealed class SignatureRule
{
    private static readonly string[] Measures = ["NCC", "Cosine"];

    // Null before the first volume, empty when that is no signature.
    private string? _space;

    /// <summary>Why a volume cannot be compared with those that came before; null when it can.</summary>
    public InvalidOperationException? Problem(MriVolume volume, object? metric)
    {
        var space = (volume as MriSignature)?.Space ?? string.Empty;
        _space ??= space;
        if (!string.Equals(space, _space, StringComparison.Ordinal))
        {
            return new(space.Length == 0 || _space.Length == 0
                ? $"'{volume.Name}' is {(space.Length == 0 ? "a volume and the others are signatures" : "a signature and the others are volumes")}; use ConvertTo-MriSignature on all."
                : $"The signature of '{volume.Name}' was made with another key, grid or length than the others.");
        }

        var names = metric is string name ? [name] : metric as string[] ?? [];
        return space.Length > 0 && names.Any(n => !Measures.Contains(n, StringComparer.OrdinalIgnoreCase))
            ? new($"Signatures keep correlations alone: '{volume.Name}' can be compared by {string.Join(" or ", Measures)}.")
            : null;
    }
}
