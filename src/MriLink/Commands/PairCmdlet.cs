using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets that take scored pairs with known participants have in common.</summary>
public abstract class PairCmdlet : MriCmdlet
{
    private ParticipantRule? _rule;

    /// <summary>
    /// Who a scan really shows, when labels differ between the two sides: a script block that gets the scan's identity as $_ (Participant,
    /// Session, Run, Path). Without it the label is the participant.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Participant { get; set; }

    /// <summary>
    /// The scored pairs of pipeline objects (matches, similarities, matrices of them) with the participants that <see cref="Participant"/>
    /// gives; an error for each object that is none. Pairs without a score are passed over.
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
                _ => [],
            };
            if (item is not (ScanMatch or ScanSimilarity or SimilarityMatrix))
            {
                WriteItemError(
                    new InvalidCastException($"'{item}' is neither a match (Find-MriMatch) nor a similarity (Measure-MriSimilarity)."), "NotAPair", ErrorCategory.InvalidType, item);
            }

            foreach (var pair in pairs.OfType<ScoredPair>())
            {
                yield return Participant is null ? pair : pair with { Probe = Named(pair.Probe), Gallery = Named(pair.Gallery) };
            }
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
