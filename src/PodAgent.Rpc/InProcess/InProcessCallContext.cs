using System.Text;
using Grpc.Core;
using PodAgent.Rpc.Protocol;
using PodAgent.Rpc.Server;

namespace PodAgent.Rpc.InProcess;

/// <summary>The context of a call inside of the process.</summary>
internal sealed class InProcessCallContext(
    IMethod method, string? host, CallLifetime lifetime, Metadata requestHeaders, Action<Metadata> sendHeaders)
    : RpcCallContext(method, lifetime, requestHeaders)
{
    internal const string PeerName = "in-process";

    private const string SecurityType = "transport_security_type";

    private static readonly AuthContext s_authContext = new(
        SecurityType,
        new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal)
        {
            [SecurityType] = [AuthProperty.Create(SecurityType, Encoding.UTF8.GetBytes(PeerName))],
        });

    private readonly Lock _lock = new();
    private bool _headersSent;
    private bool _ended;

    protected override string HostCore => host ?? "localhost";

    protected override string PeerCore => PeerName;

    protected override AuthContext AuthContextCore => s_authContext;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        lock (_lock)
        {
            if (_ended)
            {
                throw new InvalidOperationException("cannot send the response headers: the call has ended");
            }

            if (_headersSent)
            {
                throw new InvalidOperationException("the response headers were sent before");
            }

            Metadata transferred = MetadataHeaders.Transfer(responseHeaders);
            _headersSent = true;
            sendHeaders(transferred);
            return Task.CompletedTask;
        }
    }

    /// <summary>Sends empty headers unless some were sent: a response never overtakes them.</summary>
    internal void PrepareHeaders()
    {
        lock (_lock)
        {
            if (!_headersSent)
            {
                _headersSent = true;
                sendHeaders([]);
            }
        }
    }

    /// <summary>Shuts the response for the handler.</summary>
    internal void End()
    {
        lock (_lock)
        {
            _ended = true;
        }
    }
}
