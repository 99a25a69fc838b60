using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cri.Streams;

/// <summary>
/// The streaming server's certificate: the configured one, or one of its own that is kept in the state directory, so that a client may trust
/// <c>streaming.crt</c> there and need not be told anew when the agent was restarted.
/// </summary>
/// <param name="Leaf">With its key.</param>
/// <param name="Chain">Those between it and its root.</param>
internal sealed record StreamCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    /// <summary>Name of the file with the certificate that the agent made.</summary>
    public const string OwnCertificate = "streaming.crt";

    private const string OwnKey = "streaming.key";
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_renewal = TimeSpan.FromDays(30);

    /// <summary>Loads the configured pair, or the own one, which is made when there is none that serves.</summary>
    /// <param name="options">The runtime's; <see cref="CriOptions.StreamTls"/> is set.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="AgentException">FailedPrecondition: the configured files are no such pair.</exception>
    public static StreamCertificate Load(CriOptions options, TimeProvider time)
    {
        if (options.StreamTls is { CertificateFile: { } certificate, KeyFile: { } key })
        {
            return Read(certificate, key);
        }

        string own = Path.Combine(options.StateDirectory, OwnCertificate);
        string ownKey = Path.Combine(options.StateDirectory, OwnKey);
        X509Extension names = Names(options);
        if (File.Exists(own) && File.Exists(ownKey) && TryRead(own, ownKey) is { } kept)
        {
            if (Serves(kept.Leaf, names, time.GetUtcNow()))
            {
                return kept;
            }

            kept.Leaf.Dispose();
        }

        using ECDsa pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(options.NodeName);
        var request = new CertificateRequest(subject.Build(), pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        DateTimeOffset now = time.GetUtcNow();

        // Clocks differ by minutes; a certificate of tomorrow is refused.
        X509Certificate2 made = request.CreateSelfSigned(now.AddHours(-1), now + s_validity);
        AtomicFile.Write(ownKey, Encoding.ASCII.GetBytes(pair.ExportPkcs8PrivateKeyPem() + "\n"));
        AtomicFile.Write(own, Encoding.ASCII.GetBytes(made.ExportCertificatePem() + "\n"));
        return new StreamCertificate(made, []);
    }

    private static StreamCertificate? TryRead(string certificate, string key)
    {
        try
        {
            return Read(certificate, key);
        }
        catch (AgentException)
        {
            // Torn or foreign; a new one is as good.
            return null;
        }
    }

    private static StreamCertificate Read(string certificate, string key)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(certificate, key);
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(certificate);
            return new StreamCertificate(leaf, [.. all.Skip(1)]);
        }
        catch (Exception cause) when (cause is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AgentException(
                ErrorKind.FailedPrecondition, $"cannot use certificate \"{certificate}\" with key \"{key}\" for the streaming server: {cause.Message}", cause);
        }
    }

    private static bool Serves(X509Certificate2 certificate, X509Extension names, DateTimeOffset now) =>
        certificate.NotBefore.ToUniversalTime() <= now
        && certificate.NotAfter.ToUniversalTime() >= now + s_renewal
        && certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == SubjectAlternativeName) is { } known
        && known.RawData.AsSpan().SequenceEqual(names.RawData);

    private static X509Extension Names(CriOptions options)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        if (Uri.CheckHostName(options.NodeName) == UriHostNameType.Dns)
        {
            names.AddDnsName(options.NodeName);
        }

        foreach (IPAddress address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, options.StreamEndpoint.Address }
            .Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)).Distinct())
        {
            names.AddIpAddress(address);
        }

        return names.Build();
    }
}
