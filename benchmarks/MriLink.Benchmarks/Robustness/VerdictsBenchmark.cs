using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>Which verdicts real scans get: T1-weighted ones, which are to pass, and what is none, which is not.</summary>
internal sealed class VerdictsBenchmark : IBenchmark
{
    // Endings of BIDS names, and whether such a file is to pass.
    private static readonly (string Ending, bool Usable)[] Kinds = [("T1w", true), ("FLAIR", false), ("T2w", false), ("dseg", false)];

    public string Name => "verdicts";

    public string Summary => "Verdicts on real scans: T1-weighted ones, other contrasts, label maps and what is made of these";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
        [new("made", "2", "make tissue maps, masks, probabilities, inverted and half brains of every second labelled head, or so")];

    public void Run(BenchmarkContext context)
    {
        var preprocessor = new Preprocessor(new(), context.Work);
        var table = new MarkdownTable("scans", "count", "to pass", "Pass", "Review", "Fail");
        foreach (var (ending, usable) in Kinds)
        {
            var files = Directory.EnumerateFiles(context.Data("."), $"*_{ending}.nii.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .ToArray();
            Row($"as read: {ending}", usable, files.Select(file => (Path.GetFileName(file), Scan(file))));
        }

        var made = Disturbances.All.Where(d => d.Effect == DisturbanceEffect.Unusable).ToArray();
        var heads = LabelledHead.Files(context.Data("."), int.MaxValue).Where((_, number) => number % context.Number("made") == 0)
            .Select(file => LabelledHead.Read(file, context.Work)).ToArray();
        foreach (var kind in made)
        {
            Row($"made: {kind.Name}", usable: false,
                heads.Select(head => (head.Name, new MriVolume(new(head.Name), new MemoryVoxelSource(kind.Apply(head, new Random(1)))))));
        }

        context.Say(table);
        context.Say("All scans of these kinds that the folder of real volumes holds; and what is made of its labelled heads, so that nothing of it "
            + "is a T1-weighted scan of one brain.");

        void Row(string name, bool usable, IEnumerable<(string Name, MriVolume Scan)> scans)
        {
            var counts = new int[3];
            foreach (var (file, scan) in scans)
            {
                var quality = Judge(scan);
                var verdict = quality?.GetVerdict() ?? QualityVerdict.Fail;
                counts[verdict switch { QualityVerdict.Pass => 0, QualityVerdict.Review => 1, _ => 2 }]++;
                var wrong = (usable, verdict) switch
                {
                    (true, not QualityVerdict.Pass) => " NOT PASSED",
                    (false, QualityVerdict.Pass) =>
                    " PASSED",
                    _ => ""
                };
                context.Progress(FormattableString.Invariant(
                    $"{name}, {file}: {verdict}{wrong}; {quality}, SNR {quality?.SignalToNoise:0.0}, white {quality?.WhiteOverGrey:0.00}, ")
                    + FormattableString.Invariant($"grey {quality?.GreyOverFluid:0.00}; {string.Join("; ", quality?.Reasons ?? [])}"));
            }

            if (counts.Sum() > 0)
            {
                table.Row(name, Figures.Fixed(counts.Sum(), 0), usable ? "yes"
                    : "no", Figures.Fixed(counts[0], 0), Figures.Fixed(counts[1], 0), Figures.Fixed(counts[2], 0));
            }
        }

        QualityRecord? Judge(MriVolume scan)
        {
            try
            {
                return preprocessor.Process(scan, null, context.Work).QualityRecord;
            }
            catch (PreprocessingException)
            {
                return null;
            }
        }
    }

    private static MriVolume Scan(string file) =>
        new(new(Path.GetFileName(file)), new FileVoxelSource(VolumeFormats.ReadHeader(file), new() { Reorient = true }));
}
