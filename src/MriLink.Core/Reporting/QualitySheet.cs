using System.Globalization;
using System.Text;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Reporting;

/// <summary>
/// A contact sheet of preprocessed scans, the worst first: three slices of each with the brain mask's edge, verdict, reasons and numbers.
/// </summary>
/// <remarks>Pictures are drawn as scans are added, and nothing else is kept of them: some 30 KB a scan.</remarks>
public sealed class QualitySheet
{
    private readonly List<Card> _cards = [];

    /// <summary>The heading.</summary>
    public string Title { get; init; } = "Quality of scans";

    /// <summary>What the sheet was made by: the program and its version.</summary>
    public string Generator { get; init; } = "MriLink";

    /// <summary>The scans that were to be on the sheet, where the caller has them; those that were not added are named.</summary>
    public IReadOnlyList<ScanIdentity> Expected { get; init; } = [];

    /// <summary>When it is written (UTC).</summary>
    public DateTime Written { get; init; } = DateTime.UtcNow;

    /// <summary>Adds a scan.</summary>
    /// <exception cref="MriFileException">Its voxels cannot be read; it is on the sheet without a picture.</exception>
    public void Add(PreprocessedVolume volume, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var card = new Card(volume.Identity, volume.QualityRecord);
        _cards.Add(card);
        var (voxels, mask) = volume.ReadBrain(work.CancellationToken);
        card.Picture = SliceView.Draw(voxels, new() { PixelSize = 2, Outline = mask }, work);
    }

    /// <summary>One self-contained HTML page.</summary>
    public string ToHtml()
    {
        var plain = CultureInfo.InvariantCulture;
        var page = new StringBuilder();
        int Count(QualityVerdict verdict) => _cards.Count(card => card.Quality.GetVerdict() == verdict);
        var missing = Expected.Except(_cards.Select(card => card.Scan)).ToArray();
        var summary = _cards.Count == 0 ? "No preprocessed scan was handed to this sheet: nothing is known of any." : string.Create(
            plain, $"{_cards.Count} scans, by verdict: {Count(QualityVerdict.Fail)} Fail, {Count(QualityVerdict.Review)} Review, "
                + $"{Count(QualityVerdict.Pass)} Pass.");
        var others = missing.Length == 0 ? string.Empty
            : string.Create(plain, $" Not on this sheet, and so not known to be preprocessed: {missing.Length} more.");
        page.Append(plain, $"<p class=\"summary\">{SafeText.ForHtml(summary)}{others}</p>\n");
        if (missing.Length > 0)
        {
            page.Append("<h2>Not on this sheet</h2>\n")
                .Append(ReportPage.Table(["Scan", "Path"], missing.Select(scan => new[] { scan.Name, scan.Path })));
        }

        page.Append("<h2>Scans, the worst first</h2>\n<p>Slices from the left, from the front and from above; the line is the brain mask's edge. "
            + "NCC: correlation with the template. Overlap: of the brain with the template's.</p>\n<div class=\"sheet\">\n");
        foreach (var card in _cards.OrderByDescending(card => card.Quality.GetVerdict()).ThenByDescending(card => card.Quality.Reasons.Count)
            .ThenBy(card => card.Quality.TemplateCorrelation))
        {
            var q = card.Quality;
            var caption = string.Create(
                plain, $"{card.Scan.Name}: {q.Verdict}{(q.Reasons.Count > 0 ? $", {string.Join("; ", q.Reasons)}" : string.Empty)}. NCC "
                    + $"{q.TemplateCorrelation:0.00}, overlap {q.TemplateOverlap:0.00}, brain {q.BrainMillilitres:0} ml, signal to noise "
                    + $"{q.SignalToNoise:0}.");
            page.Append(card.Picture is { } picture
                ? ReportPage.Figure(picture, caption, q.Verdict)
                : string.Create(plain, $"<figure class=\"{q.Verdict}\"><figcaption>{SafeText.ForHtml(caption)} Its voxels cannot be "
                    + $"read.</figcaption></figure>")).Append('\n');
        }

        page.Append(plain, $"</div>\n<p>Written {Written:yyyy-MM-dd HH:mm} UTC.</p>\n");
        return ReportPage.Of(Title, page.ToString(), Generator);
    }

    private sealed record Card(ScanIdentity Scan, QualityRecord Quality)
    {
        public RgbImage? Picture { get; set; }
    }
}
