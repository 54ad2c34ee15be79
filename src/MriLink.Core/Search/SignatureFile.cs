using System.Buffers;
using System.Buffers.Binary;
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

/// <summary>Signatures in a file that is searched where it lies: any number of them, of which little is held in memory.</summary>
/// <remarks>
/// <para>Layout, numbers little-endian: "MRISIGNA", version, count, dimensions d, length of the labels (int32 each), space (32 characters), measure
/// (8 characters, zeros behind a shorter name), spacing of the grid in mm (double); d floats, the mean m of the signatures; then for each signature d bits, the signs of its difference from m; then for each a float, the
/// step, and d signed bytes q, so that m + step·(q + ½) is the signature; then the labels as JSON; then SHA-256 of all before. 3.5 KB for
/// each signature of 3072 numbers.</para>
/// <para>Search: the bits of all are compared with the probe's (a Hamming distance estimates the angle, Charikar 2002), and of the closest the
/// bytes decide. All of the bits and little of the rest is looked at: a twentieth of the bytes that a loop over floats reads.</para>
/// <para>Opening reads the file once, checks its checksum, and keeps the bits, 38 MB for 100 000 signatures, and a hash of each signature's
/// bytes. Bytes that are read later are compared with that: a file that is written to, or cut off, while it is open is an error, and never
/// another person's match.</para>
/// </remarks>
public sealed class SignatureFile : IDisposable
{
    private const int Version = 4;
    private const int HeaderLength = 72;
    private const int SpaceLength = 32;
    private const int MetricLength = 8;
    private const int SpacingAt = HeaderLength - sizeof(double);

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
    private readonly SafeFileHandle _file;
    private readonly float[] _mean;
    private readonly long[] _bits;
    private readonly long _bytes;
    private readonly int[] _hashes;
    private readonly ScanIdentity[] _labels;

    private SignatureFile(string path, SafeFileHandle file)
    {
        (_path, _file) = (path, file);
        var length = RandomAccess.GetLength(file);
        var header = new byte[HeaderLength];
        using var content = new SequentialReader(path, file, length);
        if (length < HeaderLength + SHA256.HashSizeInBytes || !content.TryFill(header) || !header.AsSpan().StartsWith(Magic))
        {
            throw new MriFileException(path, "is no signature file.");
        }

        var numbers = MemoryMarshal.Cast<byte, int>(header.AsSpan(Magic.Length, 16));
        if (numbers[0] != Version)
        {
            throw new MriFileException(
                path, $"is a signature file of layout {numbers[0]}; this version of MriLink reads {Version}. Make it again with "
                    + $"ConvertTo-MriSignature.");
        }

        Metric = Encoding.ASCII.GetString(header, Magic.Length + 16 + SpaceLength, MetricLength).TrimEnd('\0');
        if (!SignatureProjection.Metrics.Contains(Metric, StringComparer.Ordinal))
        {
            throw new MriFileException(path, "is damaged, or holds signatures for a measure that this version of MriLink does not know.");
        }

        (Count, Dimensions) = (numbers[1], numbers[2]);
        var labels = numbers[3];
        Space = Encoding.ASCII.GetString(header, Magic.Length + 16, SpaceLength);
        Spacing = BinaryPrimitives.ReadDoubleLittleEndian(header.AsSpan(SpacingAt));
        if (Count < 0 || Dimensions is < 1024 or > 16384 || Dimensions % 64 != 0 || labels is < 0 or > LongestLabels
            || length != HeaderLength + (4L * Dimensions) + ((long)Count * BytesPerSignature(Dimensions)) + labels + SHA256.HashSizeInBytes
            || (long)Count * (Dimensions / 64) > Array.MaxLength)
        {
            throw new MriFileException(path, "is damaged: its header does not fit its length.");
        }

        if (!(Spacing > 0 && double.IsFinite(Spacing)))
        {
            throw new MriFileException(path, "is damaged: no grid has its spacing.");
        }

        _mean = new float[Dimensions];
        content.Fill(MemoryMarshal.AsBytes(_mean.AsSpan()));
        _bits = new long[Count * (Dimensions / 64)];
        content.Fill(MemoryMarshal.AsBytes(_bits.AsSpan()));
        _bytes = content.Position;
        _hashes = new int[Count];
        var sound = Array.TrueForAll(_mean, number => Math.Abs(number) <= PackedSignature.Largest);
        var packed = new byte[BytesEach];
        for (var i = 0; i < Count; i++)
        {
            content.Fill(packed);
            _hashes[i] = HashOf(packed);
            sound &= PackedSignature.IsSound(packed);
        }

        var names = new byte[labels];
        content.Fill(names);
        content.RequireChecksum();
        if (!sound)
        {
            throw new MriFileException(path, "holds numbers that no signature has.");
        }

        _labels = ReadLabels(names);
    }

