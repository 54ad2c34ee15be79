namespace MriLink.Core.Preprocessing;

/// <summary>How a scan is brought to the template.</summary>
public enum RegistrationMode
{
    /// <summary>12 parameters.</summary>
    Affine,

    /// <summary>7 parameters: head size is removed as one scale, proportions stay.</summary>
    Similarity,

    /// <summary>Not at all: world coordinates are taken as the template's.</summary>
    None,
}
