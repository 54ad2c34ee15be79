namespace MriLink.Module.Tests;

/// <summary>Ctrl+C, within the second that a user waits.</summary>
[Collection(nameof(Alone))]
public sealed class InterruptTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Importing_stops()
    {
        // A second or so of decompression for each, many times.
        var path = _session.Place("zeros.nii.gz", TinyNifti.LargeZeros(800));

        _session.AssertStopsWithinASecond("1..200 | ForEach-Object { $path } | Import-MriVolume -Validate", $"$path = '{path}'");
    }

    [Fact]
    public void Preprocessing_stops()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());

        _session.AssertStopsWithinASecond("1..500 | ForEach-Object { $volume } | Invoke-MriPreprocess -ThrottleLimit 2", $"$volume = Import-MriVolume '{path}'");
    }

    [Fact]
    public void Measuring_stops()
    {
        var path = _session.Place("large.nii", TinyNifti.Make(91, 109, 91));

        _session.AssertStopsWithinASecond("1..500 | ForEach-Object { $volume } | Measure-MriSimilarity $volume -Metric All", $"$volume = Import-MriVolume '{path}'");
    }

    [Fact]
    public void Matching_stops()
    {
        var path = _session.Place("large.nii", TinyNifti.Make(160, 160, 160));

        _session.AssertStopsWithinASecond("1..500 | ForEach-Object { Import-MriVolume $path } | Find-MriMatch (Import-MriVolume $path) -Metric LNCC", $"$path = '{path}'");
    }

    [Fact]
    public void Trying_mitigations_stops()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());

        _session.AssertStopsWithinASecond("1..100 | ForEach-Object { Import-MriVolume $path } | Test-MriMitigation $held", $"$path = '{path}'; $held = Import-MriVolume $path | Invoke-MriPreprocess");
    }

    [Fact]
    public void Simulating_stops() =>
        _session.AssertStopsWithinASecond("New-MriSimulatedCohort -ParticipantCount 90000 -SessionCount 100", string.Empty);
}
