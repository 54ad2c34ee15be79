using MriLink.Core.Basics;
using MriLink.Core.Similarity.Measures;
using MriLink.Core.Similarity.Products;

namespace MriLink.Core.Similarity;

/// <summary>One run of measures over every probe with every gallery volume.</summary>
internal sealed class AllPairs
{
    // Pairs are scored in squares of this many probes and gallery volumes, whose vectors then stay in the processor's cache.
    private const int Tile = 8;

    private readonly IReadOnlyList<SimilarityMeasure> _measures;
    private readonly IReadOnlyList<PreparedVolume> _probes;
    private readonly IReadOnlyList<PreparedVolume> _gallery;
    private readonly SimilarityOptions _options;
    private readonly WorkOptions _work;
    private readonly IProgress<WorkProgress>? _progress;
    private readonly double[][] _scores;
    private readonly MaskOverlaps _overlaps;
    private readonly bool _isSelf;
    private readonly VoxelUnion? _union;
    private double _finished;
    private double _share;

    /// <summary>Prepares a run; see <see cref="PairwiseScorer"/>. The voxels to go over are those of the gallery unless they are given.</summary>
    public AllPairs(
        IReadOnlyList<SimilarityMeasure> measures,
        IReadOnlyList<PreparedVolume> probes,
        IReadOnlyList<PreparedVolume> gallery,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress,
        VoxelUnion? union = null)
    {
        _union = union;
        _measures = measures;
        _probes = probes;
        _isSelf = ReferenceEquals(probes, gallery)
            || (probes.Count == gallery.Count && probes.Zip(gallery).All(p => ReferenceEquals(p.First, p.Second)));
        _gallery = _isSelf ? probes : gallery;
        _options = options;
        _work = work;
        _progress = progress;
        _scores = [.. measures.Select(_ => new double[(long)probes.Count * gallery.Count])];
        _overlaps = new(probes, gallery);
    }

    /// <summary>Does the work.</summary>
    public IReadOnlyList<SimilarityMatrix> Run()
    {
        if (_probes.Count > 0 && _gallery.Count > 0)
        {
            var union = _union ?? VoxelUnion.Of(_gallery, _probes);
            var products = Enumerable.Range(0, _measures.Count)
                .Where(i => _measures[i] is MomentMeasure m && (union.IsOneMask || m.Vectors.SuitsAnyMask))
                .GroupBy(i => ((MomentMeasure)_measures[i]).Vectors)
                .Select(g => (g.Key, Measures: g.ToArray()))
                .ToArray();
            int[] edges = [.. Enumerable.Range(0, _measures.Count).Where(i => _measures[i] is EdgeOrientationCorrelation)];
            int[] single = [.. Enumerable.Range(0, _measures.Count).Except(products.SelectMany(p => p.Measures)).Except(edges)];

            // A product's time is small beside that of the measures that go pair by pair.
            const double productTime = 0.05;
            _share = single.Length == 0 ? 1.0 / (products.Length + edges.Length) : productTime / Math.Max(1, products.Length + edges.Length);
            Prepare();
            foreach (var i in edges)
            {
                CompareEdges(i, (EdgeOrientationCorrelation)_measures[i]);
            }

            foreach (var (source, measures) in products)
            {
                Multiply(union, source, measures);
            }

            if (single.Length > 0)
            {
                _share = 1 - _finished;
                PairByPair(single);
            }
        }

        var probes = _probes.Select(v => v.Identity).ToArray();
        var gallery = _isSelf ? probes : [.. _gallery.Select(v => v.Identity)];
        return [.. _measures.Select((m, i) => new SimilarityMatrix(m, probes, gallery, _scores[i], _overlaps))];
    }

    private static (int First, int Count)[] Parts(int count, int size) =>
        [.. Enumerable.Range(0, (count + size - 1) / size).Select(i => (i * size, Math.Min(size, count - (i * size))))];

    // Volume by volume, so that all threads have work; a product packs sixteen at a time.
    private void Prepare()
    {
        PreparedVolume[] volumes = [.. _probes.Concat(_isSelf ? [] : _gallery)];
        _work.ForBlocks(volumes.Length, i =>
        {
            foreach (var measure in _measures)
            {
                measure.Prepare(volumes[i]);
            }
        });
    }

    // Five grids a brain, multiplied as volumes of their own.
    private void CompareEdges(int index, EdgeOrientationCorrelation measure)
    {
        PreparedVolume[] probes = [.. _probes.Select(measure.Edges)];
        PreparedVolume[] gallery = _isSelf ? probes : [.. _gallery.Select(measure.Edges)];
        var scores = new AllPairs([EdgeOrientationCorrelation.OfEdges], probes, gallery, _options, _work, progress: null).Run()[0];
        _work.ForBlocks(probes.Length, i =>
        {
            for (var j = 0; j < gallery.Length; j++)
            {
                _overlaps.Set(i, j, _probes[i].Mask.SharedWith(_gallery[j].Mask));
                _scores[index][((long)i * gallery.Length) + j] = _overlaps.Suffices(i, j) ? scores[i, j] : double.NaN;
            }
        });
        Report(_share, $"{measure.Name} of {Pairs} pairs");
    }

