namespace MriLink.Core.Registration;

/// <summary>Which affine maps a registration may choose from.</summary>
public enum TransformModel
{
    /// <summary>Rotation and translation: 6 parameters.</summary>
    Rigid,

    /// <summary>Rigid and one scale: 7 parameters.</summary>
    Similarity,

    /// <summary>All of them: 12 parameters.</summary>
    Affine,
}
