using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>A scan as a few thousand numbers, under a key: enough to tell whether two scans are alike, not to see either.</summary>
/// <remarks>
/// <para>It is matched as a volume is: the correlation of two signatures estimates the score of the two brains by the measure they were made for
/// (LocalNCC or NCC), with a standard error of about (1 − r²)/√d. Other measures mean nothing.</para>
/// <para>What it still reveals: whoever holds signatures under one key, even without the key, can tell which of them are of one person or
/// of kin; whoever holds the key and a scan of somebody can tell whether that person is among them, and with the key a faint and blurred
/// image of the brain can be estimated from its signature. It is personal data: pseudonymised, not anonymous.</para>
/// </remarks>
public sealed class MriSignature : MriScan
{
    private readonly float[]? _values;

    /// <summary>Makes a signature.</summary>
    /// <param name="identity">Whose scan it is.</param>
    /// <param name="values">The numbers; not copied.</param>
    /// <param name="space">What two signatures must share to be compared: <see cref="SignatureProjection.Space"/>.</param>
    /// <param name="metric">The measure that it was made for: <see cref="SignatureProjection.Metric"/>.</param>
    /// <param name="spacing">Spacing of the brain's grid in mm: <see cref="SignatureProjection.Spacing"/>.</param>
    public MriSignature(ScanIdentity identity, float[] values, string space, string metric, double spacing)
        : base(identity)
    {
        ArgumentNullException.ThrowIfNull(values);
        _values = values;
        (Space, Metric, Spacing) = (space, metric, spacing);
    }

    /// <summary>Stands for a signature of a file, from which its numbers are read each time.</summary>
    internal MriSignature(ScanIdentity identity, SignatureFile file, int index)
        : base(identity)
    {
        (Space, Metric, Spacing) = (file.Space, file.Metric, file.Spacing);
        Stored = (file, index);
    }

    /// <summary>The numbers; a method, so that no table or file of signatures shows them.</summary>
    /// <exception cref="MriFileException">Their file has changed since it was opened, or is gone.</exception>
    public float[] GetValues() => _values ?? Stored!.Value.File.ReadValues(Stored.Value.Index);

    /// <summary>How many numbers it has.</summary>
    public int Dimension => _values?.Length ?? Stored!.Value.File.Dimensions;

    /// <summary>Key, measure, grid and length, as a hash: signatures of different spaces cannot be compared.</summary>
    public string Space { get; }

    /// <summary>The measure whose scores signatures of this space estimate.</summary>
    public string Metric { get; }

    /// <summary>Spacing in mm of the grid of the brain that it was made of: on a coarse one, strangers are more alike.</summary>
    public double Spacing { get; }

    /// <summary>
    /// The standard deviation of what a score of two signatures is off by: strangers' directions hardly agree, and so many numbers sample them.
    /// </summary>
    public double ScoreError => 1 / Math.Sqrt(Dimension);

    /// <inheritdoc/>
    public override string Stage => "Signature";

    /// <inheritdoc/>
    internal override string? ComparedBy => Metric;

    /// <summary>The file that holds it, and its place there; null when it is held in memory.</summary>
    internal (SignatureFile File, int Index)? Stored { get; }

    /// <summary>Shows whose it is and what it may be compared by.</summary>
    public override string ToString() => $"{Name} (signature for {Metric})";

    // As numbers in a row, as far apart as the brain's voxels were.
    internal override (Volume Voxels, Mask? Mask) ReadCompared(CancellationToken cancellationToken)
    {
        var values = GetValues();
        return (new(new(new(values.Length, 1, 1), Affine.FromScale(Spacing, Spacing, Spacing)), values), null);
    }
}
