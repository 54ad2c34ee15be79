using System.Management.Automation;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Who a scan really shows, by a script that gets its identity as $_; one identity object is one scan, and stays one.</summary>
internal sealed class ParticipantRule(ScriptBlock script)
{
    private readonly Dictionary<ScanIdentity, ScanIdentity> _renamed = new(ReferenceEqualityComparer.Instance);

    /// <summary>The identity with the participant that the script gives.</summary>
    /// <exception cref="LabelException">The script gives an empty label.</exception>
    public ScanIdentity Apply(ScanIdentity scan)
    {
        if (!_renamed.TryGetValue(scan, out var named))
        {
            var person = script.InvokeWithContext(null, [new PSVariable("_", scan)]).FirstOrDefault()?.ToString();
            if (string.IsNullOrWhiteSpace(person))
            {
                throw new LabelException($"-Participant gives an empty label for '{scan}'.");
            }

            _renamed[scan] = named = scan with { Participant = person };
        }

        return named;
    }
}
