using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>The slices of one series, put together to a volume, or to several at the same place. What does not fit is told, not guessed.</summary>
internal sealed class DicomSeries
{
    // Cosines this far apart are one direction: a slip of 0.03 mm over 256 mm. Scanners write six digits.
    private const double SameDirection = 1e-4;

    // Positions this close along the normal, in mm, are one.
    private const double SamePosition = 0.01;

    // Steps between slices may differ by this part of the usual one.
    private const double SameStep = 0.01;

    private readonly string _folder;
    private readonly List<DicomImage> _images = [];
    private readonly List<string> _paths = [];

    public DicomSeries(string folder) => _folder = folder;

    /// <summary>The files of the series in the order of their names.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>What to call the series when it is not the only one of its folder.</summary>
    public string Label => _images[0].SeriesNumber is { } number ? $"series-{number}" : "series";

    public void Add(string path, DicomImage image)
    {
        _paths.Add(path);
        _images.Add(image);
    }

    /// <summary>Puts the slices together.</summary>
    /// <param name="volume">Which of several volumes, from 0 on; null for the first, with a warning if there are others.</param>
    /// <param name="isOnly">Whether this is the only series in its folder, so that the folder's name names it.</param>
    /// <exception cref="MriFileException">The slices do not make a volume; says which are in the way.</exception>
    public VolumeHeader ToHeader(int? volume, bool isOnly)
    {
        var frames = _images.SelectMany(image => image.Frames).ToArray();
        RequireAlike(frames);
        var places = Stack(frames);
        var volumes = Sort(places);
        var warnings = new List<string>();
        if (_images[0].ImagesInAcquisition is { } claimed && claimed > frames.Length && volumes.Count == 1)
        {
            warnings.Add($"is a series of {frames.Length} slices of which the scanner made {claimed}: some may be missing at its ends.");
        }

        var first = volumes[0];
        var shape = VolumeShape.Of(first[0].Path, [first[0].Columns, first[0].Rows, first.Count, volumes.Count]);
        var geometry = shape.Place(ReadAffine(first), "slice positions");
        var chosen = shape.Choose(volume, warnings);
        var slices = volumes[(int)chosen];
        var stamps = frames.Select(frame => frame.Voxels.File).Distinct().OrderBy(stamp => stamp.Path, NaturalOrder.Instance).ToArray();
        return new("DICOM", geometry, stamps, warnings, new JoinedVoxels([.. slices.Select(slice => slice.Voxels)]), slices[0].Voxels.Encoding.Type.ToString(), volumes.Count, chosen)
        {
            // A file of many frames has a name of its own. With an ending, so that a dot in a folder's name is not taken for one.
            NamePath = _paths.Count == 1 ? _paths[0] : (isOnly ? _folder : Path.Combine(_folder, $"{Path.GetFileName(_folder)}_{Label}")) + ".dcm",
        };
    }

    private MriFileException Bad(string problem) => new(_paths[0], problem);

    private void RequireAlike(DicomFrame[] frames)
    {
        var turned = frames.GroupBy(frame => Array.FindIndex(frames, other => IsParallel(other, frame))).ToArray();
        if (turned.Length > 1)
        {
            throw Bad($"is of a series of slices in {turned.Length} different orientations ({string.Join(", ", turned.Take(6).Select(group => $"{group.Count()} {Plane(group.First())}"))}), which make no one volume.");
        }

        var sizes = frames.GroupBy(frame => $"{frame.Columns}x{frame.Rows}", StringComparer.Ordinal).ToArray();
        if (sizes.Length > 1)
        {
            throw Bad($"is of a series of slices of different sizes ({string.Join(", ", sizes.Take(6).Select(group => $"{group.Count()} of {group.Key}"))}), which make no volume.");
        }

        var odd = Array.Find(frames, frame => Math.Abs(frame.RowSpacing - frames[0].RowSpacing) > SameDirection * frames[0].RowSpacing
            || Math.Abs(frame.ColumnSpacing - frames[0].ColumnSpacing) > SameDirection * frames[0].ColumnSpacing);
        if (odd is not null)
        {
            throw Bad($"is of a series of slices with pixels of different sizes ('{Path.GetFileName(frames[0].Path)}' and '{Path.GetFileName(odd.Path)}'), which make no volume.");
        }
    }

    private static bool IsParallel(DicomFrame a, DicomFrame b) =>
        (a.AlongRow - b.AlongRow).Length < SameDirection && (a.AlongColumn - b.AlongColumn).Length < SameDirection;

    private static string Plane(DicomFrame frame)
    {
        var n = frame.Normal;
        var (x, y, z) = (Math.Abs(n.X), Math.Abs(n.Y), Math.Abs(n.Z));
        return x > y && x > z ? "sagittal" : y > z ? "coronal" : "axial";
    }

    private static double Along(DicomFrame frame, Point3 normal) =>
        (frame.Position.X * normal.X) + (frame.Position.Y * normal.Y) + (frame.Position.Z * normal.Z);

