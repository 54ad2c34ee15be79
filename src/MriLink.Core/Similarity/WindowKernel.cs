namespace MriLink.Core.Similarity;

/// <summary>A separable, symmetric window over (2·Radius + 1)³ voxels whose weights sum to one.</summary>
internal sealed record WindowKernel
{
    private readonly float[] _weights;

    private WindowKernel(string name, double[] weights)
    {
        Name = name;
        var sum = weights[0] + (2 * weights.Skip(1).Sum());
        _weights = Array.ConvertAll(weights, w => (float)(w / sum));
    }

    /// <summary>The Gaussian of Wang et al. 2004, σ = 1.5 voxels, cut at 3.5 σ: 11 voxels wide.</summary>
    public static WindowKernel Gaussian { get; } =
        new("Gaussian", [.. Enumerable.Range(0, 6).Select(d => Math.Exp(-0.5 * d * d / (1.5 * 1.5)))]);

    /// <summary>Tells kernels apart in caches.</summary>
    public string Name { get; }

    /// <summary>Voxels from the centre to the window's edge.</summary>
    public int Radius => _weights.Length - 1;

    /// <summary>One axis' weights, from the centre outwards.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>Equal weights.</summary>
    public static WindowKernel Box(int radius) => new($"Box{radius}", [.. Enumerable.Repeat(1.0, radius + 1)]);

    /// <inheritdoc/>
    public bool Equals(WindowKernel? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
