using System.Security.Cryptography;

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
        File.WriteAllBytes(Path.Combine(_session.Folder, "key"), SHA256.HashData("key"u8));
        File.WriteAllBytes(Path.Combine(_session.Folder, "other"), SHA256.HashData("other"u8));
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

    [Theory]
    [InlineData("$a | ConvertTo-MriSignature -KeyPath $folder/other | Find-MriMatch $b -Threshold 0.5", "another key")]
    [InlineData("$a | Find-MriMatch $b -Threshold 0.5", "the others are signatures")]
    [InlineData("$b | Find-MriMatch $b -Metric SSIM -Threshold 0.5", "keep correlations alone")]
    [InlineData("$a | ConvertTo-MriSignature -KeyPath $folder/none", "New-MriKey")]
    public void What_cannot_be_compared_is_told(string script, string problem)
    {
        var outcome = Run("$a = Import-MriVolume $folder/a/sub-1_desc-preproc_T1w.nii; $b = Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/key\n" + script);

        Assert.Contains(problem, outcome.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void A_file_says_whose_signatures_it_holds_and_is_not_replaced_unasked()
    {
        var output = Run("""
            $a = Import-MriVolume $folder/a -Recurse
            $a | ConvertTo-MriSignature -KeyPath $folder/key -OutFile $folder/a.mrisig
            (Get-MriSignature $folder/a.mrisig).Participant -join ' '
            try { $a[0] | ConvertTo-MriSignature -KeyPath $folder/key -OutFile $folder/a.mrisig } catch { $_.Exception.Message -match 'use -Force' }
            (Get-MriSignature $folder/a.mrisig).Count
            $a[0] | ConvertTo-MriSignature -KeyPath $folder/key -OutFile $folder/a.mrisig -Force
            @(Get-MriSignature $folder/a.mrisig).Count
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["1 2 3 4 5", "True", "5", "1"], output);
    }

    [Fact]
    public void A_key_is_made_for_its_owner_alone_and_one_that_can_be_guessed_is_refused()
    {
        var output = Run("""
            (New-MriKey $folder/new.key).Length
            try { New-MriKey $folder/new.key } catch { $_.Exception.Message -match 'use -Force' }
            [IO.File]::WriteAllText("$folder/word", 'correct horse battery staple, correct horse battery staple')
            try { $null = Import-MriVolume $folder/b -Recurse | ConvertTo-MriSignature -KeyPath $folder/word } catch { $_.Exception.Message -match 'is text' }
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["32", "True", "True"], output);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_session.Folder, "new.key")));
        }
    }
}