    // The slices by their place along the normal, all of one place together.
    private List<List<DicomFrame>> Stack(DicomFrame[] frames)
    {
        var normal = frames[0].Normal;
        var places = new List<List<DicomFrame>>();
        var last = double.NaN;
        foreach (var (frame, at) in frames.Select(frame => (frame, Along(frame, normal))).OrderBy(pair => pair.Item2).ThenBy(pair => pair.frame.Path, NaturalOrder.Instance))
        {
            if (at - last <= SamePosition)
            {
                places[^1].Add(frame);
            }
            else
            {
                places.Add([frame]);
                last = at;
            }
        }

        if (places.Count == 1)
        {
            throw Bad("is of a series of a single slice, which is no volume.");
        }

        RequireEven(places, normal);
        return places;
    }

    private void RequireEven(List<List<DicomFrame>> places, Point3 normal)
    {
        var at = places.Select(place => Along(place[0], normal)).ToArray();
        var steps = at.Skip(1).Zip(at, (b, a) => b - a).ToArray();
        var usual = steps.Order().ElementAt(steps.Length / 2);
        for (var i = 0; i < steps.Length; i++)
        {
            if (Math.Abs(steps[i] - usual) <= (SameStep * usual) + SamePosition)
            {
                continue;
            }

            var missing = Math.Round(steps[i] / usual) - 1;
            throw Bad(missing >= 1 && Math.Abs((steps[i] / usual) - 1 - missing) < 0.1
                ? $"is of a series with a gap: between '{Path.GetFileName(places[i][0].Path)}' and '{Path.GetFileName(places[i + 1][0].Path)}', {steps[i]:0.###} mm apart, {(missing == 1 ? "one slice is" : $"{missing} slices are")} missing."
                : $"is of a series of slices at uneven distances: '{Path.GetFileName(places[i][0].Path)}' and '{Path.GetFileName(places[i + 1][0].Path)}' are {steps[i]:0.###} mm apart, others {usual:0.###} mm.");
        }

        // A tilted gantry shifts each slice by the same; anything else is no grid.
        var step = (places[^1][0].Position - places[0][0].Position) * (1.0 / (places.Count - 1));
        for (var i = 0; i < places.Count; i++)
        {
            foreach (var frame in places[i])
            {
                if ((frame.Position - (places[0][0].Position + (step * i))).Length > (SameStep * usual * 2) + (2 * SamePosition))
                {
                    throw Bad($"is of a series of slices that are not stacked straight: '{Path.GetFileName(frame.Path)}' is out of line.");
                }
            }
        }
    }

    // One list of slices for each volume. Several slices at one place are several volumes only if the files say how they differ.
    private List<List<DicomFrame>> Sort(List<List<DicomFrame>> places)
    {
        var count = places[0].Count;
        if (places.Exists(place => place.Count != count) || count > 1)
        {
            var copies = places.SelectMany(place => place.GroupBy(frame => frame.Instance, StringComparer.Ordinal)).FirstOrDefault(group => group.Count() > 1);
            if (copies is not null)
            {
                throw Bad($"is of a series that holds a slice twice: '{Path.GetFileName(copies.First().Path)}' and '{Path.GetFileName(copies.Last().Path)}' are copies.");
            }
        }

        var uneven = places.Find(place => place.Count != count);
        if (uneven is not null)
        {
            var most = places.MaxBy(place => place.Count)!;
            throw Bad($"is of a series with {most.Count} slices at some places and {places.Min(place => place.Count)} at others: '{Path.GetFileName(most[0].Path)}' and '{Path.GetFileName(most[1].Path)}' lie at the same.");
        }

        if (count == 1)
        {
            return [[.. places.Select(place => place[0])]];
        }

        for (var key = 0; key < DicomFrame.KeyNames.Count; key++)
        {
            var values = places[0].Select(frame => frame.Keys[key]).Order().ToArray();
            if (values.Distinct().Count() == count && Array.TrueForAll(values, double.IsFinite)
                && places.TrueForAll(place => place.Select(frame => frame.Keys[key]).Order().SequenceEqual(values)))
            {
                return [.. values.Select(value => places.ConvertAll(place => place.Find(frame => frame.Keys[key] == value)!))];
            }
        }

        throw Bad($"is of a series with {count} slices at each place, '{Path.GetFileName(places[0][0].Path)}' and '{Path.GetFileName(places[0][1].Path)}' for example, and nothing that tells them apart ({string.Join(", ", DicomFrame.KeyNames)}).");
    }

    // LPS to RAS+: the first two axes of the world are turned.
    private static Affine ReadAffine(List<DicomFrame> slices)
    {
        var first = slices[0];
        var (x, y) = (first.AlongRow * first.ColumnSpacing, first.AlongColumn * first.RowSpacing);
        var z = (slices[^1].Position - first.Position) * (1.0 / (slices.Count - 1));
        var o = first.Position;
        return new(-x.X, -y.X, -z.X, -o.X, -x.Y, -y.Y, -z.Y, -o.Y, x.Z, y.Z, z.Z, o.Z);
    }
}
