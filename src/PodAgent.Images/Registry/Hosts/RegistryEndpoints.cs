using System.Net;
using PodAgent.Images.References;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Hosts;

/// <summary>Finds out where the images of a registry may be had, as containerd does.</summary>
internal static class RegistryEndpoints
{
    private const string HostsFileName = "hosts.toml";

    /// <summary>Endpoints in the order in which to try them; the registry itself is the last.</summary>
    /// <exception cref="AgentException">FailedPrecondition: a file is malformed.</exception>
    public static IReadOnlyList<RegistryEndpoint> For(ImageReference name, IReadOnlyList<string> directories)
    {
        foreach (string directory in directories)
        {
            foreach (string candidate in DirectoryNames(name.Domain))
            {
                string path = Path.Combine(directory, candidate);
                string file = Path.Combine(path, HostsFileName);
                if (File.Exists(file))
                {
                    return FromFile(name.Domain, HostsFile.Read(file));
                }

                if (Directory.Exists(path))
                {
                    return [Upstream(name.Domain) with { Tls = FromCertificates(path) ?? Upstream(name.Domain).Tls }];
                }
            }
        }

        return [Upstream(name.Domain)];
    }

    // A colon cannot be part of a directory's name everywhere, so containerd knows a form without.
    private static IEnumerable<string> DirectoryNames(string domain)
    {
        int colon = domain.LastIndexOf(':');
        if (colon > domain.LastIndexOf(']'))
        {
            yield return $"{domain[..colon]}_{domain[(colon + 1)..]}_";
        }

        yield return domain;
        yield return "_default";
    }

    private static IReadOnlyList<RegistryEndpoint> FromFile(string domain, HostsFile file)
    {
        var endpoints = new List<RegistryEndpoint>();
        foreach ((string url, HostSettings settings) in file.Hosts)
        {
            endpoints.Add(FromUrl(url, settings) with { Namespace = domain });
        }

        // The registry's own name as one of its hosts changes how it is reached, and is no mirror.
        RegistryEndpoint upstream = file.Server is { } server ? FromUrl(server, file.ServerSettings) : Apply(Upstream(domain), file.ServerSettings);
        for (int i = 0; i < endpoints.Count; i++)
        {
            if (endpoints[i].Authority == upstream.Authority)
            {
                endpoints[i] = endpoints[i] with { IsUpstream = true, Namespace = null };
            }
        }

        // The last resort; a file that leaves nothing but its hosts says so by giving one of them as server.
        bool listed = endpoints.Exists(endpoint =>
            endpoint.ToString() == upstream.ToString() && endpoint.Path == upstream.Path && endpoint.Capabilities == EndpointCapabilities.All);
        return listed ? endpoints : [.. endpoints, upstream with { IsUpstream = true, Namespace = null }];
    }

    private static RegistryEndpoint FromUrl(string url, HostSettings settings)
    {
        string rest = url;
        string? scheme = null;
        int separator = url.IndexOf("://", StringComparison.Ordinal);
        if (separator >= 0)
        {
            scheme = url[..separator];
            rest = url[(separator + 3)..];
        }

        int slash = rest.IndexOf('/');
        string authority = slash < 0 ? rest : rest[..slash];
        string path = slash < 0 ? "" : rest[slash..].TrimEnd('/');
        if (scheme is not (null or "http" or "https") || ReferenceGrammar.CheckDomain(authority) is not null)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, $"hosts.toml: \"{url}\" is no URL of a registry such as https://registry.example:5000");
        }

        RegistryEndpoint endpoint = Upstream(authority) with { IsUpstream = false };
        if (scheme is not null)
        {
            endpoint = endpoint with { Scheme = scheme, Authority = authority, PlainHttpFallback = false, Tls = EndpointTls.Default };
        }

        bool whole = settings.OverridePath || path.EndsWith("/v2", StringComparison.Ordinal);
        return Apply(endpoint with { Path = whole ? path : path + "/v2" }, settings);
    }

    private static RegistryEndpoint Apply(RegistryEndpoint endpoint, HostSettings settings) => endpoint with
    {
        Capabilities = settings.Capabilities,
        Tls = settings.Tls.SkipVerify || settings.Tls.Authorities.Count > 0 || settings.Tls.Clients.Count > 0 ? settings.Tls : endpoint.Tls,
        Headers = settings.Headers,
        ConnectTimeout = settings.ConnectTimeout,
    };

    /// <summary>
    /// The registry itself. On this machine nobody can listen in: there TLS needs no known certificate, and on a port that is not 443 plain HTTP
    /// will do.
    /// </summary>
    private static RegistryEndpoint Upstream(string domain)
    {
        if (domain == "docker.io")
        {
            return new RegistryEndpoint { Scheme = "https", Authority = "registry-1.docker.io", IsUpstream = true };
        }

        int colon = domain.LastIndexOf(':');
        bool hasPort = colon > domain.LastIndexOf(']');
        string host = (hasPort ? domain[..colon] : domain).Trim('[', ']');
        string port = hasPort ? domain[(colon + 1)..] : "";
        bool local = host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
        return new RegistryEndpoint
        {
            Scheme = local && port == "80" ? "http" : "https",
            Authority = domain,
            IsUpstream = true,
            Tls = local ? new EndpointTls { SkipVerify = true } : EndpointTls.Default,
            PlainHttpFallback = local && port is not ("" or "443" or "80"),
        };
    }

    // Docker's layout: NAME.crt are authorities, NAME.cert with NAME.key are our own.
    private static EndpointTls? FromCertificates(string directory)
    {
        string[] authorities = [.. Directory.EnumerateFiles(directory, "*.crt").Order(StringComparer.Ordinal)];
        string[] certificates = [.. Directory.EnumerateFiles(directory, "*.cert").Order(StringComparer.Ordinal)];
        return authorities.Length + certificates.Length == 0
            ? null
            : new EndpointTls
            {
                Authorities = authorities,
                Clients = [.. certificates.Select(file => (file, (string?)Path.ChangeExtension(file, ".key")))],
            };
    }
}
