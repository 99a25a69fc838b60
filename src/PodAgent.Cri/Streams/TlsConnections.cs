using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace PodAgent.Cri.Streams;

/// <summary>
/// TLS between a connection and the HTTP server. The HTTP server's own wants dependency injection and measurements of a host, which there is
/// none of here.
/// </summary>
/// <param name="certificate">What clients are shown.</param>
/// <param name="next">The HTTP server.</param>
internal sealed class TlsConnections(StreamCertificate certificate, ConnectionDelegate next)
{
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly SslServerAuthenticationOptions _options = new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain, offline: true),
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    /// <summary>Serves one connection to its end; one without a handshake is closed.</summary>
    public async Task ServeAsync(ConnectionContext connection)
    {
        IDuplexPipe encrypted = connection.Transport;
        await using var tls = new SslStream(new TransportStream(encrypted));
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            limit.CancelAfter(s_handshakeTimeout);
            await tls.AuthenticateAsServerAsync(_options, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException or OperationCanceledException)
        {
            // Plain HTTP, a port scanner, or a client that does not trust the certificate: it knows by itself.
            return;
        }

        var plain = new PlainPipe(tls);
        connection.Transport = plain;
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = encrypted;
            await plain.Input.CompleteAsync().ConfigureAwait(false);
            await EndAsync(plain, tls).ConfigureAwait(false);
        }
    }

    // Says that this is the end and not a cut line (RFC 8446, section 6.1), to a client that may be gone.
    private static async Task EndAsync(PlainPipe plain, SslStream tls)
    {
        try
        {
            await plain.Output.CompleteAsync().ConfigureAwait(false);
            await tls.ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or OperationCanceledException)
        {
            // Gone.
        }
    }

    private sealed class PlainPipe(SslStream tls) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(tls, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
