namespace PodAgent.Linux.Seccomp;

/// <summary>A condition on one argument of a system call.</summary>
/// <param name="Index">Which argument, 0..5.</param>
/// <param name="Operator">The comparison.</param>
/// <param name="Value">What it is compared with; the mask for <see cref="SeccompOperator.MaskedEqual"/>.</param>
/// <param name="ValueTwo">The expected bits for <see cref="SeccompOperator.MaskedEqual"/>, otherwise unused.</param>
public readonly record struct SeccompComparison(uint Index, SeccompOperator Operator, ulong Value, ulong ValueTwo = 0);
