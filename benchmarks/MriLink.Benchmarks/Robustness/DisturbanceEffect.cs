namespace MriLink.Benchmarks.Robustness;

/// <summary>What a disturbance leaves of a scan, and so what is asked of its result.</summary>
internal enum DisturbanceEffect
{
    /// <summary>All of it: the undisturbed brain has to come out, and to pass.</summary>
    None,

    /// <summary>The brain's own voxels are others: as much as is left of it in them has to come out, and to pass.</summary>
    ChangesBrain,

    /// <summary>The brain has another shape, so its voxels are others and its pose is not the undisturbed one's.</summary>
    ChangesShape,

    /// <summary>A header that contradicts the head: the brain has to come out; whether it may pass hangs on how far the header is off.</summary>
    WrongHeader,

    /// <summary>No brain of a person in T1 weighting: nothing may pass.</summary>
    Unusable,
}
