using System.Management.Automation;
using System.Text;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Preprocessing;
using MriLink.Core.Reporting;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Writes a report on which scans were linked, or how good scans are: one HTML page, JSON, CSV or Markdown.</summary>
/// <remarks>
/// The page says in plain words how many scans link and how many false links are to be expected, lists the links by evidence, and shows scores, all
/// listed pairs, the method and the limits. It is one file, runs no script and loads nothing. With -Probe and -Gallery it shows both brains of each
/// link side by side, as a checkerboard, where they differ, and the score among those of strangers; with -Evaluation how well the measure does
/// where the truth is known. It says what was not examined: scans of either side that were left out, and why, and about how many nothing could be
/// decided. Handed no match at all, it writes a report that says so, in the place of an older one with -Force.
/// </remarks>
[Cmdlet(VerbsData.Export, "MriReport", SupportsShouldProcess = true, DefaultParameterSetName = MatchSet)]
[OutputType(typeof(FileInfo))]
public sealed class ExportMriReportCommand : MriCmdlet
{
    private const string MatchSet = "Match";
    private const string QualitySet = "Quality";

    private readonly List<ScanMatch> _matches = [];
    private QualitySheet? _sheet;

    /// <summary>The file. Its ending chooses the format unless -Format does: .html, .json, .csv or .md.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>What Find-MriMatch gave; with a large -Top the report shows all pairs.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = MatchSet)]
    [ValidateNotNull]
    [RestoredMatch]
    public ScanMatch[] InputObject { get; set; } = [];

    /// <summary>
    /// Makes a contact sheet of preprocessed volumes instead, the worst first: slices with the brain mask's edge, verdict and reasons, as a page.
    /// -Probe names the scans that were to be preprocessed.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = QualitySet)]
    public SwitchParameter Quality { get; set; }

    /// <summary>With -Quality: the preprocessed volumes. Only a picture is kept of each.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = QualitySet)]
    [ValidateNotNull]
    [VolumesOrGallery]
    public MriVolume[] Volume { get; set; } = [];

    /// <summary>
    /// The volumes that were looked for: for pictures, which preprocessed ones give, and so that the report names those that were not compared.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public MriScan[] Probe { get; set; } = [];

    /// <summary>The volumes of the gallery, for the same.</summary>
    [Parameter]
    [ValidateNotNull]
    public MriScan[] Gallery { get; set; } = [];

    /// <summary>What Measure-MriLinkage gave, where the truth is known.</summary>
    [Parameter]
    [ValidateNotNull]
    public LinkageEvaluation? Evaluation { get; set; }

    /// <summary>The threshold that decided, to be drawn.</summary>
    [Parameter]
    [RestoredThreshold]
    public LinkageThreshold? Threshold { get; set; }

    /// <summary>What Test-MriMitigation gave, for a section on what would help (HTML and JSON).</summary>
    [Parameter]
    [ValidateNotNull]
    public MitigationResult[] Mitigation { get; set; } = [];

    /// <summary>The heading.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "Linkage report";

    /// <summary>What is written. Auto goes by the ending of the path.</summary>
    [Parameter]
    [Choice(
        "Auto: by the ending of the path",
        "Html: a page with pictures",
        "Json: summary and pairs, for a program",
        "Csv: pairs, for a spreadsheet",
        "Markdown: summary and links, as text")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Format { get; set; } = "Auto";

    /// <summary>Whether an existing file is replaced and a missing folder is made.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether the written file is output.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _matches.AddRange(InputObject);
        foreach (var volume in Volume)
        {
            try
            {
                var preprocessed = volume as PreprocessedVolume
                    ?? throw (volume as DamagedVolume)?.Problem
                        ?? (Exception)new InvalidOperationException(
                        $"'{volume.Path ?? volume.Name}' is not preprocessed, so that there is no quality to show.");
                RunWithProgress("Drawing", (progress, token) =>
                {
                    progress.Report(new(-1, volume.Name));
                    Sheet.Add(preprocessed, new(Environment.ProcessorCount, token));
                    return true;
                });
            }
            catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
            {
                WriteVolumeError(exception, volume.Identity);
            }
        }
    }

    private QualitySheet Sheet => _sheet ??= new()
    {
        Title = MyInvocation.BoundParameters.ContainsKey(nameof(Title)) ? Title : "Quality of scans",
        Generator = Generator,
        Expected = [.. Probe.Select(volume => volume.Identity)],
    };

    private static string Generator => $"MriLink {typeof(ExportMriReportCommand).Assembly.GetName().Version?.ToString(3)}";

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        try
        {
            var folder = System.IO.Path.GetDirectoryName(file)!;
            var format = ChosenFormat(file);
            if (Quality && format is not "Html")
            {
                throw new IOException("-Quality makes a page (.html); the numbers are columns of the volumes, for Export-Csv and ConvertTo-Json.");
            }

            if (File.Exists(file) && !Force)
            {
                throw new IOException($"'{file}' exists; use -Force to replace it.");
            }

            if (!Directory.Exists(folder) && !Force)
            {
                throw new DirectoryNotFoundException($"The folder of '{file}' does not exist; use -Force to make it.");
            }

            if (!ShouldProcess(file, "Export report"))
            {
                return;
            }

            var text = RunWithProgress("Writing the report", (_, token) => Render(format, token));
            Directory.CreateDirectory(folder);
            WholeFile.Write(file, Encoding.UTF8.GetBytes(text));
            if (PassThru)
            {
                WriteObject(new FileInfo(file));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or MriFileException)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "ReportFailed", ErrorCategory.WriteError, file));
        }
    }

    private string Render(string format, CancellationToken token)
    {
        if (Quality)
        {
            return Sheet.ToHtml();
        }

        var probes = ByIdentity(Probe);
        var gallery = ByIdentity(Gallery);
        var report = new LinkageReport(_matches, [.. Probe.Select(volume => volume.Identity)], [.. Gallery.Select(volume => volume.Identity)])
        {
            Title = Title,
            Generator = Generator,
            Evaluation = Evaluation,
            Threshold = Threshold?.Threshold,
            Mitigations = Mitigation,
            Pictures = match => probes.GetValueOrDefault(match.Probe) is MriVolume probe
                && gallery.GetValueOrDefault(match.Gallery) is MriVolume found && probe.Size == found.Size
                ? LinkPictures.Draw(probe.ReadVoxels(token), found.ReadVoxels(token), new WorkOptions(Environment.ProcessorCount, token))
                : null,
        };
        return format switch
        {
            "Json" => report.ToJson(),
            "Csv" => report.ToCsv(),
            "Markdown" => report.ToMarkdown(),
            _ => report.ToHtml(),
        };
    }

    private static Dictionary<ScanIdentity, MriScan> ByIdentity(MriScan[] volumes) =>
        volumes.GroupBy(v => v.Identity).ToDictionary(g => g.Key, g => g.First());

    private string ChosenFormat(string file) => Format is not "Auto" ? Format : System.IO.Path.GetExtension(file).ToUpperInvariant() switch
    {
        ".HTML" or ".HTM" => "Html",
        ".JSON" => "Json",
        ".CSV" => "Csv",
        ".MD" => "Markdown",
        _ => throw new IOException($"'{file}' ends in none of .html, .json, .csv and .md; choose with -Format."),
    };
}
