using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>Signatures in a file that is searched where it lies: any number of them, in memory that the system can take back.</summary>
/// <remarks>
/// <para>Layout, numbers little-endian: "MRISIGNA", version, count, dimensions d, length of the labels (int32 each), space (32 characters),
/// measure (8 characters, zeros behind a shorter name; none in version 1, which is of NCC), SHA-256 of the labels; d floats, the mean m of the signatures; then for each signature d bits, the signs of its
/// difference from m; then for each a float, the step, and d signed bytes q, so that m + step·(q + ½) is the signature; then the labels as
/// JSON. 3.5 KB for each signature of 3072 numbers.</para>
/// <para>Search: the bits of all are compared with the probe's (a Hamming distance estimates the angle, Charikar 2002), and of the closest the
/// bytes decide. All of the bits and little of the rest is read: a twentieth of the bytes that a loop over floats reads. The bits are
/// kept in memory from the first search on, 38 MB for 100 000 signatures, which is twice as fast as going through a mapping; the rest is
/// looked at where the file is mapped, and is the system's to keep or drop.</para>
/// </remarks>
public sealed class SignatureFile : IDisposable
{
    private const int Version = 2;
    private const int VersionOfNcc = 1;
    private const int HeaderLength = 96;
    private const int SpaceLength = 32;
    private const int MetricLength = 8;

    /// <summary>How many signatures a search looks at closely when nothing else is said.</summary>
    /// <remarks>
    /// Of 100 000 simulated strangers, those who are among the ten truly most alike were the 284th closest by bits or better in 90 of 100
    /// cases, the 1447th in 99 and the 5792nd in 2000. A person's other scan is the first.
    /// </remarks>
    public const int DefaultCandidates = 6000;

    // What a thread does at a time: so many signatures' bits, and so many candidates' bytes.
    private const int BitBlock = 4096;
    private const int CandidateBlock = 256;

    // Labels of a million scans take some 100 MB.
    private const int LongestLabels = 1 << 28;

    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _memory;
    private readonly float[] _mean;
    private readonly Lazy<long[]> _bits;
    private readonly long _bytes;
    private readonly Lazy<ScanIdentity[]> _labels;

    private SignatureFile(string path, MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        (_path, _file, _view, _memory) = (path, file, view, view.SafeMemoryMappedViewHandle);
        var header = new byte[HeaderLength];
        var length = new FileInfo(path).Length;
        if (length < HeaderLength || view.ReadArray(0, header, 0, HeaderLength) != HeaderLength || !header.AsSpan().StartsWith(Magic))
        {
            throw new MriFileException(path, "is no signature file.");
        }

        var numbers = MemoryMarshal.Cast<byte, int>(header.AsSpan(Magic.Length, 16));
        if (numbers[0] is not (Version or VersionOfNcc))
        {
            throw new MriFileException(path, $"is a signature file of layout {numbers[0]}; this version of MriLink reads {VersionOfNcc} and {Version}.");
        }

        Metric = numbers[0] == VersionOfNcc ? "NCC" : Encoding.ASCII.GetString(header, Magic.Length + 16 + SpaceLength, MetricLength).TrimEnd('\0');
        if (!SignatureProjection.Metrics.Contains(Metric, StringComparer.Ordinal))
        {
            throw new MriFileException(path, "holds signatures for a measure that this version of MriLink does not know.");
        }

        (Count, Dimensions) = (numbers[1], numbers[2]);
        var labels = numbers[3];
        Space = Encoding.ASCII.GetString(header, Magic.Length + 16, SpaceLength);
        if (Count < 0 || Dimensions is < 1024 or > 16384 || Dimensions % 64 != 0 || labels is < 0 or > LongestLabels
            || length != HeaderLength + (4L * Dimensions) + ((long)Count * BytesPerSignature(Dimensions)) + labels)
        {
            throw new MriFileException(path, "is damaged: its header does not fit its length.");
        }

        _mean = new float[Dimensions];
        view.ReadArray(HeaderLength, _mean, 0, Dimensions);
        var bits = HeaderLength + (4L * Dimensions);
        _bytes = bits + ((long)Count * (Dimensions / 8));
        _bits = new(() => ReadBits(bits));
        var hash = header[^32..];
        _labels = new(() => ReadLabels(length - labels, labels, hash));
    }

