namespace MriLink.Core.Registration;

/// <summary>What a scan is laid over while its pose is sought.</summary>
/// <param name="Search">A wide region: scalp and air tell where a head is.</param>
/// <param name="Fit">The region that a pose is fitted to.</param>
/// <param name="Judge">The region by which poses are told apart, beside the one that they were fitted to; and the one that the last is fitted
/// to.</param>
public sealed record PoseTargets(RegistrationTarget Search, RegistrationTarget Fit, RegistrationTarget Judge);
