using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>The slices of one series, put together to a volume, or to several at the same place. What does not fit is told, not guessed.</summary>
/// <param name="draft">The files.</param>
/// <param name="namePath">The path whose name names the series.</param>
/// <param name="warnings">What was noticed before.</param>
internal sealed class DicomSeries(DicomDraft draft, string namePath, IReadOnlyList<string> warnings)
{
    // Positions this close along the normal, in mm, are one.
    private const double SamePosition = 0.01;

    // Steps between slices may differ by this part of the usual one.
    private const double SameStep = 0.01;

    /// <summary>Puts the slices together.</summary>
    /// <param name="volume">Which of several volumes, from 0 on; null for the first, with a warning if there are others.</param>
    /// <exception cref="MriFileException">The slices do not make a volume; says which are in the way.</exception>
    public VolumeHeader ToHeader(int? volume)
    {
        var frames = draft.Contrasts.SelectMany(part => part).ToArray();
        RequireAlike(frames);
        var volumes = new List<List<DicomFrame>>();
        foreach (var part in draft.Contrasts)
        {
            var places = Stack(part);
            RequireSameGrid(volumes, places);
            volumes.AddRange(Sort(places));
        }

        var said = warnings.ToList();
        if (draft.Images[0].ImagesInAcquisition is { } claimed && claimed > frames.Length && volumes.Count == 1)
        {
            said.Add($"is a series of {frames.Length} slices of which the scanner made {claimed}: some may be missing at its ends.");
        }

        var first = volumes[0];
        var shape = VolumeShape.Of(first[0].Path, [first[0].Columns, first[0].Rows, first.Count, volumes.Count]);
        var geometry = shape.Place(ReadAffine(first), "slice positions");
        var chosen = shape.Choose(volume, said);
        var slices = volumes[(int)chosen];
        var stamps = draft.Images.Select(image => image.Stamp).Distinct().OrderBy(stamp => stamp.Path, NaturalOrder.Instance).ToArray();
        return new("DICOM", geometry, stamps, said, new JoinedVoxels(Together(slices)), slices[0].Voxels.Encoding.Type.ToString(), volumes.Count,
            chosen)
        {
            NamePath = namePath,
            Dicom = draft.Images[0].Identity,
        };
    }

    private MriFileException Bad(string problem) => new(draft.Images[0].Path, problem + Elsewhere());

    // A series that is spread over folders is hard to find fault with in one of them.
    private string Elsewhere()
    {
        var folders = draft.Images.Select(image => Path.GetDirectoryName(image.Path)).Distinct(StringComparer.Ordinal).ToArray();
        return folders.Length > 1 ? $" Its files are in {folders.Length} folders, '{folders[1]}' for example." : string.Empty;
    }

    private void RequireAlike(DicomFrame[] frames)
    {
        var turned = frames.GroupBy(frame => Array.FindIndex(frames, other => other.IsParallelTo(frame))).ToArray();
        if (turned.Length > 1)
        {
            throw Bad($"is of a series of slices in {turned.Length} different orientations "
                + $"({string.Join(", ", turned.Take(6).Select(group => $"{group.Count()} {Plane(group.First())}"))}), which make no one volume.");
        }

        var sizes = frames.GroupBy(frame => $"{frame.Columns}x{frame.Rows}", StringComparer.Ordinal).ToArray();
        if (sizes.Length > 1)
        {
            throw Bad($"is of a series of slices of different sizes "
                + $"({string.Join(", ", sizes.Take(6).Select(group => $"{group.Count()} of {group.Key}"))}), which make no volume.");
        }

        if (Array.Find(frames, frame => !frame.HasSpacingOf(frames[0])) is { } odd)
        {
            throw Bad($"is of a series of slices with pixels of different sizes ('{Path.GetFileName(frames[0].Path)}' and "
                + $"'{Path.GetFileName(odd.Path)}'), which make no volume.");
        }

        foreach (var part in draft.Contrasts)
        {
            if (Array.Find(part, frame => frame.IsRescaled == true) is { } scaled
                && Array.Find(part, frame => frame.IsRescaled is null) is { } silent)
            {
                throw Bad($"is of a series of slices on different scales: '{Path.GetFileName(scaled.Path)}' has a RescaleSlope or RescaleIntercept, "
                    + $"and '{Path.GetFileName(silent.Path)}' has none.");
            }
        }
    }

    private static string Plane(DicomFrame frame)
    {
        var n = frame.Normal;
        var (x, y, z) = (Math.Abs(n.X), Math.Abs(n.Y), Math.Abs(n.Z));
        return x > y && x > z ? "sagittal" : y > z ? "coronal" : "axial";
    }

