namespace MriLink.Core.Basics;

/// <summary>How far a piece of work has come.</summary>
/// <param name="Fraction">Part done, 0 to 1; negative when unknown.</param>
/// <param name="Status">What is being done, for people.</param>
public readonly record struct WorkProgress(double Fraction, string Status);
