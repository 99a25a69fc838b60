namespace PodAgent.Images.References;

/// <summary>The productions of the reference grammar. Each check gives what is wrong, or null.</summary>
internal static class ReferenceGrammar
{
    /// <summary><c>tag := [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}</c></summary>
    public static string? CheckTag(string tag)
    {
        if (tag.Length is 0 or > 128)
        {
            return tag.Length == 0 ? "the tag is empty" : "the tag is longer than 128 characters";
        }

        for (int i = 0; i < tag.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(tag[i]) && tag[i] != '_' && (i == 0 || tag[i] is not ('.' or '-')))
            {
                return $"the tag \"{tag}\" may not hold '{tag[i]}' at position {i + 1}";
            }
        }

        return null;
    }

    /// <summary><c>domain := (component ('.' component)* | '[' ipv6 ']') (':' digits)?</c>; components are letters, digits and inner hyphens.</summary>
    public static string? CheckDomain(string domain)
    {
        string host = domain;
        int port = domain.LastIndexOf(':');
        if (port > domain.LastIndexOf(']'))
        {
            host = domain[..port];
            string number = domain[(port + 1)..];
            if (number.Length == 0 || !number.All(char.IsAsciiDigit))
            {
                return $"the registry \"{domain}\" has an invalid port";
            }
        }

        bool valid = host.StartsWith('[')
            ? host.Length > 2 && host.EndsWith(']') && host[1..^1].All(c => char.IsAsciiHexDigit(c) || c == ':')
            : host.Split('.').All(part => part.Length > 0 && part[0] != '-' && part[^1] != '-' && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        return valid ? null : $"\"{host}\" is no valid registry host";
    }

    /// <summary><c>path := component ('/' component)*</c>, <c>component := [a-z0-9]+ ((. | _ | __ | -+) [a-z0-9]+)*</c></summary>
    public static string? CheckPath(string path)
    {
        foreach (string component in path.Split('/'))
        {
            if (component.Length == 0)
            {
                return "a component of the repository name is empty";
            }

            if (component.Any(char.IsAsciiLetterUpper))
            {
                return $"the repository name must be lower case: \"{component}\"";
            }

            if (!IsPathComponent(component))
            {
                return $"\"{component}\" is no valid component of a repository name";
            }
        }

        return null;
    }

    private static bool IsPathComponent(string component)
    {
        int at = 0;
        while (true)
        {
            int start = at;
            while (at < component.Length && (char.IsAsciiLetterLower(component[at]) || char.IsAsciiDigit(component[at])))
            {
                at++;
            }

            if (at == start)
            {
                return false;
            }

            if (at == component.Length)
            {
                return true;
            }

            int separator = at;
            while (at < component.Length && component[at] == component[separator])
            {
                at++;
            }

            int length = at - separator;
            bool valid = component[separator] switch
            {
                '.' => length == 1,
                '_' => length <= 2,
                '-' => true,
                _ => false,
            };
            if (!valid)
            {
                return false;
            }
        }
    }
}
