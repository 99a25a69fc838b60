namespace PodAgent.Linux;

/// <summary>How an argument is compared (enum scmp_compare of libseccomp).</summary>
public enum SeccompOperator
{
    /// <summary>Not equal.</summary>
    NotEqual = 1,
    /// <summary>Less than.</summary>
    Less = 2,
    /// <summary>Less than or equal.</summary>
    LessOrEqual = 3,
    /// <summary>Equal.</summary>
    Equal = 4,
    /// <summary>Greater than or equal.</summary>
    GreaterOrEqual = 5,
    /// <summary>Greater than.</summary>
    Greater = 6,
    /// <summary>Equal to <c>ValueTwo</c> after masking with <c>Value</c>.</summary>
    MaskedEqual = 7,
}
