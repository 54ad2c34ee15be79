using MriLink.Core.Basics;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Registration;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;
using MriLink.SimpleItk;

namespace MriLink.Core.Tests.SimpleItk;

/// <summary>
/// What crosses into SimpleITK and back, by a stand-in for its managed library that knows ITK's conventions: places, voxels, errors, and who lets go
/// of what.
/// </summary>
public sealed class SimpleItkBindingTests : IDisposable
{
    private static readonly Lazy<PreparedTemplate> Prepared = new(() => PreparedTemplate.Create(Template.Colin27, WorkOptions.AllProcessors));

    private readonly SimpleItkFolder _folder = new();

    private PreprocessingEngine Engine => _folder.Load();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.0)]
    [InlineData(3.2)]
    public void Resampling_takes_the_same_samples_at_the_same_places_as_ours(double spacing)
    {
        // An oblique grid of unequal spacing; a map with turn, shear and scale. The target stays within the source: at the border ITK and MriLink
        // differ.
        var size = new GridSize(23, 19, 17);
        var source = new Volume(new(
            size, Affine.FromTranslation(-4, 12, 31) * Affine.FromRotation(0.3, -0.4, 0.8) * Affine.FromScale(1.1, -0.9, 1.3)),
            new float[size.Count]);
        var random = new Random(1);
        for (var i = 0; i < source.Voxels.Length; i++)
        {
            source.Voxels[i] = random.NextSingle();
        }

        var center = source.Geometry.Center;
        var map = new Affine(0.99, 0.06, -0.04, 0.4, -0.05, 1.01, 0.03, -0.3, 0.04, -0.02, 0.98, 0.2).About(center);
        var target = new VolumeGeometry(
            new(3, 2, 3), Affine.FromTranslation(center.X - spacing, center.Y - (spacing / 2), center.Z - spacing)
            * Affine.FromScale(spacing, spacing, spacing));
        var region = new Mask(target, [.. Enumerable.Range(0, 18).Select(i => i % 4 != 3)]);

        var ours = Resampler.Resample(source, map, target, region, WorkOptions.SingleThread);
        var theirs = Engine.Resample(source, map, target, region, WorkOptions.SingleThread);

        // The double computes as doubles what we compute as floats, 1e-7 of values up to 1, from indices of 1e-6.
        Assert.Equal(ours.Voxels.Length, theirs.Voxels.Length);
        Assert.All(ours.Voxels.Zip(theirs.Voxels), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(ours.Voxels.Select(v => v == 0), theirs.Voxels.Select(v => v == 0));
        Assert.Equal(0, _folder.ImagesAlive());
    }

    [Fact]
    public void A_vector_that_cannot_be_filled_is_let_go_of()
    {
        var vectors = SimpleItkLibrary.Load(_folder.Folder).Vectors;

        Assert.Throws<ArgumentNullException>(() => vectors.String.Of("a", null!));
        Assert.Equal(0, _folder.Alive("VectorString"));

        using var filled = vectors.String.Of("a", "b");
        Assert.Equal(1, _folder.Alive("VectorString"));
    }

    [Fact]
    public void N4_gets_the_usual_parameters_and_no_voxel_without_intensity()
    {
        var size = new GridSize(8, 8, 8);
        var head = new Volume(new(size, Affine.FromScale(2, 2, 2)), [.. Enumerable.Range(0, 512).Select(i => (float)(i % 5))]);
        var mask = new Mask(head.Geometry, Enumerable.Repeat(true, 512).ToArray());

        var field = Engine.EstimateLogField(head, mask, WorkOptions.SingleThread);

        // The double finds a field of 2 everywhere, when it has not refused what it was given.
        Assert.Equal(head.Geometry, field.Geometry);
        Assert.All(field.Voxels, v => Assert.Equal(MathF.Log(2), v));
        Assert.Equal(0, _folder.ImagesAlive());
    }

    [Theory]
    [InlineData(TransformModel.Affine)]
    [InlineData(TransformModel.Similarity)]
    public void A_shift_to_the_left_and_back_is_one_along_minus_x_and_minus_y(TransformModel model)
    {
        var scan = Prepared.Value.Head;

        var map = Engine.Align(Prepared.Value, scan, seen: null, stripped: false, model, WorkOptions.SingleThread);

        // The double moves by 5, 3 and 2 mm along ITK's axes at each of two resolutions.
        var moved = map.Apply(new(10, 20, 30));
        Assert.Equal(0, (moved - new Point3(0, 14, 34)).Length, 1e-9);
        Assert.Equal(1, map.Determinant, 1e-9);
        Assert.Equal(0, _folder.ImagesAlive());
    }

    [Fact]
    public void The_best_of_many_starts_goes_on_and_comes_back_in_our_world()
    {
        var head = Prepared.Value.Head;

        // The double's metric is best where the point (-10, -20, 30) of our world stays: a pose near the header's own.
        var map = Engine.FindPose(Prepared.Value, head, stripped: false, WorkOptions.AllProcessors).Map;

        Assert.InRange((map.Apply(new(-10, -20, 30)) - new Point3(-10 - 15, -20 - 9, 30 + 6)).Length, 0, 40);
        Assert.True(map.Determinant > 0);
        Assert.Equal(0, _folder.ImagesAlive());
    }

    [Fact]
    public void A_header_is_read_in_our_world_and_voxels_by_volume()
    {
        // ITK's axes: to the left, to the back, up; the first of the grid runs backwards.
        var path = _folder.Place("scan.fake", """
            size 4 3 2 2 3
            components 1
            spacing 2 3 4 1 1
            origin 10 20 30 0 0
            direction 0 1 0 0 0 1 0 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 1
            """);

        var header = Engine.CreateHeaderReader(volume: 5).Read(path)!;

        Assert.Equal(new GridSize(4, 3, 2), header.Geometry.Size);
        Assert.Equal(new Affine(0, -3, 0, -10, -2, 0, 0, -20, 0, 0, 4, 30), header.Geometry.VoxelToWorld);
        Assert.Equal(("FakeImageIO", "type 8", 6L, 5L), (header.Format, header.DataType, header.Volumes, header.Volume));
        Assert.Equal("SimpleITK 2.4.1 (ITK test double)", header.Reader);

        var source = new FileVoxelSource(header, new());
        var read = source.Read(CancellationToken.None);
        Assert.Equal([0, 1, 2, 3, 10], read.Voxels[..5].Select(v => v % 1000));

        // The double knows the fourth axis only: the sixth volume of 2x3 is its index 1.
        Assert.Equal(1, Math.Floor(read.Voxels[0] / 1000));
        Assert.Equal(123, read[3, 2, 1] % 1000);
        Assert.Equal(0, _folder.ImagesAlive());

        // Where voxels lie in the file is ITK's secret: the hash is of the voxels.
        Assert.Equal(ContentHash.Of(read), source.HashContent(CancellationToken.None));
    }

    [Fact]
    public void The_provenance_of_a_scan_that_another_reader_read_is_another()
    {
        var path = _folder.Place("scan.fake", "size 4 3 2\ncomponents 1\nspacing 1 1 1\norigin 0 0 0\ndirection 1 0 0 0 1 0 0 0 1");
        var source = new FileVoxelSource(Engine.CreateHeaderReader(null).Read(path)!, new());
        var (read, kept) = (new MriVolume(new("a"), source), new MriVolume(new("a"), new MemoryVoxelSource(source.Read(CancellationToken.None))));

        Provenance Of(MriVolume scan, PreprocessingEngine engine) =>
            Provenance.Of(new() { Template = Template.Colin27, Engine = engine }, scan, () => scan.ReadVoxels(), null, CancellationToken.None);

        Assert.Equal("SimpleITK 2.4.1 (ITK test double)", Of(read, PreprocessingEngine.BuiltIn).Parameters["Input.Reader"]);
        Assert.Equal("BuiltIn", Of(read, PreprocessingEngine.BuiltIn).Engine);
        Assert.Equal("SimpleITK 2.4.1 (ITK test double)", Of(kept, Engine).Engine);
        Assert.NotEqual(Of(kept, PreprocessingEngine.BuiltIn), Of(kept, Engine));
        Assert.DoesNotContain(Of(kept, Engine).Parameters.Values, v => v is string text && text.Contains(_folder.Folder, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("size 4 3 2\ncomponents 3", "is not a scalar volume: it has 3 values for each voxel.")]
    [InlineData("size 4 3\ncomponents 1", "is not a 3D volume but 2D (4x3).")]
    [InlineData("size 4 3 2\ncomponents 1\nspacing 1 1 0\norigin 0 0 0\ndirection 1 0 0 0 1 0 0 0 1", "cannot be inverted.")]
    [InlineData("broken header", "cannot be read by SimpleITK: The header of")]
    public void A_header_that_is_no_volumes_is_an_error_that_names_the_file(string content, string problem)
    {
        var path = _folder.Place("bad.fake", content);

        var failure = Assert.Throws<MriFileException>(() => Engine.CreateHeaderReader(null).Read(path));

        Assert.StartsWith($"'{path}' ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".cxx", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_files_and_broken_voxels_are_errors_that_name_the_file()
    {
        var reader = Engine.CreateHeaderReader(null);
        Assert.Contains("does not exist", Assert.Throws<MriFileException>(() => reader.Read(_folder.InFolder("none"))).Message,
            StringComparison.Ordinal);

        var path = _folder.Place("scan.fake", "size 4 3 2\ncomponents 1\nspacing 1 1 1\norigin 0 0 0\ndirection 1 0 0 0 1 0 0 0 1\nbroken voxels");
        var source = new FileVoxelSource(reader.Read(path)!, new());
        var failure = Assert.Throws<MriFileException>(() => source.Read(CancellationToken.None));
        Assert.StartsWith($"'{path}' cannot be read by SimpleITK: The voxels of", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_was_cancelled_ends_as_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var head = Prepared.Value.Head;
        Assert.Throws<OperationCanceledException>(() => Engine.Resample(head, Affine.Identity, head.Geometry, null, new(1, cancelled.Token)));
        Assert.Equal(0, _folder.ImagesAlive());
    }

    [Fact]
    public void Two_folders_are_two_libraries()
    {
        using var other = new SimpleItkFolder("2.2.0");
        Assert.Equal(("2.4.1 (ITK test double)", "2.2.0 (ITK test double)"), (Engine.Version, other.Load().Version));
    }
}
