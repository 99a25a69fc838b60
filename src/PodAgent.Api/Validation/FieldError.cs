namespace PodAgent.Api.Validation;

/// <summary>One problem of an object.</summary>
/// <param name="Kind">The category.</param>
/// <param name="Field">Path such as <c>spec.containers[0].name</c>.</param>
/// <param name="BadValue">The value as messages show it, strings in quotes; null when it is not shown.</param>
/// <param name="Detail">The rule; may be empty.</param>
public sealed record FieldError(FieldErrorKind Kind, string Field, string? BadValue, string Detail)
{
    /// <summary>As kubectl shows it: <c>spec.containers[0].name: Duplicate value: "a"</c>.</summary>
    public override string ToString()
    {
        string kind = Kind switch
        {
            FieldErrorKind.Required => "Required value",
            FieldErrorKind.Invalid => "Invalid value",
            FieldErrorKind.Duplicate => "Duplicate value",
            FieldErrorKind.NotFound => "Not found",
            FieldErrorKind.NotSupported => "Unsupported value",
            FieldErrorKind.Forbidden => "Forbidden",
            FieldErrorKind.TooLong => "Too long",
            _ => "Too many",
        };
        string value = BadValue is null ? "" : $": {BadValue}";
        string detail = Detail.Length == 0 ? "" : $": {Detail}";
        return $"{Field}: {kind}{value}{detail}";
    }
}
