using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>What may be compared with signatures: only others of the same key, grid and length, and only by the measure they were made for.</summary>
internal sealed class SignatureRule
{
    private MriScan? _first;

    /// <summary>Why a volume cannot be compared with those that came before, or by these measures; null when it can.</summary>
    public InvalidOperationException? Problem(MriScan volume, IReadOnlyList<SimilarityMeasure> measures)
    {
        _first ??= volume;
        if (volume is not MriSignature signature)
        {
            return _first is MriSignature ? Mixed(volume, "a volume and the others are signatures") : null;
        }

        if (_first is not MriSignature first)
        {
            return Mixed(volume, "a signature and the others are volumes");
        }

        if (measures.FirstOrDefault(m => !string.Equals(m.Name, signature.Metric, StringComparison.Ordinal)) is { } other)
        {
            return new($"The signature of '{volume.Name}' was made for {signature.Metric} and cannot be compared by {other.Name}.");
        }

        return string.Equals(signature.Space, first.Space, StringComparison.Ordinal)
            ? null
            : new($"The signature of '{volume.Name}' was made with another key, grid or length than the others.");
    }

    private static InvalidOperationException Mixed(MriScan volume, string what) =>
        new($"'{volume.Name}' is {what}; use ConvertTo-MriSignature on all.");
}
