using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>Something a custodian does to a scan before releasing it, so that it cannot be linked. Safe for use from several threads.</summary>
public interface IMitigation
{
    /// <summary>What is done.</summary>
    MitigationKind Kind { get; }

    /// <summary>How strongly, in the kind's unit.</summary>
    double Strength { get; }

    /// <summary>Why it would leave this scan as it is, as the end of a sentence about it ("is stripped already"); null when it would not.</summary>
    string? WhyNot(MitigationTarget scan);

    /// <summary>The scan as it would be released; the given one is not changed. The same scan and seed give the same voxels.</summary>
    /// <exception cref="PreprocessingException">Nothing of the scan would be left.</exception>
    Volume Apply(MitigationTarget scan, WorkOptions work);
}
