using System.Globalization;
using System.Text;

namespace PodAgent.Linux.Systemd;

/// <summary>
/// Names of slices (systemd.slice(5)). A name is a path: the dashes in it separate levels, so that <c>a-b.slice</c> lies in <c>a.slice</c>,
/// and its control group is <c>a.slice/a-b.slice</c>.
/// </summary>
public static class SliceName
{
    private const string Suffix = ".slice";
    private const int MaxLength = 255;

    /// <summary>Whether the last component of a control group's path is the name of a slice.</summary>
    public static bool Ends(string path) => path.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>
    /// The path of a slice's control group, without a leading slash. A slice is given by its name, or by just this path.
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument: it is not the name of a slice, not a valid one, or not where that slice is.</exception>
    public static string Expand(string slice)
    {
        string given = slice.Trim('/');
        string name = given[(given.LastIndexOf('/') + 1)..];
        if (!Ends(name))
        {
            throw Invalid(slice, "it does not end in \".slice\"");
        }

        string stem = name[..^Suffix.Length];
        if (stem is "" or "-")
        {
            throw Invalid(slice, "it is the root of all slices");
        }

        if (name.Length > MaxLength)
        {
            throw Invalid(slice, $"it is longer than {MaxLength} characters");
        }

        if (stem.FirstOrDefault(c => !IsAllowed(c)) is var refused and not '\0')
        {
            throw Invalid(slice, $"'{refused}' cannot be part of a unit's name");
        }

        var path = new StringBuilder();
        for (int dash = stem.IndexOf('-'); dash >= 0; dash = stem.IndexOf('-', dash + 1))
        {
            // Between two dashes, before the first or behind the last there has to be a name.
            if (dash == 0 || dash == stem.Length - 1 || stem[dash - 1] == '-')
            {
                throw Invalid(slice, "a level between its dashes has no name");
            }

            path.Append(stem, 0, dash).Append(Suffix).Append('/');
        }

        string expanded = path.Append(name).ToString();
        return given == name || given == expanded
            ? expanded
            : throw Invalid(slice, $"the control group of {name} is \"/{expanded}\"");
    }

    /// <summary>The path of a slice inside the one with the given path; the names of the levels are escaped.</summary>
    public static string Inside(string slicePath, params ReadOnlySpan<string> levels)
    {
        string path = slicePath;
        string stem = path.Length == 0 ? "" : path[(path.LastIndexOf('/') + 1)..^Suffix.Length];
        foreach (string level in levels)
        {
            stem = stem.Length == 0 ? Escape(level) : $"{stem}-{Escape(level)}";
            path = path.Length == 0 ? stem + Suffix : $"{path}/{stem}{Suffix}";
        }

        return path;
    }

    /// <summary>
    /// The slice that stands for a control group's path: <c>a/b</c> becomes <c>a.slice/a-b.slice</c>; a path whose end is the name of a slice is
    /// meant as such.
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument: it is meant as a slice and is not one.</exception>
    public static string ForPath(string cgroupPath) => Ends(cgroupPath) ? Expand(cgroupPath) : Inside("", cgroupPath.Split('/', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>
    /// A text as one level of a slice's name. A dash becomes an underscore, as in the names that the kubelet makes, because it would begin
    /// another level; what no unit's name may have becomes <c>\x2f</c> and the like, as systemd-escape(1) does it.
    /// </summary>
    public static string Escape(string level)
    {
        var escaped = new StringBuilder(level.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(level))
        {
            char c = (char)b;
            if (c == '-')
            {
                escaped.Append('_');
            }
            else if (c != '\\' && IsAllowed(c) && (c != '.' || escaped.Length > 0))
            {
                escaped.Append(c);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            }
        }

        return escaped.ToString();
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '\\' or '@';

    private static AgentException Invalid(string slice, string why) => new(ErrorKind.InvalidArgument, $"\"{slice}\" is not a slice: {why}");
}
