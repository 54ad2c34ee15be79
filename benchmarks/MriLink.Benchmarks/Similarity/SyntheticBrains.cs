using MriLink.Core.Basics;
using MriLink.Core.Similarity;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Similarity;

/// <summary>
/// Volumes for timing: smooth noise within a brain mask on the 2 mm grid of 91×109×91. What they cost to compare is what brains cost;
/// how they score means nothing.
/// </summary>
internal sealed class SyntheticBrains
{
    private static readonly GridSize Size = new(91, 109, 91);
    private readonly VolumeGeometry _geometry = new(Size, Affine.FromScale(2, 2, 2));
    private readonly float[] _noise;
    private readonly float[] _distance;

    public SyntheticBrains()
    {
        _noise = Noise(1);
        var brain = Template.Colin27.BrainMask;
        _distance = new float[Size.Count];
        for (var z = 0; z < Size.Z; z++)
        {
            for (var y = 0; y < Size.Y; y++)
            {
                for (var x = 0; x < Size.X; x++)
                {
                    var at = brain.Size.IndexOf(
                        Math.Min(2 * x, brain.Size.X - 1), Math.Min(2 * y, brain.Size.Y - 1), Math.Min(2 * z, brain.Size.Z - 1));
                    _distance[Size.IndexOf(x, y, z)] = brain.Voxels[at] ? 1 : 0;
                }
            }
        }

        GaussianFilter.Smooth(_distance, new float[Size.Count], Size, 1.5f, WorkOptions.AllProcessors);
    }

    /// <summary>The voxels of Colin27's brain at 2 mm, all volumes alike.</summary>
    public PreparedVolume WithOneMask(int number) => Prepare(number, 0);

    /// <summary>A mask of its own: the surface moves in and out smoothly by about a voxel.</summary>
    public PreparedVolume WithOwnMask(int number) => Prepare(number, 0.15f);

    /// <summary>The same, ready for some measures alone.</summary>
    public PreparedVolume WithOwnMask(int number, IReadOnlyList<SimilarityMeasure> measures) =>
        PreparedVolume.Prepare(Volume(number, 0.15f), measures);

    /// <summary>
    /// A mask of its own without islands, as brains have: what lies more than two voxels off the common surface is inside or outside in all.
    /// </summary>
    public PreparedVolume WithBrainMask(int number) => Prepare(number, 0.15f, near: 0.4f);

    /// <summary>No mask at all: the whole grid.</summary>
    public PreparedVolume Whole(int number) => Prepare(number, float.PositiveInfinity);

    /// <summary>The whole grid as a plain volume, x fastest.</summary>
    public float[] WholeVoxels(int number) => Volume(number, float.PositiveInfinity).ReadVoxels().Voxels;

    /// <summary>The values of <see cref="WithOneMask"/>, centred and of unit length, so that a dot product is a correlation.</summary>
    public void UnitVector(int number, Span<float> result)
    {
        var voxels = Volume(number, 0).ReadVoxels().Voxels.Where(v => v != 0).ToArray();
        var mean = voxels.Average(v => (double)v);
        var length = Math.Sqrt(voxels.Sum(v => (v - mean) * (v - mean)));
        for (var i = 0; i < voxels.Length; i++)
        {
            result[i] = (float)((voxels[i] - mean) / length);
        }
    }

    private PreparedVolume Prepare(int number, float roughness, float near = float.PositiveInfinity) =>
        PreparedVolume.Prepare(Volume(number, roughness, near));

    // The mask's surface moves with noise of another place, times the roughness; infinite, there is no mask.
    private MriVolume Volume(int number, float roughness, float near = float.PositiveInfinity)
    {
        // One field of noise, read from another place for each volume: intensities from one, the mask's edge from another.
        var random = new Random(number);
        var (at, edge) = (random.Next(_noise.Length), random.Next(_noise.Length));
        var whole = float.IsPositiveInfinity(roughness);
        var voxels = new float[Size.Count];
        for (var i = 0; i < voxels.Length; i++, at++, edge++)
        {
            at = at == _noise.Length ? 0 : at;
            edge = edge == _noise.Length ? 0 : edge;
            var moved = MathF.Abs(_distance[i] - 0.5f) < near ? roughness * _noise[edge] : 0;
            voxels[i] = whole || _distance[i] + moved > 0.5f ? 100 + (10 * _noise[at]) : 0;
        }

        return new(new($"{number}"), new MemoryVoxelSource(new(_geometry, voxels)));
    }

    private static float[] Noise(int seed)
    {
        var random = new Random(seed);
        var values = new float[Size.Count];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)random.NextDouble() - 0.5f;
        }

        GaussianFilter.Smooth(values, new float[Size.Count], Size, 2, WorkOptions.AllProcessors);
        var deviation = (float)Math.Sqrt(values.Average(v => (double)v * v));
        foreach (ref var value in values.AsSpan())
        {
            value /= deviation;
        }

        return values;
    }
}
