using System.Net;
using System.Text.RegularExpressions;

namespace PodAgent.Api.Validation;

/// <summary>The rules for names. Each returns what is wrong with a value, an empty list when nothing is.</summary>
internal static partial class NameRules
{
    public const int LabelLength = 63;
    public const int SubdomainLength = 253;
    private const int PortNameLength = 15;

    private const string LabelRegex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainRegex = $"{LabelRegex}(\\.{LabelRegex})*";
    private const string QualifiedNameRegex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelValueRegex = $"({QualifiedNameRegex})?";
    private const string ConfigKeyRegex = "[-._a-zA-Z0-9]+";
    private const string HeaderNameRegex = "[-A-Za-z0-9]+";
    private const string SysctlRegex = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";

    /// <summary>A label of RFC 1123: container and volume names, namespaces, hostnames.</summary>
    public static List<string> Label(string value) => Check(value, LabelLength, LabelPattern(), LabelRegex,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", "'my-name'");

    /// <summary>A subdomain of RFC 1123: names of pods and most other objects.</summary>
    public static List<string> Subdomain(string value) => Check(value, SubdomainLength, SubdomainPattern(), SubdomainRegex,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        "'example.com'");

    /// <summary>The value of a label.</summary>
    public static List<string> LabelValue(string value) => Check(value, LabelLength, LabelValuePattern(), LabelValueRegex,
        "a label value must be empty or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", "'my_value'");

    /// <summary>A key in a ConfigMap or Secret, which becomes a file's name.</summary>
    public static List<string> ConfigKey(string value)
    {
        List<string> problems = Check(value, SubdomainLength, ConfigKeyPattern(), ConfigKeyRegex,
            "a config key must consist of alphanumeric characters, '-', '_' or '.'", "'key.name'");
        if (value == "." || value.StartsWith("..", StringComparison.Ordinal))
        {
            problems.Add("must not be '.' and must not start with '..'");
        }

        return problems;
    }

    /// <summary>A key of a label, annotation, condition, resource: a name with an optional domain in front of a slash.</summary>
    public static List<string> QualifiedName(string value)
    {
        List<string> problems = [];
        string[] parts = value.Split('/');
        if (parts.Length > 2)
        {
            problems.Add($"a qualified name has at most one '/', between a DNS subdomain and a name (e.g. 'example.com/MyName', regex used for the name is '{QualifiedNameRegex}')");
            return problems;
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                problems.Add("prefix part must not be empty");
            }
            else
            {
                problems.AddRange(Subdomain(parts[0]).Select(problem => "prefix part " + problem));
            }
        }

        string name = parts[^1];
        if (name.Length == 0)
        {
            problems.Add("name part must not be empty");
            return problems;
        }

        problems.AddRange(Check(name, LabelLength, QualifiedNamePattern(), QualifiedNameRegex,
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", "'MyName'").Select(problem => "name part " + problem));
        return problems;
    }

    /// <summary>The name of an environment variable, by the relaxed rule: whatever a process can be given.</summary>
    public static List<string> EnvironmentName(string value) =>
        value.All(character => character is >= ' ' and <= '~' and not '=')
            ? []
            : ["an environment variable name must consist only of printable ASCII characters other than '='"];

    /// <summary>A port's name, an IANA service name.</summary>
    public static List<string> PortName(string value)
    {
        List<string> problems = [];
        if (value.Length > PortNameLength)
        {
            problems.Add($"must be no more than {PortNameLength} characters");
        }

        if (!value.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'))
        {
            problems.Add("must contain only lower case alphanumeric characters (a-z, 0-9) and hyphens (-)");
        }

        if (!value.Any(char.IsAsciiLetterLower))
        {
            problems.Add("must contain at least one letter (a-z)");
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            problems.Add("must not contain consecutive hyphens");
        }

        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            problems.Add("must not begin or end with a hyphen");
        }

        return problems;
    }

    /// <summary>The name of an HTTP header.</summary>
    public static List<string> HeaderName(string value) => Check(value, int.MaxValue, HeaderNamePattern(), HeaderNameRegex,
        "an HTTP header name must consist of alphanumeric characters or '-'", "'X-Header-Name'");

    /// <summary>The name of a kernel parameter, in either notation of its separators.</summary>
    public static List<string> Sysctl(string value) => Check(value, SubdomainLength, SysctlPattern(), SysctlRegex,
        "a sysctl name must consist of lower case alphanumeric characters, '-' or '_', in parts separated by '.' or '/'", "'net.ipv4.tcp_syncookies'");

    public static List<string> Port(long value) => InRange(value, 1, 65535);

    public static List<string> InRange(long value, long min, long max) =>
        value >= min && value <= max ? [] : [$"must be between {min} and {max}, inclusive"];

    public static List<string> IpAddress(string value) =>
        IsIpAddress(value) ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];

    /// <summary>.NET reads "1.2", "0x7f000001" and "010.0.0.1" as addresses, each in its own way; nothing else agrees with it.</summary>
    private static bool IsIpAddress(string value)
    {
        if (!IPAddress.TryParse(value, out IPAddress? address) || value.Contains('%', StringComparison.Ordinal) || value.Contains('[', StringComparison.Ordinal))
        {
            return false;
        }

        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 || address.ToString() == value;
    }

    private static List<string> Check(string value, int maxLength, Regex pattern, string regex, string rule, string example)
    {
        List<string> problems = [];
        if (value.Length > maxLength)
        {
            problems.Add($"must be no more than {maxLength} bytes");
        }

        if (!pattern.IsMatch(value))
        {
            problems.Add($"{rule} (e.g. {example}, regex used for validation is '{regex}')");
        }

        return problems;
    }

    [GeneratedRegex($"^(?:{LabelRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelPattern();

    [GeneratedRegex($"^(?:{SubdomainRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex($"^(?:{QualifiedNameRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex QualifiedNamePattern();

    [GeneratedRegex($"^(?:{LabelValueRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex($"^(?:{ConfigKeyRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ConfigKeyPattern();

    [GeneratedRegex($"^(?:{HeaderNameRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex HeaderNamePattern();

    [GeneratedRegex($"^(?:{SysctlRegex})\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SysctlPattern();
}
