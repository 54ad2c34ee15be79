namespace MriLink.Core.Similarity;

/// <summary>The few parameters of the measures.</summary>
public sealed record SimilarityOptions
{
    private readonly int _bins = 64;
    private readonly int _windowRadius = 2;
    private readonly double? _dataRange;

    /// <summary>64 bins, windows of radius 2 for LNCC, the data range taken from each pair.</summary>
    public static SimilarityOptions Default { get; } = new();

    /// <summary>Bins of the histogram measures, 2 to 256.</summary>
    public int Bins
    {
        get => _bins;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 256);
            _bins = value;
        }
    }

    /// <summary>Radius r in voxels of LNCC's (2r + 1)³ window, 1 to 15.</summary>
    public int WindowRadius
    {
        get => _windowRadius;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 15);
            _windowRadius = value;
        }
    }

    /// <summary>
    /// The data range L of NRMSE, PSNR, SSIM, MS-SSIM and GMSD. Null takes it from each pair: from the lower of the two volumes' first
    /// percentiles to the higher of their 99th, each over the volume's own mask; the same for (x, y) and (y, x).
    /// </summary>
    public double? DataRange
    {
        get => _dataRange;
        init
        {
            if (value is { } range && !(range > 0 && double.IsFinite(range)))
            {
                throw new ArgumentOutOfRangeException(nameof(value), range, "A data range is a positive number.");
            }

            _dataRange = value;
        }
    }

    /// <summary>The data range of a pair.</summary>
    internal double DataRangeOf(PreparedVolume first, PreparedVolume second) =>
        DataRange ?? Math.Max(first.Range.High, second.Range.High) - Math.Min(first.Range.Low, second.Range.Low);
}
