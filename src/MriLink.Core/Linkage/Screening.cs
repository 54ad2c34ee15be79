namespace MriLink.Core.Linkage;

/// <summary>How scores of a part of a gallery stand for all of it.</summary>
/// <remarks>
/// The scans that were chosen because they seem to be like a probe say nothing about how alike strangers are. So others are measured beside
/// them, chosen without looking at any probe: impostors are learnt from these alone, and a probe's best is judged as the best of the whole
/// gallery, which it is when the choice was good. That reaches further out than the cohort does, so the tail is taken for exponential where it
/// seems to be lighter: p-values are then too large rather than too small, and a weak link may be missed that a full comparison finds.
/// </remarks>
/// <param name="Cohort">For each gallery scan that was measured, whether it was chosen without looking at the probes.</param>
/// <param name="GalleryCount">How many scans the gallery holds.</param>
public sealed record Screening(IReadOnlyList<bool> Cohort, int GalleryCount);
