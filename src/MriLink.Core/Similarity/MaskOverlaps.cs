namespace MriLink.Core.Similarity;

/// <summary>How far the masks of each probe and each gallery volume overlap.</summary>
internal sealed class MaskOverlaps
{
    private readonly int[] _probes;
    private readonly int[] _gallery;
    private readonly int[] _joint;

    /// <summary>Makes room for all pairs.</summary>
    public MaskOverlaps(IReadOnlyList<PreparedVolume> probes, IReadOnlyList<PreparedVolume> gallery)
    {
        _probes = [.. probes.Select(v => v.VoxelCount)];
        _gallery = [.. gallery.Select(v => v.VoxelCount)];
        _joint = new int[(long)probes.Count * gallery.Count];
    }

    private MaskOverlaps(int[] probes, int[] gallery)
    {
        _probes = probes;
        _gallery = gallery;
        _joint = new int[(long)probes.Length * gallery.Length];
    }

    /// <summary>Puts those of the same probes side by side.</summary>
    public static MaskOverlaps Join(IReadOnlyList<MaskOverlaps> parts)
    {
        var joined = new MaskOverlaps(parts[0]._probes, [.. parts.SelectMany(p => p._gallery)]);
        for (var i = 0; i < joined._probes.Length; i++)
        {
            var column = 0;
            foreach (var part in parts)
            {
                for (var j = 0; j < part._gallery.Length; j++)
                {
                    joined.Set(i, column++, part.Joint(i, j));
                }
            }
        }

        return joined;
    }

    /// <summary>The same pairs with rows for columns.</summary>
    public MaskOverlaps Transpose()
    {
        var turned = new MaskOverlaps(_gallery, _probes);
        for (var i = 0; i < _probes.Length; i++)
        {
            for (var j = 0; j < _gallery.Length; j++)
            {
                turned.Set(j, i, Joint(i, j));
            }
        }

        return turned;
    }

    /// <summary>Says how many voxels lie in both masks of a pair.</summary>
    public void Set(int probe, int gallery, int joint) => _joint[((long)probe * _gallery.Length) + gallery] = joint;

    /// <summary>Voxels in both masks.</summary>
    public int Joint(int probe, int gallery) => _joint[((long)probe * _gallery.Length) + gallery];

    /// <summary>Dice overlap, 0 to 1.</summary>
    public double Dice(int probe, int gallery) => 2.0 * Joint(probe, gallery) / ((double)_probes[probe] + _gallery[gallery]);

    /// <summary>Whether the masks overlap enough for a score (see <see cref="PairwiseScorer"/>).</summary>
    public bool Suffices(int probe, int gallery) => Suffices(Joint(probe, gallery), _probes[probe], _gallery[gallery]);

    /// <summary>Why a pair has no score, or null.</summary>
    public string? ProblemOf(SimilarityMeasure measure, double score, int probe, int gallery) =>
        Problem(measure, score, Joint(probe, gallery), _probes[probe], _gallery[gallery]);

    /// <summary>Whether two masks overlap enough for a score.</summary>
    public static bool Suffices(int joint, int first, int second) =>
        joint >= PairwiseScorer.LeastVoxels && joint >= PairwiseScorer.LeastOverlap * Math.Min(first, second);

    /// <summary>Why a pair has no score, or null.</summary>
    public static string? Problem(SimilarityMeasure measure, double score, int joint, int first, int second)
    {
        if (!Suffices(joint, first, second))
        {
            var share = (double)joint / Math.Min(first, second);
            return FormattableString.Invariant(
                $"The masks share {joint} voxels, {share:P0} of the smaller one; at least {PairwiseScorer.LeastVoxels} and ")
                + FormattableString.Invariant($"{PairwiseScorer.LeastOverlap:P0} are needed.");
        }

        return double.IsFinite(score) ? null
            : $"{measure.Name} is not defined for this pair: a volume is constant, or too small for the measure's windows.";
    }
}
