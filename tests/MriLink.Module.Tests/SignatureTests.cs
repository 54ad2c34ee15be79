namespace MriLink.Module.Tests;

public sealed class SignatureTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public SignatureTests()
    {
        for (var i = 1; i <= 5; i++)
        {
            _session.PlaceBrain($"a/sub-{i}_desc-preproc_T1w.nii", i);
        }

        _session.PlaceBrain("b/sub-x_desc-preproc_T1w.nii", 100, alike: 3, likeness: 0.8);
        File.WriteAllBytes(Path.Combine(_session.Folder, "key"), [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        File.WriteAllBytes(Path.Combine(_session.Folder, "other"), [.. Enumerable.Range(3, 32).Select(i => (byte)i)]);
    }

    public void Dispose() => _session.Dispose();

    private ModuleSession.Outcome Run(string script) => _session.Run($"$folder = $args[0]\n{script}", _session.Folder);

    [Fact]
    public void Two_institutions_find_the_person_they_share()
    {
        var output = Run("""
            Import-MriVolume $folder/a -Recurse | ConvertTo-MriSignature -KeyPath $folder/key -OutFile $folder/a.mrisig
            Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/key -OutFile $folder/b.mrisig
            $match = Find-MriMatch -Gallery $folder/a.mrisig -Probe $folder/b.mrisig -Threshold 0.5
            "$($match.ProbeParticipant) $($match.GalleryParticipant) $($match.IsMatch)"
            $signature = Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/key
            "$($signature.Stage) $($signature.Values.Count)"
            ($signature | Find-MriMatch $folder/a.mrisig -Threshold 0.5).GalleryParticipant
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["x 3 True", "Signature 3072", "3"], output);
    }

    [Fact]
    public void Signatures_are_compared_by_the_measure_they_were_made_for_whatever_the_default_is()
    {
        var output = Run("""
            Import-MriVolume $folder/a -Recurse | ConvertTo-MriSignature -KeyPath $folder/key -Metric NCC -OutFile $folder/a.mrisig
            $match = Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/key -Metric NCC | Find-MriMatch $folder/a.mrisig -FalseMatchRate 0.1 -WarningAction SilentlyContinue
            "$($match.GalleryParticipant) $($match.Metric)"
            (Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/key | Measure-MriSimilarity (Import-MriVolume $folder/a -Recurse | ConvertTo-MriSignature -KeyPath $folder/key)).Metric[0]
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["3 NCC", "LocalNCC"], output);
    }

    [Theory]
    [InlineData("$a | ConvertTo-MriSignature -KeyPath $folder/other | Find-MriMatch $b -Threshold 0.5", "another key")]
    [InlineData("$a | Find-MriMatch $b -Threshold 0.5", "the others are signatures")]
    [InlineData("$b | Find-MriMatch $b -Metric SSIM -Threshold 0.5", "was made for LocalNCC")]
    [InlineData("$a | ConvertTo-MriSignature -KeyPath $folder/key -Metric NCC | Find-MriMatch $b -Threshold 0.5", "was made for NCC")]
    [InlineData("$a | ConvertTo-MriSignature -KeyPath $folder/none", "To make one")]
    public void What_cannot_be_compared_is_told(string script, string problem)
    {
        var outcome = Run("$a = Import-MriVolume $folder/a/sub-1_desc-preproc_T1w.nii; $b = Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/key\n" + script);

        Assert.Contains(problem, outcome.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }
}
