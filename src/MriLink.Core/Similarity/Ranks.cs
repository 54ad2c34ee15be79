namespace MriLink.Core.Similarity;

/// <summary>Ranks with ties averaged, about zero, so that Pearson's formula on them is Spearman's coefficient.</summary>
internal static class Ranks
{
    /// <summary>Ranks of all voxels.</summary>
    /// <param name="order">Voxels in ascending order of value.</param>
    /// <param name="values">The values.</param>
    /// <param name="count">How many.</param>
    public static float[] Centered(ReadOnlySpan<int> order, ReadOnlySpan<float> values, int count)
    {
        var ranks = new float[count];
        Assign(order, values, ranks);
        return ranks;
    }

    /// <summary>
    /// Ranks among some of the voxels: <paramref name="target"/> says where in <paramref name="ranks"/> a voxel's rank goes, −1 for one
    /// that does not take part. The order of all voxels is sorted already, so this takes one pass.
    /// </summary>
    public static void CenteredAmong(ReadOnlySpan<int> order, ReadOnlySpan<float> values, ReadOnlySpan<int> target, int[] compact, Span<float> ranks)
    {
        var kept = 0;
        foreach (var voxel in order)
        {
            compact[kept] = voxel;
            kept += target[voxel] >= 0 ? 1 : 0;
        }

        var middle = (kept - 1) / 2.0;
        for (var first = 0; first < kept;)
        {
            var last = LastTie(compact, values, first, kept);
            var rank = (float)(((first + last) / 2.0) - middle);
            for (; first <= last; first++)
            {
                ranks[target[compact[first]]] = rank;
            }
        }
    }

    private static void Assign(ReadOnlySpan<int> order, ReadOnlySpan<float> values, float[] ranks)
    {
        var middle = (order.Length - 1) / 2.0;
        for (var first = 0; first < order.Length;)
        {
            var last = LastTie(order, values, first, order.Length);
            var rank = (float)(((first + last) / 2.0) - middle);
            for (; first <= last; first++)
            {
                ranks[order[first]] = rank;
            }
        }
    }

    private static int LastTie(ReadOnlySpan<int> order, ReadOnlySpan<float> values, int first, int count)
    {
        var last = first;
        while (last + 1 < count && values[order[last + 1]] == values[order[first]])
        {
            last++;
        }

        return last;
    }
}
