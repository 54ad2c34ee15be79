namespace MriLink.Core.Preprocessing.Records;

/// <summary>What to make of a preprocessed scan.</summary>
public enum QualityVerdict
{
    /// <summary>Everything is as it is with scans that went well.</summary>
    Pass,

    /// <summary>Something is unusual; the scan can be used, and a person had better look at it.</summary>
    Review,

    /// <summary>What came out is no aligned brain; comparing it with others means nothing.</summary>
    Fail,
}