    /// <summary>How many signatures there are.</summary>
    public int Count { get; }

    /// <summary>How many numbers each has.</summary>
    public int Dimensions { get; }

    /// <summary>What a probe must share (<see cref="MriSignature.Space"/>).</summary>
    public string Space { get; }

    /// <summary>The measure that the signatures were made for (<see cref="MriSignature.Metric"/>).</summary>
    public string Metric { get; }

    private static ReadOnlySpan<byte> Magic => "MRISIGNA"u8;

    private int BytesEach => PackedSignature.Length(Dimensions);

    /// <summary>Whether a file begins like one of signatures.</summary>
    public static bool IsOne(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[8];
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(Magic);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens a file. Labels are read when they are asked for.</summary>
    /// <exception cref="MriFileException">It is none, is damaged, or cannot be read.</exception>
    public static SignatureFile Open(string path)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Signature files are mapped into memory as they are, which takes a little-endian processor.");
        }

        MemoryMappedFile? file = null;
        try
        {
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
            var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            var opened = new SignatureFile(path, file, view);
            file = null;
            return opened;
        }
        catch (Exception exception) when (exception is IOException and not MriFileException or UnauthorizedAccessException or ArgumentException)
        {
            throw new MriFileException(path, $"cannot be read: {exception.Message}", exception);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Writes signatures to a file, which appears, or replaces the old one, only once it is complete.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="signatures">All of one space; gone through twice.</param>
    /// <exception cref="ArgumentException">There are none, or they are of different spaces.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, IReadOnlyCollection<MriSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        var first = signatures.FirstOrDefault() ?? throw new ArgumentException("There are no signatures to write.", nameof(signatures));
        var mean = Mean(signatures, first);
        var dimensions = mean.Length;
        var labels = JsonSerializer.SerializeToUtf8Bytes(signatures.Select(s => new Label(s.Participant, s.Session, s.Run)));
        WholeFile.Write(path, file =>
        {
            var header = new byte[HeaderLength];
            Magic.CopyTo(header);
            int[] numbers = [Version, signatures.Count, dimensions, labels.Length];
            MemoryMarshal.AsBytes<int>(numbers).CopyTo(header.AsSpan(Magic.Length));
            Encoding.ASCII.GetBytes(first.Space, header.AsSpan(Magic.Length + 16));
            Encoding.ASCII.GetBytes(first.Metric, header.AsSpan(Magic.Length + 16 + SpaceLength, MetricLength));
            SHA256.HashData(labels, header.AsSpan(HeaderLength - 32));
            file.Write(header);
            file.Write(MemoryMarshal.AsBytes<float>(mean));
            var residual = new float[dimensions];
            var bits = new byte[dimensions / 8];
            foreach (var signature in signatures)
            {
                Subtract(signature.Values, mean, residual);
                Signs(residual, bits);
                file.Write(bits);
            }

            var packed = new byte[PackedSignature.Length(dimensions)];
            foreach (var signature in signatures)
            {
                Subtract(signature.Values, mean, residual);
                PackedSignature.Pack(residual, packed);
                file.Write(packed);
            }

            file.Write(labels);
        });
    }

    /// <summary>One signature, as well as its bytes hold it: to 0.4 % of its largest number.</summary>
    public MriSignature Read(int index) => new(_labels.Value[index], ReadValues(index), Space, Metric);

    /// <summary>All signatures, read one by one as they are asked for.</summary>
    public IEnumerable<MriSignature> ReadAll() => Enumerable.Range(0, Count).Select(Read);

    /// <summary>All signatures, whose numbers are read from this file each time a step asks for them; it must stay open.</summary>
    public IEnumerable<MriSignature> List() => Enumerable.Range(0, Count).Select(i => new MriSignature(_labels.Value[i], this, i));

    /// <summary>The numbers of one signature.</summary>
    internal float[] ReadValues(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var packed = new byte[BytesEach];
        _view.ReadArray(_bytes + ((long)index * BytesEach), packed, 0, packed.Length);
        var values = (float[])_mean.Clone();
        PackedSignature.AddTo(packed, values);
        return values;
    }

