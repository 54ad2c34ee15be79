using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Reporting;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets that draw slices have in common.</summary>
public abstract class PictureCmdlet : MriCmdlet
{
    /// <summary>The volume.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume InputObject { get; set; } = null!;

    /// <summary>A second volume of the same world, to compare with.</summary>
    [Parameter]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume? Reference { get; set; }

    /// <summary>
    /// How two volumes are shown: one below the other, or as squares of both in turn, across which edges run on where the two are aligned.
    /// </summary>
    [Parameter]
    [Choice("SideBySide: one below the other", "Checkerboard: squares of both in turn")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Comparison { get; set; } = "SideBySide";

    /// <summary>Side of a checkerboard's squares, mm.</summary>
    [Parameter]
    [ValidateRange(1.0, 200.0)]
    public double SquareSize { get; set; } = 20;

    /// <summary>Where the three slices cross: right, front and up in mm. The middle of the volume unless given.</summary>
    [Parameter]
    [ValidateCount(3, 3)]
    public double[]? Position { get; set; }

    /// <summary>Intensities from black to white. Without it the 1st to the 99th percentile is shown.</summary>
    [Parameter]
    [ValidateRange(1e-30, 1e30)]
    public double? Window { get; set; }

    /// <summary>Intensity at the middle of the grey scale.</summary>
    [Parameter]
    public double? Level { get; set; }

    /// <summary>Draws the edge of the brain mask of a preprocessed volume.</summary>
    [Parameter]
    public SwitchParameter MaskOutline { get; set; }

    /// <summary>Draws the volume, and the reference beside it, so that the picture is at most so wide.</summary>
    /// <param name="pixelSize">Millimetres a pixel for a volume's extents in mm.</param>
    private protected RgbImage Draw(Func<MriVolume, double> pixelSize)
    {
        var outline = MaskOutline ? (InputObject as PreprocessedVolume)?.BrainMask
            ?? throw new InvalidOperationException($"'{InputObject.Path ?? InputObject.Name}' has no brain mask, because it is not preprocessed.")
                : null;
        var options = new SliceOptions
        {
            PixelSize = pixelSize(InputObject),
            Position = Position is [var x, var y, var z] ? new(x, y, z) : null,
            Window = Window,
            Level = Level,
            Outline = outline,
        };
        return RunWithProgress("Drawing", (_, token) =>
        {
            var work = new WorkOptions(Environment.ProcessorCount, token);
            var volume = InputObject.ReadVoxels(token);
            return (Reference?.ReadVoxels(token), Comparison) switch
            {
                (null, _) => SliceView.Draw(volume, options, work),
                ({ } other, "Checkerboard") => SliceView.DrawCheckerboard(volume, other, SquareSize, options, work),
                ({ } other, _) => RgbImage.Below(
                    [SliceView.Draw(volume, options, work), SliceView.Draw(other, options with { Outline = null }, work)], gap: 2),
            };
        });
    }

    /// <summary>The width of the three slices together, mm.</summary>
    private protected static double WidthOf(MriVolume volume)
    {
        // Sagittal shows front to back, the others left to right; of an oblique grid the longest diagonal is room enough.
        var (size, spacing) = (volume.Size, volume.Spacing);
        var extents = new[] { size.X * spacing.X, size.Y * spacing.Y, size.Z * spacing.Z };
        return 3 * extents.Max();
    }
}
