using PodAgent.Linux.Native;

namespace PodAgent.Linux.Seccomp;

/// <summary>How an argument is compared (enum scmp_compare of libseccomp).</summary>
public enum SeccompOperator
{
    /// <summary>Not equal.</summary>
    NotEqual = LibSeccompConstants.SCMP_CMP_NE,
    /// <summary>Less than.</summary>
    Less = LibSeccompConstants.SCMP_CMP_LT,
    /// <summary>Less than or equal.</summary>
    LessOrEqual = LibSeccompConstants.SCMP_CMP_LE,
    /// <summary>Equal.</summary>
    Equal = LibSeccompConstants.SCMP_CMP_EQ,
    /// <summary>Greater than or equal.</summary>
    GreaterOrEqual = LibSeccompConstants.SCMP_CMP_GE,
    /// <summary>Greater than.</summary>
    Greater = LibSeccompConstants.SCMP_CMP_GT,
    /// <summary>Equal to <c>ValueTwo</c> after masking with <c>Value</c>.</summary>
    MaskedEqual = LibSeccompConstants.SCMP_CMP_MASKED_EQ,
}
