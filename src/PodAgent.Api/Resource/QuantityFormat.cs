namespace PodAgent.Api.Resource;

/// <summary>The notation that a quantity was given in and is written back in.</summary>
public enum QuantityFormat
{
    /// <summary>Powers of 1000: n, u, m, none, k, M, G, T, P, E.</summary>
    DecimalSI,

    /// <summary>Powers of 1024: Ki, Mi, Gi, Ti, Pi, Ei.</summary>
    BinarySI,

    /// <summary>A power of ten in multiples of three: <c>12e6</c>.</summary>
    DecimalExponent,
}
