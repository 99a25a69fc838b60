namespace PodAgent.Api.Validation;

/// <summary>What is wrong with a field, in the API server's categories.</summary>
public enum FieldErrorKind
{
    /// <summary>A value is missing.</summary>
    Required,

    /// <summary>The value breaks a rule.</summary>
    Invalid,

    /// <summary>The value must be unique and is not.</summary>
    Duplicate,

    /// <summary>The value names something that does not exist.</summary>
    NotFound,

    /// <summary>The value is not one of a fixed set.</summary>
    NotSupported,

    /// <summary>The field may not be set, or not changed, here.</summary>
    Forbidden,

    /// <summary>The value is too long.</summary>
    TooLong,

    /// <summary>The list has too many items.</summary>
    TooMany,
}
