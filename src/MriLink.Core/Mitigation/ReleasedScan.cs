using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>A scan as preprocessing makes of it, as it is and after each mitigation.</summary>
/// <param name="Identity">Whose scan it is.</param>
/// <param name="Baseline">Of the scan as it is.</param>
/// <param name="Quality">How well preprocessing the scan as it is went.</param>
/// <param name="Versions">Of each mitigation, in their order.</param>
internal sealed record ReleasedScan(
    ScanIdentity Identity, PreparedVolume Baseline, QualityRecord Quality, IReadOnlyList<ReleasedScan.Version> Versions)
{
    /// <summary>A scan after one mitigation.</summary>
    internal sealed record Version
    {
        /// <summary>The preprocessed brain; null when preprocessing could not use the scan any more.</summary>
        public PreparedVolume? Brain { get; init; }

        /// <summary>Why the mitigation left the scan as it is; null when it did not.</summary>
        public string? WhyNot { get; init; }

        /// <summary>Whether quality control failed.</summary>
        public bool Failed { get; init; }

        /// <summary>Peak signal-to-noise ratio against the scan as it was, dB.</summary>
        public double Psnr { get; init; } = double.NaN;

        /// <summary>SSIM against the scan as it was.</summary>
        public double Ssim { get; init; } = double.NaN;

        /// <summary>Change of the brain's volume as preprocessing measures it, ml.</summary>
        public double BrainChange { get; init; } = double.NaN;
    }
}