    // The slices by their place along the normal, all of one place together.
    private List<List<DicomFrame>> Stack(DicomFrame[] frames)
    {
        var normal = frames[0].Normal;
        var places = new List<List<DicomFrame>>();
        var last = double.NaN;
        foreach (var (frame, at) in frames.Select(frame => (frame, frame.Along(normal))).OrderBy(pair => pair.Item2)
            .ThenBy(pair => pair.frame.Path, NaturalOrder.Instance))
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

    private void RequireSameGrid(List<List<DicomFrame>> volumes, List<List<DicomFrame>> places)
    {
        if (volumes.Count > 0 && (
            volumes[0].Count != places.Count
            || !volumes[0].Zip(places).All(pair => (pair.First.Position - pair.Second[0].Position).Length <= 2 * SamePosition)))
        {
            throw Bad("holds images of several kinds (image type, echo, inversion time, flip angle) that do not lie at the same places.");
        }
    }

    private void RequireEven(List<List<DicomFrame>> places, Point3 normal)
    {
        var at = places.Select(place => place[0].Along(normal)).ToArray();
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
                ? $"is of a series with a gap: between '{Path.GetFileName(places[i][0].Path)}' and '{Path.GetFileName(places[i + 1][0].Path)}', "
                    + $"{steps[i]:0.###} mm apart, {(missing == 1 ? "one slice is" : $"{missing} slices are")} missing."
                : $"is of a series of slices at uneven distances: '{Path.GetFileName(places[i][0].Path)}' and "
                    + $"'{Path.GetFileName(places[i + 1][0].Path)}' are {steps[i]:0.###} mm apart, others {usual:0.###} mm.");
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
            var twice = places.SelectMany(place => place.GroupBy(frame => $"{frame.Instance} {string.Join(' ', frame.Keys)}", StringComparer.Ordinal))
                .FirstOrDefault(group => group.Key[0] != '/' && group.Skip(1).Any());
            if (twice is not null)
            {
                throw Bad($"is of a series that holds a slice twice: '{Path.GetFileName(twice.First().Path)}' and "
                    + $"'{Path.GetFileName(twice.Last().Path)}' are one by their UID, but their pixels differ.");
            }
        }

        var uneven = places.Find(place => place.Count != count);
        if (uneven is not null)
        {
            var most = places.MaxBy(place => place.Count)!;
            throw Bad($"is of a series with {most.Count} slices at some places and {places.Min(place => place.Count)} at others: "
                + $"'{Path.GetFileName(most[0].Path)}' and '{Path.GetFileName(most[1].Path)}' lie at the same.");
        }

        if (count == 1)
        {
            return [[.. places.Select(place => place[0])]];
        }

        var keys = places.Min(place => place.Min(frame => frame.Keys.Length));
        for (var key = 0; key < keys; key++)
        {
            if (SortBy(frame => [frame.Keys[key]]) is { } volumes)
            {
                return volumes;
            }
        }

        // Repetitions of several kinds at once: times of each stack, for example.
        return SortBy(frame => [.. frame.Keys.Take(DicomFrame.KeyNames.Count).Select(value => double.IsNaN(value) ? 0 : value)])
            ?? throw Bad($"is of a series with {count} slices at each place, '{Path.GetFileName(places[0][0].Path)}' and "
                + $"'{Path.GetFileName(places[0][1].Path)}' for example, and nothing that tells them apart "
                + $"({string.Join(", ", DicomFrame.KeyNames)}, image type, echo, inversion time, flip angle).");

        // The volumes, if the values are the same at each place and different between the slices of one.
        List<List<DicomFrame>>? SortBy(Func<DicomFrame, double[]> valueOf)
        {
            var sorted = places.ConvertAll(
                place => place.Select(frame => (Frame: frame, Value: valueOf(frame)))
                .OrderBy(item => item.Value, Comparer<double[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))).ToList());
            var values = sorted[0].ConvertAll(item => item.Value);
            return values.TrueForAll(value => Array.TrueForAll(value, double.IsFinite))
                && values.Zip(values.Skip(1)).All(pair => !pair.First.AsSpan().SequenceEqual(pair.Second))
                && sorted.TrueForAll(place => place.Zip(values).All(pair => pair.First.Value.AsSpan().SequenceEqual(pair.Second)))
                ? [.. Enumerable.Range(0, count).Select(i => sorted.ConvertAll(place => place[i].Frame))]
                : null;
        }
    }

    // Frames that follow one another in their file are read at once.
    private static List<RawVoxels> Together(List<DicomFrame> slices)
    {
        var parts = new List<RawVoxels>();
        foreach (var next in slices.Select(slice => slice.Voxels))
        {
            if (parts.Count > 0 && parts[^1] is var last && next.Packing is Packing.None or Packing.Deflate && next.File == last.File
                && next.Encoding == last.Encoding && next.Offset == last.Offset + (last.Count * last.Encoding.Size))
            {
                parts[^1] = last with { Count = last.Count + next.Count, Length = Math.Max(last.Length, next.Length) };
            }
            else
            {
                parts.Add(next);
            }
        }

        return parts;
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
