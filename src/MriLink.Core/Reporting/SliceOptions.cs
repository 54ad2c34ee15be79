using MriLink.Core.Volumes;

namespace MriLink.Core.Reporting;

/// <summary>How slices are drawn.</summary>
public sealed record SliceOptions
{
    /// <summary>Millimetres a pixel.</summary>
    public double PixelSize { get; init; } = 1;

    /// <summary>Where the three slices cross, RAS+ mm; null for the middle of the volume.</summary>
    public Point3? Position { get; init; }

    /// <summary>Intensity at the middle of the grey scale; null for what shows 1st to 99th percentile.</summary>
    public double? Level { get; init; }

    /// <summary>Intensities from black to white; null for what shows 1st to 99th percentile.</summary>
    public double? Window { get; init; }

    /// <summary>A region whose edge is drawn, in the volume's world; null for none.</summary>
    public Mask? Outline { get; init; }
}
