using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using PodAgent.Images.Registry.Hosts;
using PodAgent.Linux;

namespace PodAgent.Images.Registry.Transport;

/// <summary>An endpoint's certificates, loaded.</summary>
internal sealed class TlsTrust
{
    private readonly EndpointTls _settings;
    private readonly X509Certificate2Collection _authorities = [];

    /// <summary>Loads.</summary>
    /// <exception cref="RegistryException">FailedPrecondition: a file cannot be read or understood.</exception>
    public TlsTrust(EndpointTls settings)
    {
        _settings = settings;
        foreach (string file in settings.Authorities)
        {
            Load(file, () => _authorities.ImportFromPemFile(file));
        }

        foreach ((string certificate, string? key) in settings.Clients)
        {
            Load(certificate, () => Clients.Add(X509Certificate2.CreateFromPemFile(certificate, key)));
        }
    }

    /// <summary>Our own certificates.</summary>
    public X509Certificate2Collection Clients { get; } = [];

    /// <summary>Options for a connection; without our own certificates for hosts that a registry only points to.</summary>
    public SslClientAuthenticationOptions Options(bool withClients)
    {
        var options = new SslClientAuthenticationOptions { ClientCertificates = withClients && Clients.Count > 0 ? Clients : null };
        if (_settings.SkipVerify)
        {
            // The operator's choice for this host, or the host is this machine itself.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (_authorities.Count > 0)
        {
            options.RemoteCertificateValidationCallback = Verify;
        }

        return options;
    }

    // The system's authorities had their turn; what is left to forgive is only the unknown authority, never a wrong name.
    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        }

        // Server authentication: a certificate for something else must not pass as a registry's.
        own.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        return own.Build(server);
    }

    private static void Load(string file, Action load)
    {
        try
        {
            load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new RegistryException(ErrorKind.FailedPrecondition, $"cannot use certificate file \"{file}\": {e.Message}", e);
        }
    }
}
