using System.Globalization;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Hosts;

/// <summary>A <c>hosts.toml</c> (containerd, docs/hosts.md): hosts to try in order, then the server. Unknown fields are errors.</summary>
/// <param name="Server">URL that replaces the registry's own; null: none.</param>
/// <param name="ServerSettings">Settings of the server.</param>
/// <param name="Hosts">Mirrors.</param>
internal sealed record HostsFile(string? Server, HostSettings ServerSettings, IReadOnlyList<(string Url, HostSettings Settings)> Hosts)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="AgentException">Every mistake with its line, one per line.</exception>
    public static HostsFile Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot read \"{path}\": {e.Message}", e);
        }
    }

    /// <summary>Reads text; relative paths in it start at the directory of <paramref name="path"/>.</summary>
    /// <exception cref="AgentException">As for <see cref="Read"/>.</exception>
    public static HostsFile Parse(string text, string path)
    {
        var problems = new List<string>();
        TomlTable root;
        try
        {
            root = TomlReader.Parse(text);
        }
        catch (TomlException e)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"{path}:{e.Line}: {e.Message}", e);
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string? server = null;
        var hosts = new List<(string, HostSettings)>();
        var own = new TomlTable(root.Line);
        foreach ((string key, object value, int line) in root.Entries)
        {
            switch (key)
            {
                case "server":
                    server = value as string;
                    if (server is null)
                    {
                        problems.Add($"{path}:{line}: server: a string is expected");
                    }

                    break;
                case "host" when value is TomlTable table:
                    foreach ((string url, object settings, int at) in table.Entries)
                    {
                        if (settings is TomlTable each)
                        {
                            hosts.Add((url, Settings(each, $"host.\"{url}\".", path, directory, problems)));
                        }
                        else
                        {
                            problems.Add($"{path}:{at}: host.\"{url}\": a table is expected");
                        }
                    }

                    break;
                case "host":
                    problems.Add($"{path}:{line}: host: tables such as [host.\"https://mirror.example\"] are expected");
                    break;
                default:
                    own.Add(key, value, line);
                    break;
            }
        }

        HostSettings ownSettings = Settings(own, "", path, directory, problems);
        return problems.Count == 0
            ? new HostsFile(server, ownSettings, hosts)
            : throw new AgentException(ErrorKind.FailedPrecondition, string.Join("\n", problems));
    }

    private static HostSettings Settings(TomlTable table, string prefix, string path, string directory, List<string> problems)
    {
        var settings = new HostSettings();
        foreach ((string key, object value, int line) in table.Entries)
        {
            string? problem = null;
            switch (key)
            {
                case "capabilities":
                    problem = ReadCapabilities(value, out EndpointCapabilities capabilities);
                    settings = settings with { Capabilities = capabilities };
                    break;
                case "ca":
                    problem = Strings(value) is { } authorities ? null : "a path or a list of paths is expected";
                    settings = settings with { Tls = settings.Tls with { Authorities = [.. (Strings(value) ?? []).Select(file => Path.Combine(directory, file))] } };
                    break;
                case "client":
                    problem = ReadClients(value, directory, out List<(string, string?)> clients);
                    settings = settings with { Tls = settings.Tls with { Clients = clients } };
                    break;
                case "skip_verify":
                    problem = value is bool ? null : "true or false is expected";
                    settings = settings with { Tls = settings.Tls with { SkipVerify = value is true } };
                    break;
                case "override_path":
                    problem = value is bool ? null : "true or false is expected";
                    settings = settings with { OverridePath = value is true };
                    break;
                case "header":
                    problem = ReadHeaders(value, out List<KeyValuePair<string, string>> headers);
                    settings = settings with { Headers = headers };
                    break;
                case "dial_timeout":
                    TimeSpan timeout = default;
                    problem = value is string text && TryReadDuration(text, out timeout) ? null : "a duration such as \"3s\" is expected";
                    settings = settings with { ConnectTimeout = timeout };
                    break;
                default:
                    problem = "unknown field";
                    break;
            }

            if (problem is not null)
            {
                problems.Add($"{path}:{line}: {prefix}{key}: {problem}");
            }
        }

        return settings;
    }

    private static string? ReadCapabilities(object value, out EndpointCapabilities capabilities)
    {
        capabilities = EndpointCapabilities.None;
        if (value is not List<object> || Strings(value) is not { } names)
        {
            return "a list such as [\"pull\", \"resolve\"] is expected";
        }

        foreach (string name in names)
        {
            switch (name)
            {
                case "pull":
                    capabilities |= EndpointCapabilities.Pull;
                    break;
                case "resolve":
                    capabilities |= EndpointCapabilities.Resolve;
                    break;
                case "push":
                    capabilities |= EndpointCapabilities.Push;
                    break;
                default:
                    return $"\"{name}\" is none of pull, resolve, push";
            }
        }

        return null;
    }

    // "file", ["file", "file"], or [["certificate", "key"], ...].
    private static string? ReadClients(object value, string directory, out List<(string Certificate, string? Key)> clients)
    {
        clients = [];
        string At(string file) => Path.Combine(directory, file);
        foreach (object each in value as List<object> ?? [value])
        {
            switch (each)
            {
                case string file:
                    clients.Add((At(file), null));
                    break;
                case List<object> and [string certificate]:
                    clients.Add((At(certificate), null));
                    break;
                case List<object> and [string certificate, string key]:
                    clients.Add((At(certificate), key.Length > 0 ? At(key) : null));
                    break;
                default:
                    return "a path, or a list of paths or of pairs of certificate and key, is expected";
            }
        }

        return null;
    }

    private static string? ReadHeaders(object value, out List<KeyValuePair<string, string>> headers)
    {
        headers = [];
        if (value is not TomlTable table)
        {
            return "a table is expected";
        }

        foreach ((string name, object content, _) in table.Entries)
        {
            if (Strings(content) is not { } values || values.Any(each => each.AsSpan().ContainsAny('\r', '\n', '\0')))
            {
                return $"\"{name}\": a one-line string or a list of them is expected";
            }

            headers.AddRange(values.Select(each => KeyValuePair.Create(name, each)));
        }

        return null;
    }

    private static IReadOnlyList<string>? Strings(object value) => value switch
    {
        string one => [one],
        List<object> many when many.TrueForAll(each => each is string) => [.. many.Cast<string>()],
        _ => null,
    };

    // Go's notation, of which files use one unit.
    private static bool TryReadDuration(string text, out TimeSpan duration)
    {
        (string unit, double seconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => ("ms", 0.001),
            _ when text.EndsWith('s') => ("s", 1.0),
            _ when text.EndsWith('m') => ("m", 60.0),
            _ when text.EndsWith('h') => ("h", 3600.0),
            _ => ("", 0.0),
        };
        bool read = double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        duration = read ? TimeSpan.FromSeconds(Math.Min(number * seconds, 86400)) : default;
        return read && duration > TimeSpan.Zero;
    }
}
