namespace MriLink.Core.Basics;

/// <summary>What a seed is used for. Each use draws from a stream of its own, so that one knob does not shift the draws of another.</summary>
internal enum SeedUse
{
    Participant = 1,
    HeadShape,
    CoarseVelocity,
    FineVelocity,
    Scan,
    Scanner,
    Pose,
    Bias,
    Gradient,
    Contrast,
    Drift,
    Noise,
    Bootstrap,
    Mitigation,
    Lesions,
}
