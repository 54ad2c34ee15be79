using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets that take scored pairs with known participants have in common.</summary>
public abstract class PairCmdlet : MriCmdlet
{
    private readonly Dictionary<ScanIdentity, ScanIdentity> _renamed = new(ReferenceEqualityComparer.Instance);

    /// <summary>
    /// Who a scan really shows, when labels differ between the two sides: a script block that gets the scan's identity as $_ (Participant,
    /// Session, Run, Path). Without it the label is the participant.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Participant { get; set; }

    /// <summary>A pipeline object as a scored pair with the participants that <see cref="Participant"/> gives; null, with an error, when it is none or has no score.</summary>
    private protected ScoredPair? Read(object input)
    {
        var item = input is PSObject wrapped ? wrapped.BaseObject : input;
        var pair = item switch
        {
            ScanMatch match => ScoredPair.From(match),
            ScanSimilarity similarity => ScoredPair.From(similarity),
            ScoredPair scored => scored,
            _ => null,
        };
        if (pair is null && item is not ScanSimilarity)
        {
            WriteItemError(
                new InvalidCastException($"'{item}' is neither a match (Find-MriMatch) nor a similarity (Measure-MriSimilarity)."), "NotAPair", ErrorCategory.InvalidType, item);
        }

        return pair is null || Participant is null ? pair : pair with { Probe = Named(pair.Probe), Gallery = Named(pair.Gallery) };
    }

    // One identity object is one scan, and stays one.
    private ScanIdentity Named(ScanIdentity scan)
    {
        if (!_renamed.TryGetValue(scan, out var named))
        {
            var person = Participant!.InvokeWithContext(null, [new PSVariable("_", scan)]).FirstOrDefault()?.ToString();
            if (string.IsNullOrWhiteSpace(person))
            {
                ThrowTerminatingError(new(
                    new LabelException($"-Participant gives an empty label for '{scan}'."), "NoParticipant", ErrorCategory.InvalidArgument, scan));
            }

            _renamed[scan] = named = scan with { Participant = person! };
        }

        return named;
    }
}