    /// <summary>Finds the signatures most like a probe.</summary>
    /// <param name="probe">A signature of the same space.</param>
    /// <param name="top">How many to find.</param>
    /// <param name="candidates">How many are looked at closely; more find the right ones more surely.</param>
    /// <param name="work">Threads and cancellation; by default one thread.</param>
    /// <returns>The best first. Scores estimate correlations; they do not depend on the number of threads.</returns>
    /// <exception cref="ArgumentException">The probe is of another space.</exception>
    public SignatureHit[] Search(MriSignature probe, int top, int candidates = DefaultCandidates, WorkOptions? work = null)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        if (!string.Equals(probe.Space, Space, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                string.Equals(probe.Metric, Metric, StringComparison.Ordinal)
                    ? $"The signature of '{probe.Name}' was made with another key, grid or length than those of '{_path}'."
                    : $"The signature of '{probe.Name}' was made for {probe.Metric}, and those of '{_path}' for {Metric}.",
                nameof(probe));
        }

        // While the handle is held the mapping stays, whoever disposes of this meanwhile.
        var held = false;
        _memory.DangerousAddRef(ref held);
        try
        {
            var start = _memory.DangerousGetHandle() + (nint)_view.PointerOffset;
            var threads = work ?? WorkOptions.SingleThread;
            var chosen = Closest(probe.Values, Math.Max(top, candidates), threads);
            return Best(Score(start, probe.Values, chosen, threads), top);
        }
        finally
        {
            _memory.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static long BytesPerSignature(int dimensions) => (dimensions / 8) + PackedSignature.Length(dimensions);

    private static float[] Mean(IReadOnlyCollection<MriSignature> signatures, MriSignature first)
    {
        var sum = new double[first.Values.Length];
        foreach (var signature in signatures)
        {
            if (!string.Equals(signature.Space, first.Space, StringComparison.Ordinal) || signature.Values.Length != sum.Length)
            {
                throw new ArgumentException($"The signatures of '{signature.Name}' and '{first.Name}' were made with different keys, grids or lengths.", nameof(signatures));
            }

            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += signature.Values[i];
            }
        }

        return Array.ConvertAll(sum, s => (float)(s / signatures.Count));
    }