    private void Multiply(VoxelUnion union, ProductSource source, int[] measures)
    {
        var parts = Parts(_probes.Count, MomentProduct.Most)
            .SelectMany(r => Parts(_gallery.Count, MomentProduct.Most).Select(c => (Rows: r, Columns: c)))
            .Where(p => !_isSelf || p.Rows.First <= p.Columns.First)
            .ToArray();
        var step = _share / Math.Max(1, (long)parts.Length * union.BlockCount);
        foreach (var (rows, columns) in parts)
        {
            var moments = MomentProduct.Compute(
                union, _probes, rows, _gallery, columns, source, PanelKernel.Best, _work, () => Report(step, $"{Names(measures)} of {Pairs} pairs"));
            _work.ForBlocks(rows.Count, row =>
            {
                // Within one part of a set with itself, the pairs below the diagonal are not known: they are those above it.
                for (var column = _isSelf && rows == columns ? row : 0; column < columns.Count; column++)
                {
                    Finish(rows.First + row, columns.First + column, moments[row, column], measures);
                }
            });
        }
    }

    private void Finish(int probe, int gallery, in JointMoments moments, int[] measures)
    {
        SetOverlap(probe, gallery, moments.Count);
        PreparedVolume first = _probes[probe], second = _gallery[gallery];
        foreach (var i in measures)
        {
            var measure = (MomentMeasure)_measures[i];
            var score = !_overlaps.Suffices(probe, gallery) ? double.NaN : measure.FromMoments(moments, first, second, _options)
                ?? Directly(first, second, measure);
            Set(i, probe, gallery, double.IsFinite(score) ? score : double.NaN);
        }
    }

    private double Directly(PreparedVolume first, PreparedVolume second, SimilarityMeasure measure)
    {
        _work.CancellationToken.ThrowIfCancellationRequested();
        using var pair = new VolumePair(first, second);
        return PairwiseScorer.Score(pair, measure, _options);
    }

    private void PairByPair(int[] measures)
    {
        var tiles = Parts(_probes.Count, Tile)
            .SelectMany(r => Parts(_gallery.Count, Tile).Select(c => (Rows: r, Columns: c)))
            .Where(t => !_isSelf || t.Rows.First <= t.Columns.First || measures.Any(i => !_measures[i].IsSymmetric))
            .ToArray();
        var step = _share / tiles.Length;
        _work.ForBlocks(tiles.Length, t =>
        {
            var (rows, columns) = tiles[t];
            for (var probe = rows.First; probe < rows.First + rows.Count; probe++)
            {
                for (var gallery = columns.First; gallery < columns.First + columns.Count; gallery++)
                {
                    ScorePair(probe, gallery, measures);
                }
            }

            Report(step, $"{Names(measures)} of {Pairs} pairs");
        });
    }

    private void ScorePair(int probe, int gallery, int[] measures)
    {
        var isMirrored = _isSelf && gallery < probe;
        VolumePair? pair = null;
        try
        {
            foreach (var i in measures)
            {
                if (isMirrored && _measures[i].IsSymmetric)
                {
                    continue;
                }

                _work.CancellationToken.ThrowIfCancellationRequested();
                pair ??= new(_probes[probe], _gallery[gallery]);
                SetOverlap(probe, gallery, pair.Count);
                Set(i, probe, gallery, PairwiseScorer.Score(pair, _measures[i], _options));
            }
        }
        finally
        {
            pair?.Dispose();
        }
    }

    private void SetOverlap(int probe, int gallery, int joint)
    {
        _overlaps.Set(probe, gallery, joint);
        if (_isSelf)
        {
            _overlaps.Set(gallery, probe, joint);
        }
    }

    private void Set(int measure, int probe, int gallery, double score)
    {
        _scores[measure][((long)probe * _gallery.Count) + gallery] = score;
        if (_isSelf && _measures[measure].IsSymmetric)
        {
            _scores[measure][((long)gallery * _gallery.Count) + probe] = score;
        }
    }

    private long Pairs => (long)_probes.Count * _gallery.Count;

    private string Names(int[] measures) => string.Join(", ", measures.Select(i => _measures[i].Name));

    private void Report(double step, string status)
    {
        lock (_scores)
        {
            _finished += step;
            _progress?.Report(new(Math.Min(1, _finished), status));
        }
    }
}
