namespace MriLink.Core.Preprocessing.Records;

/// <summary>Who says what a scan's contrast is.</summary>
public enum ContrastSource
{
    /// <summary>Nobody: it is taken to be T1-weighted.</summary>
    Assumed,

    /// <summary>The user.</summary>
    Given,

    /// <summary>The file's name, by its BIDS suffix.</summary>
    Name,

    /// <summary>The order in which its tissues are bright.</summary>
    Image,
}
