using System.Globalization;
using System.Text;

namespace PodAgent.Api.Validation;

/// <summary>Collects problems; nothing here stops at the first one.</summary>
internal sealed class FieldErrors
{
    // A value of kilobytes would bury the rule that it breaks.
    private const int ShownLength = 200;

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;

    public void Required(string field, string detail = "") => Add(FieldErrorKind.Required, field, null, detail);

    public void Forbidden(string field, string detail) => Add(FieldErrorKind.Forbidden, field, null, detail);

    public void Invalid(string field, string value, string detail) => Add(FieldErrorKind.Invalid, field, Quote(value), detail);

    public void Invalid(string field, long value, string detail) => Add(FieldErrorKind.Invalid, field, Text(value), detail);

    public void Invalid(string field, bool value, string detail) => Add(FieldErrorKind.Invalid, field, value ? "true" : "false", detail);

    public void Invalid(string field, string value, IEnumerable<string> details)
    {
        foreach (string detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    public void Invalid(string field, long value, IEnumerable<string> details)
    {
        foreach (string detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    public void Duplicate(string field, string value) => Add(FieldErrorKind.Duplicate, field, Quote(value), "");

    public void NotFound(string field, string value) => Add(FieldErrorKind.NotFound, field, Quote(value), "");

    public void TooLong(string field, int maxBytes) => Add(FieldErrorKind.TooLong, field, null, $"may not be more than {maxBytes} bytes");

    public void TooMany(string field, int count, int max) =>
        Add(FieldErrorKind.TooMany, field, Text(count), $"must have at most {max} items");

    /// <summary>Checks a value against a fixed set, given in alphabetical order.</summary>
    /// <returns>Whether it is in there.</returns>
    public bool OneOf(string field, string value, params ReadOnlySpan<string> supported)
    {
        if (supported.Contains(value))
        {
            return true;
        }

        StringBuilder list = new("supported values: ");
        for (int index = 0; index < supported.Length; index++)
        {
            list.Append(index == 0 ? "" : ", ").Append(Quote(supported[index]));
        }

        Add(FieldErrorKind.NotSupported, field, Quote(value), list.ToString());
        return false;
    }

    public void NotNegative(string field, long value)
    {
        if (value < 0)
        {
            Invalid(field, value, "must be greater than or equal to 0");
        }
    }

    public static string Quote(string value)
    {
        string shown = value.Length > ShownLength ? string.Concat(value.AsSpan(0, ShownLength), "...") : value;
        return Yaml.YamlText.DoubleQuote(shown);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Add(FieldErrorKind kind, string field, string? value, string detail) => _errors.Add(new FieldError(kind, field, value, detail));
}
