using System.Diagnostics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Fuzz;

/// <summary>Feeds damaged files of one format to the readers and holds them to what they promise.</summary>
/// <remarks>
/// Promised of any file: a volume, or one MriFileException that names a file; within two seconds; and in no more memory than a fixed
/// sum for buffers, some multiple of the files' length, and one float for each voxel whose presence the file's length allows.
/// </remarks>
internal sealed class FuzzRun : IDisposable
{
    // Buffers of decompressors (bzip2's blocks are 900 KB, and its tables four times as much), of the readers, and of the runtime.
    private const long FixedBytes = 24 << 20;

    // Header texts become strings of two bytes a letter, several times over; elements of DICOM are objects of some 150 bytes for 8.
    private const long BytesPerByte = 256;

    private const string TookLong = "took as long as";

    private const int Tries = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly string _folder;
    private readonly IReadOnlyList<Seed> _seeds;
    private readonly int _seed;

    /// <param name="format">Whose seeds are damaged.</param>
    /// <param name="seed">Two runs with the same are the same.</param>
    public FuzzRun(string format, int seed)
    {
        _seeds = SeedCorpus.Of(format);
        _seed = seed;

        // In memory where the system has such a folder: a million small files would wear a disk.
        var parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _folder = Directory.CreateDirectory(Path.Combine(parent, $"mrilink-fuzz-{Guid.NewGuid():N}")).FullName;
    }

    /// <summary>Inputs that were read as volumes all the same.</summary>
    public long Accepted { get; private set; }

    /// <summary>Inputs that were refused as they should be.</summary>
    public long Refused { get; private set; }

    /// <summary>The longest that one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The most memory that one input took beyond its voxels.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>Every seed as it is must be read, or refused as its series are: what the corpus is for.</summary>
    public IEnumerable<string> CheckSeeds() => _seeds.Select(seed => TryAgain(seed, seed.Name)).OfType<string>();

    /// <summary>One damaged input, always the same for its number.</summary>
    /// <returns>Null, or what is wrong with the readers.</returns>
    public string? Try(long number)
    {
        var random = new Random(unchecked((int)((_seed * 2654435761) ^ (number * 40503) ^ (number >> 16))));
        var seed = _seeds[random.Next(_seeds.Count)];
        var input = new Mutator(random).Mutate(seed, _seeds[random.Next(_seeds.Count)]);
        return TryAgain(input, $"input {number} of seed {_seed}, made from {seed.Name}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A busy machine may stop the run for seconds; an input that really takes long takes long every time. Nothing else is excused.
    private string? TryAgain(Seed input, string name)
    {
        var problem = Try(input, name);
        for (var tries = 1; tries < Tries && problem?.Contains(TookLong, StringComparison.Ordinal) == true; tries++)
        {
            problem = Try(input, name);
        }

        return problem;
    }

    private string? Try(Seed input, string name)
    {
        foreach (var old in Directory.GetFiles(_folder))
        {
            File.Delete(old);
        }

        foreach (var (file, content) in input.Files)
        {
            File.WriteAllBytes(Path.Combine(_folder, file), content);
        }

        var path = Path.Combine(_folder, input.Main);
        long voxels = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            Expect(() => VolumeFormats.Describe(path, withTrailing: true));
            Expect(() =>
            {
                var header = VolumeFormats.ReadHeader(path);
                voxels = header.Geometry.Size.Count;
                _ = new FileVoxelSource(header, new(NonFiniteVoxels.Zero, Reorient: true)).Read(CancellationToken.None);
                Accepted++;
            });
        }
        catch (Exception exception)
        {
            return $"{name}: {exception.GetType().Name}: {exception.Message} {exception.StackTrace}";
        }

        var took = watch.Elapsed;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before - (sizeof(float) * voxels);
        Slowest = took > Slowest ? took : Slowest;
        MostAllocated = Math.Max(MostAllocated, allocated);
        return took > Limit ? $"{name}: {TookLong} {took.TotalSeconds:0.0} s."
            : allocated > FixedBytes + (BytesPerByte * input.Length) ? $"{name}: took {allocated:N0} bytes for an input of {input.Length:N0}."
            : null;
    }

    private void Expect(Action action)
    {
        try
        {
            action();
        }
        catch (MriFileException exception)
        {
            var names = exception.Message.Contains(_folder, StringComparison.Ordinal);
            var control = exception.Message.AsSpan().IndexOfAnyInRange('\0', '\u001f');
            if (!names || control >= 0)
            {
                throw new InvalidOperationException(
                    $"the message {(names ? $"has a control character at {control}" : $"does not name {_folder}")}: {exception.Message}", exception);
            }

            Refused++;
        }
    }
}
