using System.Collections;
using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// An object that has been in a file or in another process (Import-Csv, Import-Clixml, ConvertFrom-Json, Receive-Job): its properties are there
/// as text or numbers, its type is not.
/// </summary>
internal sealed class PlainRow(PSObject row)
{
    /// <summary>A property as text that does not depend on the culture; null when it is missing or empty.</summary>
    public string? Text(string name)
    {
        var value = row.Properties[name]?.Value;
        var text = (value is PSObject wrapped ? wrapped.BaseObject : value) switch
        {
            string plain => plain,
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            IEnumerable items => string.Join("; ", items.Cast<object?>()),
            var other => other?.ToString(),
        };
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>
    /// A property as a number: as programs write it, or as Export-Csv does in this session's culture; null when it is missing or empty.
    /// </summary>
    /// <exception cref="FormatException">It is none.</exception>
    public double? Number(string name) => Text(name) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || double.TryParse(text, NumberStyles.Float, CultureInfo.CurrentCulture, out number) ? number
        : throw new FormatException(
            $"{name} is '{text}', no number as this session's culture ({CultureInfo.CurrentCulture.Name}) or programs write them.");

    /// <summary>The threshold that it was.</summary>
    /// <exception cref="FormatException">It was none.</exception>
    public LinkageThreshold ToThreshold() => LinkageThreshold.FromProperties(name =>
        row.Properties[name] is null || !Numbers.Contains(name) ? Text(name) : Number(name)?.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The match or similarity that it was, as a match; null where it has no score.</summary>
    /// <param name="known">Scans by what they are called: one is one object, wherever it comes.</param>
    /// <exception cref="FormatException">It was neither.</exception>
    public ScanMatch? ToMatch(Dictionary<ScanIdentity, ScanIdentity> known)
    {
        var isSimilarity = row.Properties["Reference"] is not null || row.Properties["ReferenceParticipant"] is not null;
        var (probe, gallery) = isSimilarity ? (Scan("Volume"), Scan("Reference")) : (Scan("Probe"), Scan("Gallery"));
        if (probe is null || gallery is null || row.Properties["Score"] is null)
        {
            throw new FormatException("It has no two scans (Probe and Gallery, or Volume and Reference, with their participants) and Score.");
        }

        var metric = Text("Metric") ?? throw new FormatException("It has no Metric.");
        var measure = SimilarityMeasures.Find(metric) ?? throw new FormatException($"There is no measure '{metric}'.");
        var normalization = Text("Normalization") ?? nameof(CohortNormalization.None);
        return Number("Score") is not { } score || double.IsNaN(score) ? null : new()
        {
            Probe = One(probe),
            Gallery = One(gallery),
            Rank = (int)(Number("Rank") ?? 1),
            Metric = measure.Name,
            Score = score,
            NormalizedScore = Number("NormalizedScore"),
            Normalization = Enum.TryParse<CohortNormalization>(normalization, ignoreCase: true, out var word) ? word.ToString()
                : throw new FormatException($"There is no normalisation '{normalization}'."),
            Margin = Number("Margin") ?? double.NaN,
            IsMatch = Text("IsMatch") is { } match ? bool.Parse(match) : null,
            Probability = Number("Probability") ?? double.NaN,
            PValue = Number("PValue") ?? double.NaN,
            DecidingRule = Text("DecidingRule") ?? "Undecided: not said",
            Remark = Text("Remark"),
        };

        ScanIdentity One(ScanIdentity scan) => known.TryGetValue(scan, out var one) ? one : known[scan] = scan;
    }

    private static readonly HashSet<string> Numbers = new(StringComparer.Ordinal)
    {
        nameof(LinkageThreshold.Threshold), nameof(LinkageThreshold.Prior), nameof(LinkageThreshold.Gap), nameof(LinkageThreshold.FalseMatchRate),
            nameof(LinkageThreshold.FalseNonMatchRate),
        nameof(LinkageThreshold.GenuineCount), nameof(LinkageThreshold.ImpostorCount), nameof(LinkageThreshold.ImpostorMedian),
            nameof(LinkageThreshold.GenuineBandwidth), nameof(LinkageThreshold.ImpostorBandwidth),
    };

    // From columns (ProbeParticipant, …), or from an object within (Probe.Participant, …).
    private ScanIdentity? Scan(string side)
    {
        if (Text($"{side}Participant") is { } participant)
        {
            return new ScanIdentity(participant, Text($"{side}Session"), Text($"{side}Run"), Text($"{side}Path")).OfContrast(Text($"{side}Contrast"));
        }

        return row.Properties[side]?.Value is PSObject inner && new PlainRow(inner) is var scan && scan.Text("Participant") is { } name
            ? new ScanIdentity(name, scan.Text("Session"), scan.Text("Run"), scan.Text("Path")).OfContrast(scan.Text("Contrast"))
            : null;
    }
}
