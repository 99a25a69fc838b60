namespace PodAgent.Rpc.Client;

/// <summary>Where a server is.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="BaseUri">Scheme and authority of the requests.</param>
/// <param name="SocketPath">The Unix socket, or null for TCP.</param>
internal sealed record RpcAddress(string Text, Uri BaseUri, string? SocketPath)
{
    private const string UnixScheme = "unix:";

    // struct sockaddr_un: sun_path has 108 bytes, the last one ends the string (unix(7)).
    private const int MaxSocketPath = 107;

    /// <exception cref="ArgumentException">
    /// The address is none of <c>unix:///path</c>, <c>unix:/path</c>, <c>http://host:port</c>, <c>https://host:port</c>.
    /// </exception>
    internal static RpcAddress Parse(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            string path = address[UnixScheme.Length..];
            if (path.StartsWith("//", StringComparison.Ordinal))
            {
                path = path[2..];
            }

            if (!path.StartsWith('/'))
            {
                throw new ArgumentException($"the address \"{address}\" has no absolute path: write \"unix:///run/...\"", nameof(address));
            }

            if (System.Text.Encoding.UTF8.GetByteCount(path) > MaxSocketPath)
            {
                throw new ArgumentException(
                    $"the address \"{address}\" is too long: the path of a socket has at most {MaxSocketPath} bytes", nameof(address));
            }

            // The authority of a Unix socket is "localhost" by agreement among gRPC libraries.
            return new RpcAddress(address, new Uri("http://localhost"), path);
        }

        if (Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.AbsolutePath == "/" && uri.Query.Length == 0)
        {
            return new RpcAddress(address, uri, null);
        }

        throw new ArgumentException(
            $"\"{address}\" is not an address: write \"unix:///path\", \"http://host:port\" or \"https://host:port\"", nameof(address));
    }
}
