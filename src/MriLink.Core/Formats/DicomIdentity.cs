namespace MriLink.Core.Formats;

/// <summary>
/// What a DICOM file says about whose it is and what it is part of. Null where it does not say; texts are as the file has them, without padding.
/// </summary>
/// <remarks>These texts may name a person: they serve to tell people apart, and are shown only where a user asks for them.</remarks>
public sealed record DicomIdentity
{
    /// <summary>PatientID.</summary>
    public string? PatientId { get; internal init; }

    /// <summary>PatientName, with its carets.</summary>
    public string? PatientName { get; internal init; }

    /// <summary>PatientBirthDate, YYYYMMDD.</summary>
    public string? PatientBirthDate { get; internal init; }

    /// <summary>StudyInstanceUID.</summary>
    public string? StudyUid { get; internal init; }

    /// <summary>StudyDate, YYYYMMDD.</summary>
    public string? StudyDate { get; internal init; }

    /// <summary>StudyTime, HHMMSS with a fraction.</summary>
    public string? StudyTime { get; internal init; }

    /// <summary>SeriesInstanceUID.</summary>
    public string? SeriesUid { get; internal init; }

    /// <summary>SeriesNumber as it is written.</summary>
    public string? SeriesNumber { get; internal init; }

    /// <summary>SeriesDescription.</summary>
    public string? SeriesDescription { get; internal init; }

    /// <summary>FrameOfReferenceUID: images of one can be laid over each other.</summary>
    public string? FrameOfReference { get; internal init; }

    /// <summary>Modality, "MR" for example.</summary>
    public string? Modality { get; internal init; }

    /// <summary>Whether nothing is said, so that the file cannot be told from others.</summary>
    internal bool IsSilent => (PatientId ?? StudyUid ?? SeriesUid ?? SeriesNumber ?? FrameOfReference) is null;
}
