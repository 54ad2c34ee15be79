using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>The rules for a scan's labels that a user has given, each null where names of files and folders decide.</summary>
internal sealed record ScanLabelRules(LabelRule? Participant, LabelRule? Session = null, LabelRule? Run = null)
{
    /// <summary>Whose scan it is.</summary>
    /// <exception cref="LabelException">A rule gives no label.</exception>
    public ScanIdentity Apply(FoundScan scan)
    {
        var (identity, file) = (scan.Identity, new FileInfo(scan.Path));
        return identity with
        {
            Participant = Participant?.Find(file, nameof(Participant)) ?? identity.Participant,
            Session = Session?.Find(file, nameof(Session)) ?? Participant?.FindOptional(file, nameof(Session)) ?? identity.Session,
            Run = Run?.Find(file, nameof(Run)) ?? Participant?.FindOptional(file, nameof(Run)) ?? identity.Run,
        };
    }
}
