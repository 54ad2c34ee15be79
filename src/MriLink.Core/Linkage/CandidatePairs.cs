using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>
/// Which pairs of an audit may be one person: each scan's best counterpart, and whatever else carries that counterpart's label. All
/// others are taken for impostors.
/// </summary>
/// <remarks>Labels are trusted only within one side: two scans that the gallery calls 12 are the same person, whoever that is.</remarks>
internal sealed class CandidatePairs
{
    private readonly int[] _bestOfProbe;
    private readonly int[] _bestOfGallery;
    private readonly int[] _probeLabels;
    private readonly int[] _galleryLabels;

    /// <summary>Finds the best counterparts.</summary>
    /// <param name="values">Larger is more alike; NaN for pairs that are not compared.</param>
    /// <param name="probes">Whose scans the rows are.</param>
    /// <param name="gallery">Whose scans the columns are.</param>
    public CandidatePairs(double[,] values, IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery)
    {
        (_probeLabels, ProbePeople) = Number(probes);
        (_galleryLabels, GalleryPeople) = Number(gallery);
        _bestOfProbe = [.. Enumerable.Range(0, probes.Count).Select(i => Best(gallery.Count, j => values[i, j]))];
        _bestOfGallery = [.. Enumerable.Range(0, gallery.Count).Select(j => Best(probes.Count, i => values[i, j]))];
    }

    /// <summary>Labels on the probes' side.</summary>
    public int ProbePeople { get; }

    /// <summary>Labels in the gallery.</summary>
    public int GalleryPeople { get; }

    /// <summary>The person of a probe, numbered from 0.</summary>
    public int PersonOfProbe(int probe) => _probeLabels[probe];

    /// <summary>The person of a gallery scan, numbered from 0.</summary>
    public int PersonOfGallery(int gallery) => _galleryLabels[gallery];

    /// <summary>The gallery scan most like a probe, −1 when it was compared with none.</summary>
    public int BestOfProbe(int probe) => _bestOfProbe[probe];

    /// <summary>Whether the gallery scan is the probe's best or of the same label.</summary>
    public bool OfProbe(int probe, int gallery) => _bestOfProbe[probe] is >= 0 and var best && _galleryLabels[best] == _galleryLabels[gallery];

    /// <summary>Whether the probe is the gallery scan's best or of the same label.</summary>
    public bool OfGallery(int probe, int gallery) => _bestOfGallery[gallery] is >= 0 and var best && _probeLabels[best] == _probeLabels[probe];

    private static (int[] Labels, int People) Number(IReadOnlyList<ScanIdentity> scans)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var labels = new int[scans.Count];
        for (var i = 0; i < labels.Length; i++)
        {
            if (!numbers.TryGetValue(scans[i].Participant, out labels[i]))
            {
                numbers.Add(scans[i].Participant, labels[i] = numbers.Count);
            }
        }

        return (labels, numbers.Count);
    }

    private static int Best(int count, Func<int, double> value)
    {
        var best = -1;
        for (var i = 0; i < count; i++)
        {
            if (!double.IsNaN(value(i)) && (best < 0 || value(i) > value(best)))
            {
                best = i;
            }
        }

        return best;
    }
}