    /// <summary>How many signatures there are.</summary>
    public int Count { get; }

    /// <summary>How many numbers each has.</summary>
    public int Dimensions { get; }

    /// <summary>Spacing of the brains' grid in mm.</summary>
    public double Spacing { get; }

    /// <summary>What a probe must share (<see cref="MriSignature.Space"/>).</summary>
    public string Space { get; }

    /// <summary>The measure that the signatures were made for (<see cref="MriSignature.Metric"/>).</summary>
    public string Metric { get; }

    /// <summary>Whose signatures they are, in their order.</summary>
    public IReadOnlyList<ScanIdentity> Labels => _labels;

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

    /// <summary>Opens a file and checks all of it.</summary>
    /// <exception cref="MriFileException">It is none, is damaged, or cannot be read.</exception>
    public static SignatureFile Open(string path)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("The numbers of signature files are taken as they are, which takes a little-endian processor.");
        }

        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var opened = new SignatureFile(path, file);
            file = null;
            return opened;
        }
        catch (Exception exception) when (
            exception is IOException and not MriFileException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new MriFileException(path, $"cannot be read: {exception.Message}", exception);
        }
        catch (OutOfMemoryException exception)
        {
            throw new MriFileException(path, "does not fit into memory.", exception);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Writes signatures to a file, which appears, or replaces the old one, only once it is complete.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="signatures">All of one space; gone through twice.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <exception cref="ArgumentException">There are none, or they are of different spaces.</exception>
    /// <exception cref="IOException">There is a file already, or it cannot be written.</exception>
    public static void Write(string path, IReadOnlyCollection<MriSignature> signatures, bool overwrite = false)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        var first = signatures.FirstOrDefault() ?? throw new ArgumentException("There are no signatures to write.", nameof(signatures));
        var mean = Mean(signatures, first);
        var dimensions = mean.Length;
        var labels = JsonSerializer.SerializeToUtf8Bytes(signatures.Select(s => new Label(s.Participant, s.Session, s.Run)));
        WholeFile.Write(
            path,
            file =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                void Put(ReadOnlySpan<byte> bytes)
                {
                    hash.AppendData(bytes);
                    file.Write(bytes);
                }

                var header = new byte[HeaderLength];
                Magic.CopyTo(header);
                int[] numbers = [Version, signatures.Count, dimensions, labels.Length];
                MemoryMarshal.AsBytes<int>(numbers).CopyTo(header.AsSpan(Magic.Length));
                Encoding.ASCII.GetBytes(first.Space, header.AsSpan(Magic.Length + 16));
                Encoding.ASCII.GetBytes(first.Metric, header.AsSpan(Magic.Length + 16 + SpaceLength, MetricLength));
                BinaryPrimitives.WriteDoubleLittleEndian(header.AsSpan(SpacingAt), first.Spacing);
                Put(header);
                Put(MemoryMarshal.AsBytes<float>(mean));
                var residual = new float[dimensions];
                var bits = new byte[dimensions / 8];
                foreach (var signature in signatures)
                {
                    Subtract(signature.GetValues(), mean, residual);
                    Signs(residual, bits);
                    Put(bits);
                }

                var packed = new byte[PackedSignature.Length(dimensions)];
                foreach (var signature in signatures)
                {
                    Subtract(signature.GetValues(), mean, residual);
                    PackedSignature.Pack(residual, packed);
                    Put(packed);
                }

                Put(labels);
                file.Write(hash.GetHashAndReset());
            },
            overwrite);
    }

    /// <summary>One signature, as well as its bytes hold it: to 0.4 % of its largest number.</summary>
    public MriSignature Read(int index) => new(_labels[index], ReadValues(index), Space, Metric, Spacing);

    /// <summary>All signatures, read one by one as they are asked for.</summary>
    public IEnumerable<MriSignature> ReadAll() => Enumerable.Range(0, Count).Select(Read);

    /// <summary>All signatures, whose numbers are read from this file each time a step asks for them; it must stay open.</summary>
    public IEnumerable<MriSignature> List() => Enumerable.Range(0, Count).Select(i => new MriSignature(_labels[i], this, i));

    /// <summary>The numbers of one signature.</summary>
    /// <exception cref="MriFileException">The file has changed since it was opened.</exception>
    internal float[] ReadValues(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var packed = new byte[BytesEach];
        ReadPacked(index, packed);
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
    /// <exception cref="MriFileException">The file has changed since it was opened.</exception>
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

        var threads = work ?? WorkOptions.SingleThread;
        var chosen = Closest(probe.GetValues(), Math.Max(top, candidates), threads);
        return Best(Score(probe.GetValues(), chosen, threads), top);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static long BytesPerSignature(int dimensions) => (dimensions / 8) + PackedSignature.Length(dimensions);

    private static float[] Mean(IReadOnlyCollection<MriSignature> signatures, MriSignature first)
    {
        var sum = new double[first.GetValues().Length];
        foreach (var signature in signatures)
        {
            var values = signature.GetValues();
            if (!string.Equals(signature.Space, first.Space, StringComparison.Ordinal) || values.Length != sum.Length)
            {
                throw new ArgumentException(
                    $"The signatures of '{signature.Name}' and '{first.Name}' were made with different keys, grids or lengths.", nameof(signatures));
            }

            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += values[i];
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

    private SignatureHit[] Score(float[] probe, List<int> chosen, WorkOptions work)
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
            var rented = ArrayPool<byte>.Shared.Rent(BytesEach);
            var packed = rented.AsSpan(0, BytesEach);
            for (var i = block * CandidateBlock; i < Math.Min(hits.Length, (block + 1) * CandidateBlock); i++)
            {
                ReadPacked(chosen[i], packed);
                hits[i] = new(chosen[i], (float)constant + packedProbe.Times(packed));
            }

            ArrayPool<byte>.Shared.Return(rented);
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
        work.ForBlocks((Count + BitBlock - 1) / BitBlock, block =>
        {
            var theirs = MemoryMarshal.Cast<long, ulong>(_bits.AsSpan());
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
                counts += Avx2.Shuffle(table, differences & low)
                    + Avx2.Shuffle(table, Vector256.ShiftRightLogical(differences.AsUInt16(), 4).AsByte() & low);
            }

            sums += Avx2.SumAbsoluteDifferences(counts, Vector256<byte>.Zero).AsUInt64();
        }

        return (int)Vector256.Sum(sums);
    }

    // Hashes are made and compared in one process, so that it does not matter that HashCode gives others in the next.
    private static int HashOf(ReadOnlySpan<byte> packed)
    {
        var hash = default(HashCode);
        hash.AddBytes(packed);
        return hash.ToHashCode();
    }

    private void ReadPacked(int index, Span<byte> packed)
    {
        try
        {
            var offset = _bytes + ((long)index * BytesEach);
            var done = 0;
            while (done < packed.Length && RandomAccess.Read(_file, packed[done..], offset + done) is > 0 and var read)
            {
                done += read;
            }

            if (done < packed.Length || HashOf(packed) != _hashes[index])
            {
                throw new MriFileException(_path, "has changed since it was opened.");
            }
        }
        catch (Exception exception) when (exception is IOException and not MriFileException or UnauthorizedAccessException)
        {
            throw new MriFileException(_path, $"cannot be read: {exception.Message}", exception);
        }
    }

    private ScanIdentity[] ReadLabels(byte[] bytes)
    {
        try
        {
            var labels = JsonSerializer.Deserialize<Label[]>(bytes);
            return labels?.Length == Count && labels.All(label => label?.Participant is not null)
                ? [.. labels.Select(label => new ScanIdentity(label.Participant, label.Session, label.Run))]
                : throw new MriFileException(_path, "is damaged: it does not hold a label for each signature.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new MriFileException(_path, "is damaged: its labels cannot be read.", exception);
        }
    }

    private sealed record Label(string Participant, string? Session, string? Run);

    /// <summary>Reads a file from its start, and hashes what it reads.</summary>
    private sealed class SequentialReader(string path, SafeFileHandle file, long length) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public long Position { get; private set; }

        public void Dispose() => _hash.Dispose();

        public bool TryFill(Span<byte> into)
        {
            var wanted = into;
            while (!into.IsEmpty && RandomAccess.Read(file, into, Position) is > 0 and var read)
            {
                into = into[read..];
                Position += read;
            }

            _hash.AppendData(wanted[..^into.Length]);
            return into.IsEmpty;
        }

        public void Fill(Span<byte> into)
        {
            if (!TryFill(into))
            {
                throw new MriFileException(path, "is truncated, or is being written.");
            }
        }

        public void RequireChecksum()
        {
            var expected = _hash.GetHashAndReset();
            Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
            Fill(stored);
            if (!stored.SequenceEqual(expected) || Position != length)
            {
                throw new MriFileException(path, "is damaged: its checksum is wrong.");
            }
        }
    }
}
