using System.Diagnostics.CodeAnalysis;

namespace MriLink.Core.Formats;

/// <summary>How the voxels of a written file are stored.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "They are the names that users of NIfTI know the types by.")]
public enum VolumeDataType
{
    /// <summary>32-bit floats: exact.</summary>
    Float32,

    /// <summary>16-bit integers: exact for integers that fit, otherwise scaled, wrong by less than 1/130 000 of the volume's range.</summary>
    Int16,

    /// <summary>8-bit integers: exact for integers from 0 to 255, otherwise scaled, wrong by less than 1/500 of the volume's range.</summary>
    UInt8,
}
