using System.Numerics;
using System.Runtime.CompilerServices;

namespace MriLink.Core.Similarity.Measures;

/// <summary>Takes standardised window statistics of two images back to their intensities, in units common to both.</summary>
/// <remarks>The unit is the larger of the two standard deviations, so that single precision suffices whatever the intensities' scale.</remarks>
internal readonly struct IntensityScale
{
    private readonly float _scaleX;
    private readonly float _scaleY;
    private readonly float _shiftX;
    private readonly float _shiftY;

    /// <summary>The scale of a pair of images.</summary>
    public IntensityScale(Standardization x, Standardization y)
    {
        Unit = 1 / (double)Math.Min(x.Factor, y.Factor);
        _scaleX = (float)(1 / (x.Factor * Unit));
        _scaleY = (float)(1 / (y.Factor * Unit));
        _shiftX = (float)(x.Shift / Unit);
        _shiftY = (float)(y.Shift / Unit);
    }

    /// <summary>The unit in intensities.</summary>
    public double Unit { get; }

    /// <summary>Means, variances and covariance of intensities in the unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Restore(ref Vector<float> meanX, ref Vector<float> meanY, ref Vector<float> varianceX, ref Vector<float> varianceY,
        ref Vector<float> covariance)
    {
        meanX = (meanX * _scaleX) + new Vector<float>(_shiftX);
        meanY = (meanY * _scaleY) + new Vector<float>(_shiftY);
        varianceX *= _scaleX * _scaleX;
        varianceY *= _scaleY * _scaleY;
        covariance *= _scaleX * _scaleY;
    }
}
