using System.Globalization;
using System.Text;

namespace MriLink.Core.Reporting;

/// <summary>Pictures as text that a terminal shows.</summary>
public static class TerminalPicture
{
    private const char UpperHalf = '\u2580';
    private const char Escape = '\u001b';

    // Sixel pictures carry their palette; grey in steps of four and the outline's colour are enough for a scan.
    private const int Greys = 64;

    /// <summary>Lines of half blocks in 24-bit colour: a character is two pixels, one above the other.</summary>
    public static IEnumerable<string> HalfBlocks(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var line = new StringBuilder();
        for (var y = 0; y < image.Height; y += 2)
        {
            line.Clear();
            ((byte, byte, byte) Top, (byte, byte, byte) Bottom)? last = null;
            for (var x = 0; x < image.Width; x++)
            {
                var pair = (Top: image[x, y], Bottom: y + 1 < image.Height ? image[x, y + 1] : (byte.MinValue, byte.MinValue, byte.MinValue));
                if (pair != last)
                {
                    var (top, bottom) = pair;
                    line.Append(CultureInfo.InvariantCulture,
                        $"{Escape}[38;2;{top.Red};{top.Green};{top.Blue};48;2;{bottom.Item1};{bottom.Item2};{bottom.Item3}m");
                    last = pair;
                }

                line.Append(UpperHalf);
            }

            yield return line.Append(Escape).Append("[0m").ToString();
        }
    }

    /// <summary>One Sixel sequence (DEC STD 070), six rows of pixels a band.</summary>
    public static string Sixel(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Escape}P0;1q\"1;1;{image.Width};{image.Height}");
        for (var i = 0; i <= Greys; i++)
        {
            // Registers take per cent.
            var (red, green, blue) = i < Greys ? (i, i, i) : (63, 44, 0);
            text.Append(CultureInfo.InvariantCulture, $"#{i};2;{red * 100 / 63};{green * 100 / 63};{blue * 100 / 63}");
        }

        for (var band = 0; band < image.Height; band += 6)
        {
            foreach (var color in Enumerable.Range(0, image.Width * Math.Min(6, image.Height - band))
                .Select(i => ColorAt(image, i % image.Width, band + (i / image.Width))).Distinct().Order())
            {
                text.Append(CultureInfo.InvariantCulture, $"#{color}");
                AppendBand(text, image, band, color);
                text.Append('$');
            }

            text.Append('-');
        }

        return text.Append(Escape).Append('\\').ToString();
    }

    private static void AppendBand(StringBuilder text, RgbImage image, int band, int color)
    {
        var (run, last) = (0, '\0');
        for (var x = 0; x <= image.Width; x++)
        {
            var bits = 0;
            for (var row = 0; x < image.Width && row < Math.Min(6, image.Height - band); row++)
            {
                bits |= ColorAt(image, x, band + row) == color ? 1 << row : 0;
            }

            var next = x < image.Width ? (char)(63 + bits) : '\0';
            if (next == last)
            {
                run++;
                continue;
            }

            if (run > 3)
            {
                text.Append(CultureInfo.InvariantCulture, $"!{run}{last}");
            }
            else
            {
                text.Append(last, run);
            }

            (run, last) = (1, next);
        }
    }

    private static int ColorAt(RgbImage image, int x, int y)
    {
        var (red, green, blue) = image[x, y];
        return red == green && green == blue ? red * Greys / 256 : Greys;
    }
}
