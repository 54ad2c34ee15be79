using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Similarity;

/// <summary>The volumes and expected scores made by Fixtures/similarity/make_fixtures.py.</summary>
internal static class SimilarityFixtures
{
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllBytes(Find("expected.json"))).RootElement;

    public static IReadOnlyList<Case> Cases { get; } = Expected.GetProperty("cases").EnumerateArray().Select(c => new Case(
        c.GetProperty("x").GetString()!,
        c.GetProperty("y").GetString()!,
        c.GetProperty("maskX").GetString(),
        c.GetProperty("maskY").GetString(),
        c.GetProperty("dataRange").ValueKind == JsonValueKind.Null ? null : c.GetProperty("dataRange").GetDouble(),
        c.GetProperty("jointVoxels").GetInt32(),
        c.GetProperty("dice").GetDouble(),
        c.GetProperty("scores").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetDouble()))).ToArray();

    public static PreparedVolume Prepare(string name, string? mask) => PreparedVolume.Prepare(Preprocessed(name, mask));

    public static PreprocessedVolume Preprocessed(string name, string? mask)
    {
        var geometry = Geometry(name);
        var bytes = Unpack($"{name}.i2.gz");
        var voxels = new float[geometry.Size.Count];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)) / 1000f;
        }

        var inside = mask is null ? Enumerable.Repeat(true, voxels.Length).ToArray() : Array.ConvertAll(Unpack($"{mask}.u1.gz"), b => b != 0);
        return TestVolume.Preprocessed(new(name), new(geometry, voxels), new(geometry, inside));
    }

    private static VolumeGeometry Geometry(string name)
    {
        var size = Expected.GetProperty("sizes").GetProperty(name);
        return new(new(size[0].GetInt32(), size[1].GetInt32(), size[2].GetInt32()), Affine.FromScale(2, 2, 2));
    }

    private static byte[] Unpack(string file)
    {
        using var stream = new GZipStream(File.OpenRead(Find(file)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static string Find(string file) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "similarity", file);

    internal sealed record Case(
        string X, string Y, string? MaskX, string? MaskY, double? DataRange, int JointVoxels, double Dice, IReadOnlyDictionary<string, double> Scores)
    {
        public SimilarityOptions Options => new() { DataRange = DataRange };

        public PreparedVolume First => Prepare(X, MaskX);

        public PreparedVolume Second => Prepare(Y, MaskY);

        public override string ToString() => $"{X} in {MaskX ?? "all"}, {Y} in {MaskY ?? "all"}, L = {DataRange?.ToString() ?? "of the pair"}";
    }
}
