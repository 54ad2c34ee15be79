namespace MriLink.Core.Formats.Dicom;

/// <summary>Which part of its complex numbers an image shows.</summary>
internal enum DicomComponent
{
    Magnitude,
    Phase,
    Real,
    Imaginary,
}
