using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Reporting;

namespace MriLink.Commands;

/// <summary>Shows a volume in the terminal: three orthogonal slices.</summary>
/// <remarks>
/// Draws the sagittal, the coronal and the axial slice side by side, with half blocks in 24-bit colour, or as a Sixel picture where the terminal is
/// known to show those. The person's left is on the left. Two volumes can be compared.
/// </remarks>
[Cmdlet(VerbsCommon.Show, "MriVolume")]
[OutputType(typeof(string))]
public sealed class ShowMriVolumeCommand : PictureCmdlet
{
    private const int UsualWidth = 120;

    // Terminals that show Sixel and say who they are.
    private static readonly string[] TerminalNames = ["TERM", "TERM_PROGRAM"];
    private static readonly string[] SixelTerminals = ["foot", "mlterm", "yaft", "contour", "wezterm", "sixel"];

    /// <summary>Characters across at most; the width of the terminal unless given.</summary>
    [Parameter]
    [ValidateRange(20, 1000)]
    public int Width { get; set; }

    /// <summary>How the picture is made. Auto takes Sixel where TERM or TERM_PROGRAM names a terminal that shows it.</summary>
    [Parameter]
    [Choice("Auto: Sixel where the terminal says that it shows it", "HalfBlock: characters in 24-bit colour", "Sixel: pixels")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Format { get; set; } = "Auto";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var sixel = Format is "Sixel" || (Format is "Auto" && ShowsSixel());

        // A Sixel pixel is a pixel of the screen, of which a character is about ten wide; a half block is a pixel.
        const int PixelsACharacter = 10;
        var pixels = Columns() * (sixel ? PixelsACharacter : 1);
        try
        {
            var image = Draw(volume => Math.Max(WidthOf(volume) / (pixels - 4), sixel ? 0.5 : 0));
            WriteObject(sixel ? [TerminalPicture.Sixel(image)] : TerminalPicture.HalfBlocks(image), enumerateCollection: true);
        }
        catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
        {
            WriteVolumeError(exception, InputObject.Identity);
        }
    }

    private static bool ShowsSixel() =>
        TerminalNames.Select(Environment.GetEnvironmentVariable)
            .Any(name => name is not null && SixelTerminals.Any(t => name.Contains(t, StringComparison.OrdinalIgnoreCase)));

    private int Columns()
    {
        if (Width > 0)
        {
            return Width;
        }

        try
        {
            // Hosts without a terminal have no window, or one of no width.
            return Host.UI?.RawUI?.BufferSize.Width is > 0 and var width ? Math.Clamp(width, 20, 1000) : UsualWidth;
        }
        catch (Exception exception) when (exception is NotImplementedException or System.Management.Automation.Host.HostException)
        {
            return UsualWidth;
        }
    }
}
