namespace MriLink.Core.Search;

/// <summary>Why a search cannot be made as it is asked for.</summary>
public enum SearchRefusal
{
    /// <summary>Candidates are asked for together with what takes the whole gallery.</summary>
    CandidatesAlone,

    /// <summary>Candidates are asked for of scans that have no signatures.</summary>
    CandidatesOfNothing,

    /// <summary>Candidates are asked for of scans of several contrasts, which signatures cannot choose among.</summary>
    CandidatesOfOneContrast,

    /// <summary>A probe has no signature to choose candidates by.</summary>
    NoSignature,
}
