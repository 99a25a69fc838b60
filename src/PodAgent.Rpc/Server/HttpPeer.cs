using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PodAgent.Rpc.Server;

/// <summary>Who is at the other end of a connection.</summary>
internal static class HttpPeer
{
    // socket(7): level SOL_SOCKET, option SO_PEERCRED, struct ucred { pid, uid, gid }.
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int CredentialSize = 12;

    /// <summary><c>unix:pid=..,uid=..</c>, <c>ipv4:address:port</c> or <c>ipv6:[address]:port</c>.</summary>
    internal static string Describe(HttpContext http)
    {
        Socket? socket = http.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket?.AddressFamily == AddressFamily.Unix)
        {
            return TryReadCredentials(socket, out int pid, out uint uid, out _)
                ? string.Create(CultureInfo.InvariantCulture, $"unix:pid={pid},uid={uid}")
                : "unix:";
        }

        ConnectionInfo connection = http.Connection;
        return connection.RemoteIpAddress switch
        {
            null => "unknown",
            { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } address =>
                string.Create(CultureInfo.InvariantCulture, $"ipv6:[{address}]:{connection.RemotePort}"),
            { } address => string.Create(CultureInfo.InvariantCulture, $"ipv4:{address.MapToIPv4()}:{connection.RemotePort}"),
        };
    }

    /// <summary>
    /// With a client certificate the properties that gRPC libraries agree on (<c>x509_common_name</c>, ...); over a Unix socket
    /// what the kernel says about the process at the other end (<c>unix_pid</c>, <c>unix_uid</c>, <c>unix_gid</c>).
    /// </summary>
    internal static AuthContext Authenticate(HttpContext http)
    {
        var properties = new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal);
        string? identity = null;
        if (http.Features.Get<ITlsConnectionFeature>() is { } tls)
        {
            Add(properties, "transport_security_type", "ssl");
            if (tls.ClientCertificate is { } certificate)
            {
                identity = AddCertificate(properties, certificate);
            }
        }
        else if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket
            && TryReadCredentials(socket, out int pid, out uint uid, out uint gid))
        {
            Add(properties, "unix_pid", pid.ToString(CultureInfo.InvariantCulture));
            Add(properties, "unix_uid", uid.ToString(CultureInfo.InvariantCulture));
            Add(properties, "unix_gid", gid.ToString(CultureInfo.InvariantCulture));
            identity = "unix_uid";
        }

        return new AuthContext(identity, properties);
    }

    private static string? AddCertificate(Dictionary<string, List<AuthProperty>> properties, X509Certificate2 certificate)
    {
        const string CommonName = "x509_common_name";
        const string AlternativeName = "x509_subject_alternative_name";
        string commonName = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        Add(properties, CommonName, commonName);
        Add(properties, "x509_pem_cert", certificate.ExportCertificatePem());
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (string name in extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(ip => ip.ToString())))
            {
                Add(properties, AlternativeName, name);
            }
        }

        return properties.ContainsKey(AlternativeName) ? AlternativeName : CommonName;
    }

    private static void Add(Dictionary<string, List<AuthProperty>> properties, string name, string value)
    {
        ref List<AuthProperty>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(properties, name, out _);
        list ??= [];
        list.Add(AuthProperty.Create(name, Encoding.UTF8.GetBytes(value)));
    }

    private static bool TryReadCredentials(Socket socket, out int pid, out uint uid, out uint gid)
    {
        (pid, uid, gid) = (0, 0, 0);
        Span<byte> credentials = stackalloc byte[CredentialSize];
        try
        {
            if (socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) != CredentialSize)
            {
                return false;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection is gone: nothing more can be learned about it.
            return false;
        }

        pid = MemoryMarshal.Read<int>(credentials);
        uid = MemoryMarshal.Read<uint>(credentials[4..]);
        gid = MemoryMarshal.Read<uint>(credentials[8..]);
        return true;
    }
}
