namespace MriLink.Core.Preprocessing;

/// <summary>Whether the brain is cut out of the head.</summary>
public enum BrainExtractionMode
{
    /// <summary>Unless the input is found to be stripped already.</summary>
    Auto,

    /// <summary>Always; stripped input is treated as a head.</summary>
    Always,

    /// <summary>Never; all that the scan shows on the template's grid is kept.</summary>
    Never,
}
