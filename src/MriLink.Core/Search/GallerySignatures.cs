using System.Collections.Concurrent;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;

namespace MriLink.Core.Search;

/// <summary>A gallery's own signatures: they choose the entries that are worth comparing with a probe in full.</summary>
/// <remarks>
/// They are made when a search first needs them and kept, 3 KB an entry, some 50 ms each. Their key is no secret: they lie beside the brains
/// themselves. A search reads all of them in one pass, 0.3 GB for 100 000 entries, and holds a few hundred.
/// </remarks>
internal sealed class GallerySignatures
{
    private const int Dimensions = SignatureProjection.DefaultDimensions;
    private const int Batch = 256;

    // Signatures from which the mean is estimated. What all brains have in common is noise to a comparison (SignatureFile).
    private const int SampleSize = 1000;

    private static readonly byte[] Key = new byte[32];

    private readonly VolumeGallery _gallery;
    private readonly SignatureProjection _projection;

    /// <summary>Prepares the projection for a gallery's grid.</summary>
    public GallerySignatures(VolumeGallery gallery, GalleryVolume any) => (_gallery, _projection) = (gallery, new(Key, any.Geometry));

    /// <summary>The signature of a probe.</summary>
    public float[] Project(Preprocessing.PreprocessedVolume probe, CancellationToken cancellationToken) =>
        _projection.Project(probe, cancellationToken).GetValues();

    /// <summary>Makes the signatures that are missing; each batch is kept once it is done. Entries that cannot be read stay without.</summary>
    public void Complete(IReadOnlyList<GalleryVolume> entries, WorkOptions work, IProgress<WorkProgress>? progress)
    {
        var known = _gallery.Signatures.Ids(work.CancellationToken);
        var missing = entries.Where(entry => !known.Contains(entry.Id)).ToArray();
        var done = 0;
        foreach (var batch in missing.Chunk(Batch))
        {
            progress?.Report(new((double)done / missing.Length, $"{done} of {missing.Length} signatures"));
            var made = new ConcurrentBag<(long Id, byte[] Content)>();
            work.ForBlocks(batch.Length, i =>
            {
                try
                {
                    var content = new byte[PackedSignature.Length(Dimensions)];
                    PackedSignature.Pack(_projection.Project(batch[i], work.CancellationToken).GetValues(), content);
                    made.Add((batch[i].Id, content));
                }
                catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
                {
                    // Told by the comparison, which reads every entry that has no signature.
                }
            });
            _gallery.Signatures.Add(made, work.CancellationToken);
            done += batch.Length;
        }
    }

    /// <summary>For each probe, the places in <paramref name="entries"/> of those most like it, and of those without a signature.</summary>
    public int[][] Closest(IReadOnlyList<float[]> probes, IReadOnlyList<GalleryVolume> entries, int wanted, WorkOptions work)
    {
        var places = new Dictionary<long, int>(entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            places[entries[i].Id] = i;
        }

        var mean = Mean([.. places.Keys], work.CancellationToken);
        var searches = probes.Select(probe => new Search(probe, mean, wanted)).ToArray();
        var seen = new bool[entries.Count];
        var batch = new List<(int Place, byte[] Content)>(Batch);
        _gallery.Signatures.Read(
            (id, content) =>
            {
                if (places.TryGetValue(id, out var place) && content.Length == PackedSignature.Length(Dimensions))
                {
                    seen[place] = true;
                    batch.Add((place, content));
                }

                if (batch.Count == Batch)
                {
                    work.ForBlocks(searches.Length, i => searches[i].Take(batch));
                    batch.Clear();
                }
            },
            work.CancellationToken);
        work.ForBlocks(searches.Length, i => searches[i].Take(batch));
        var unknown = Enumerable.Range(0, seen.Length).Where(place => !seen[place]).ToArray();
        return Array.ConvertAll(searches, search => (int[])[.. search.Found, .. unknown]);
    }

    private float[] Mean(long[] ids, CancellationToken cancellationToken)
    {
        Array.Sort(ids);
        var size = Math.Min(SampleSize, ids.Length);
        var sample = _gallery.Signatures.Read(Enumerable.Range(0, size).Select(i => ids[(int)((long)i * ids.Length / size)]), cancellationToken)
            .Where(content => content.Length == PackedSignature.Length(Dimensions)).ToList();
        var sum = new float[Dimensions];
        foreach (var content in sample)
        {
            PackedSignature.AddTo(content, sum);
        }

        return Array.ConvertAll(sum, v => v / Math.Max(1, sample.Count));
    }

    /// <summary>A probe and the best so far.</summary>
    private sealed class Search
    {
        private readonly PackedSignature.Probe _probe;
        private readonly int _wanted;
        private readonly PriorityQueue<int, float> _best = new();

        public Search(float[] probe, float[] mean, int wanted)
        {
            _probe = new([.. probe.Zip(mean, (p, m) => p - m)]);
            _wanted = wanted;
        }

        public IEnumerable<int> Found => _best.UnorderedItems.Select(item => item.Element);

        public void Take(List<(int Place, byte[] Content)> batch)
        {
            foreach (var (place, content) in batch)
            {
                var score = _probe.Times(content);
                if (_best.Count < _wanted)
                {
                    _best.Enqueue(place, score);
                }
                else
                {
                    _best.EnqueueDequeue(place, score);
                }
            }
        }
    }
}
