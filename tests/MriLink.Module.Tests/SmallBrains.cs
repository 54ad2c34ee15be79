using System.Text.Json;

namespace MriLink.Module.Tests;

/// <summary>Preprocessed volumes made of numbers, as files with sidecars written here by hand: importing gives back preprocessed ones.</summary>
internal static class SmallBrains
{
    private const int Side = 20;

    /// <summary>Writes a volume; the same number gives the same one, and likeness runs from 0 (noise of its own) to 1 (that of <paramref name="alike"/>).</summary>
    public static string PlaceBrain(this ModuleSession session, string name, int number, int alike = 0, double likeness = 0)
    {
        var bytes = TinyNifti.Make(Side, Side, Side);
        var (own, other) = (new Random(number), new Random(alike));
        for (var i = 352; i < bytes.Length; i++)
        {
            var (a, b) = (own.Next(1, 120), other.Next(1, 120));
            bytes[i] = (byte)((a * (1 - likeness)) + (b * likeness) + 1);
        }

        var path = session.Place(name, bytes);
        var sidecar = new
        {
            MriLink = new
            {
                Template = "Small",
                Size = new[] { Side, Side, Side },
                VoxelToWorld = new[] { -2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0 },
                TemplateToScan = new[] { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 },
                BrainVoxels = Side * Side * Side,
                Quality = new { TemplateCorrelation = 0.8, TemplateOverlap = 0.95, BrainMillilitres = 1300, ScaleX = 1, ScaleY = 1, ScaleZ = 1, SignalToNoise = 30, Coverage = 1.0 },
                Provenance = new { Tool = "MriLink", Version = "0", Template = "Small", TemplateHash = "x", InputHash = $"sha256:{number}-{alike}-{likeness}", Parameters = new { Spacing = 2.0 } },
            },
        };
        File.WriteAllText(Path.ChangeExtension(path, ".json"), JsonSerializer.Serialize(sidecar));
        return path;
    }
}
