using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets that take scored pairs with known participants have in common.</summary>
public abstract class PairCmdlet : MriCmdlet
{
    private readonly Dictionary<ScanIdentity, ScanIdentity> _scans = [];
    private readonly HashSet<(ScanIdentity Probe, ScanIdentity Gallery, string Metric)> _rows = [];
    private ParticipantRule? _rule;
    private int _withItself;
    private int _again;

    /// <summary>
    /// Who a scan really shows, when labels differ between the two sides: a script block that gets the scan's identity as $_ (Participant,
    /// Session, Run, Path). Without it the label is the participant.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Participant { get; set; }

    /// <summary>
    /// The scored pairs of pipeline objects (matches, similarities, matrices of them, and the first two as they come back from files or jobs) with
    /// the participants that <see cref="Participant"/> gives; an error for each object that is none. Pairs without a score are passed over.
    /// </summary>
    private protected IEnumerable<ScoredPair> Read(IEnumerable<object> inputs)
    {
        foreach (var input in inputs)
        {
            var item = input is PSObject wrapped ? wrapped.BaseObject : input;
            ScoredPair?[] pairs = item switch
            {
                ScanMatch match => [ScoredPair.From(match)],
                ScanSimilarity similarity => [ScoredPair.From(similarity)],
                SimilarityMatrix matrix => [.. ScoredPair.From(matrix)],
                _ => [Restore(input as PSObject ?? PSObject.AsPSObject(input))],
            };

            foreach (var pair in pairs.OfType<ScoredPair>())
            {
                yield return Participant is null ? pair : pair with { Probe = Named(pair.Probe), Gallery = Named(pair.Gallery) };
            }
        }
    }

    /// <summary>Tells what rows of files could not say, once all have come.</summary>
    private protected void WarnOfRows()
    {
        if (_withItself > 0)
        {
            WriteWarning($"{_withItself} rows name the same scan on both sides, without a path that would tell two apart: they are taken for a scan "
                + $"with itself, and passed over.");
        }

        if (_again > 0)
        {
            WriteWarning($"{_again} rows name a pair of scans that came before, and are passed over.");
        }
    }

    private ScoredPair? Restore(PSObject row)
    {
        try
        {
            if (new PlainRow(row).ToMatch(_scans) is not { } match)
            {
                return null;
            }

            _withItself += ReferenceEquals(match.Probe, match.Gallery) && match.Probe.Path is null ? 1 : 0;
            _again += _rows.Add((match.Probe, match.Gallery, match.Metric + match.Normalization)) ? 0 : 1;
            return ScoredPair.From(match);
        }
        catch (FormatException exception)
        {
            WriteItemError(
                new InvalidCastException(
                    $"'{row}' is neither a match (Find-MriMatch) nor a similarity (Measure-MriSimilarity). {exception.Message}", exception),
                    "NotAPair", ErrorCategory.InvalidType, row);
            return null;
        }
    }

    private ScanIdentity Named(ScanIdentity scan)
    {
        try
        {
            _rule ??= new(Participant!);
            return _rule.Apply(scan);
        }
        catch (LabelException exception)
        {
            ThrowTerminatingError(new(exception, "NoParticipant", ErrorCategory.InvalidArgument, scan));
            throw;
        }
    }
}
