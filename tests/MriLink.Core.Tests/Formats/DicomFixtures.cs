using System.IO.Compression;
using System.Text.Json;

namespace MriLink.Core.Tests.Formats;

/// <summary>The DICOM series of an invented person (Fixtures/formats/make_dicom.py), unpacked, and what ITK says about them.</summary>
public sealed class DicomFixtures : IDisposable
{
    private static readonly Dictionary<string, FormatFixtures.Expectation> Expected = JsonSerializer.Deserialize<Dictionary<string,
        FormatFixtures.Expectation>>(
        File.ReadAllText(FormatFixtures.PathOf("dicom.json")), JsonSerializerOptions.Web)!;

    private readonly TemporaryFolder _folder = new();

    public DicomFixtures() => ZipFile.ExtractToDirectory(FormatFixtures.PathOf("dicom.zip"), _folder.Path);

    public static IEnumerable<string> Names => Expected.Keys;

    internal static FormatFixtures.Expectation Of(string name) => Expected[name];

    /// <summary>The first file of a series, by name.</summary>
    public string First(string name) => Directory.GetFiles(Folder(name)).Order(StringComparer.Ordinal).First();

    public string Folder(string name) => Path.Combine(_folder.Path, name);

    public void Dispose() => _folder.Dispose();
}