    private static void Subtract(float[] values, float[] mean, float[] into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = values[i] - mean[i];
        }
    }

    private static void Signs(float[] values, Span<byte> bits)
    {
        bits.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            bits[i >> 3] |= (byte)((values[i] < 0 ? 1 : 0) << (i & 7));
        }
    }

    // Sorting thousands by a comparison of their own takes as long as all the bits; plain numbers find the few that are to be sorted so.
    private static SignatureHit[] Best(SignatureHit[] hits, int top)
    {
        if (hits.Length > top)
        {
            var scores = Array.ConvertAll(hits, hit => hit.Score);
            Array.Sort(scores);
            var least = scores[^top];
            hits = Array.FindAll(hits, hit => hit.Score >= least);
        }

        Array.Sort(hits, (a, b) => b.Score != a.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
        return hits.Length > top ? hits[..top] : hits;
    }

    private SignatureHit[] Score(nint start, float[] probe, List<int> chosen, WorkOptions work)
    {
        // The mean's own product with what a signature has beside it is nothing but noise of the projection, and left out.
        var residual = new float[Dimensions];
        Subtract(probe, _mean, residual);
        var packedProbe = new PackedSignature.Probe(residual);
        double constant = 0;
        for (var i = 0; i < probe.Length; i++)
        {
            constant += (double)probe[i] * _mean[i];
        }

        var hits = new SignatureHit[chosen.Count];
        work.ForBlocks((hits.Length + CandidateBlock - 1) / CandidateBlock, block =>
        {
            var packed = ArrayPool<byte>.Shared.Rent(BytesEach);
            for (var i = block * CandidateBlock; i < Math.Min(hits.Length, (block + 1) * CandidateBlock); i++)
            {
                Marshal.Copy(start + (nint)(_bytes + ((long)chosen[i] * BytesEach)), packed, 0, BytesEach);
                hits[i] = new(chosen[i], (float)constant + packedProbe.Times(packed));
            }

            ArrayPool<byte>.Shared.Return(packed);
        });
        return hits;
    }

    // The indices of those whose bits differ least from the probe's: all up to some distance, and no more than are wanted.
    private List<int> Closest(float[] probe, int wanted, WorkOptions work)
    {
        var residual = new float[Dimensions];
        Subtract(probe, _mean, residual);
        var bits = new byte[Dimensions / 8];
        Signs(residual, bits);
        var own = MemoryMarshal.Cast<byte, ulong>(bits).ToArray();
        var distances = new ushort[Count];
        var all = _bits.Value;
        work.ForBlocks((Count + BitBlock - 1) / BitBlock, block =>
        {
            var theirs = MemoryMarshal.Cast<long, ulong>(all);
            for (var i = block * BitBlock; i < Math.Min(Count, (block + 1) * BitBlock); i++)
            {
                distances[i] = (ushort)Hamming(own, theirs.Slice(i * own.Length, own.Length));
            }
        });

        var histogram = new int[Dimensions + 1];
        foreach (var distance in distances)
        {
            histogram[distance]++;
        }

        var limit = 0;
        for (var sum = histogram[0]; limit < Dimensions && sum < wanted; sum += histogram[limit])
        {
            limit++;
        }

        var chosen = new List<int>(wanted);
        for (var i = 0; i < distances.Length; i++)
        {
            if (distances[i] <= limit)
            {
                chosen.Add(i);
            }
        }

        return chosen;
    }

    private static int Hamming(ReadOnlySpan<ulong> one, ReadOnlySpan<ulong> other)
    {
        var (count, done) = (0, 0);
        if (Avx2.IsSupported)
        {
            var vectors = MemoryMarshal.Cast<ulong, Vector256<byte>>(one);
            count = CountOfDifferences(vectors, MemoryMarshal.Cast<ulong, Vector256<byte>>(other));
            done = vectors.Length * Vector256<ulong>.Count;
        }

        for (var i = done; i < one.Length; i++)
        {
            count += BitOperations.PopCount(one[i] ^ other[i]);
        }

        return count;
    }

    // Counts the ones of each half byte by a table (Muła, Kurz and Lemire 2018): a byte's ones in 31 vectors stay below 256, and 16384
    // bits are 64 vectors, so bytes are summed after every 16.
    private static int CountOfDifferences(ReadOnlySpan<Vector256<byte>> one, ReadOnlySpan<Vector256<byte>> other)
    {
        var table = Vector256.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
        var low = Vector256.Create((byte)0x0F);
        var sums = Vector256<ulong>.Zero;
        other = other[..one.Length];
        for (var first = 0; first < one.Length; first += 16)
        {
            var counts = Vector256<byte>.Zero;
            for (var i = first; i < Math.Min(one.Length, first + 16); i++)
            {
                var differences = one[i] ^ other[i];
                counts += Avx2.Shuffle(table, differences & low) + Avx2.Shuffle(table, Vector256.ShiftRightLogical(differences.AsUInt16(), 4).AsByte() & low);
            }

            sums += Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
        }

        return (int)Vector256.Sum(sums);
    }

    // Called by a search, which holds the handle.
    private long[] ReadBits(long start)
    {
        var bits = new long[checked(Count * (Dimensions / 64))];
        Marshal.Copy(_memory.DangerousGetHandle() + (nint)(_view.PointerOffset + start), bits, 0, bits.Length);
        return bits;
    }

    private ScanIdentity[] ReadLabels(long start, int length, byte[] hash)
    {
        var bytes = new byte[length];
        _view.ReadArray(start, bytes, 0, length);
        if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(hash))
        {
            throw new MriFileException(_path, "is damaged: the checksum of its labels is wrong.");
        }

        try
        {
            var labels = JsonSerializer.Deserialize<Label[]>(bytes);
            return labels?.Length == Count && labels.All(label => label?.Participant is not null)
                ? [.. labels.Select(label => new ScanIdentity(label.Participant, label.Session, label.Run))]
                : throw new MriFileException(_path, "is damaged: it does not hold a label for each signature.");
        }
        catch (JsonException exception)
        {
            throw new MriFileException(_path, "is damaged: its labels cannot be read.", exception);
        }
    }

    private sealed record Label(string Participant, string? Session, string? Run);
}
