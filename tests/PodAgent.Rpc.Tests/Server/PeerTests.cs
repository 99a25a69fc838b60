using System.Globalization;
using Grpc.Core;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Server;

public sealed class PeerTests
{
    [Fact]
    public async Task Peer_UnixSocket_IsTheProcessAtTheOtherEnd()
    {
        (string peer, AuthContext auth) = await ObserveAsync(tls: false, new RpcChannelOptions());

        string process = string.Create(CultureInfo.InvariantCulture, $"unix:pid={Environment.ProcessId},uid=");
        Assert.StartsWith(process, peer, StringComparison.Ordinal);
        Assert.Equal("unix_uid", auth.PeerIdentityPropertyName);
        Assert.Equal($"{Environment.ProcessId}", auth.FindPropertiesByName("unix_pid").Single().Value);
        Assert.Equal(peer.Split("uid=")[1], auth.PeerIdentity.Single().Value);
    }

    [Fact]
    public async Task Peer_ClientCertificate_IsIdentified()
    {
        (string peer, AuthContext auth) = await ObserveAsync(
            tls: true, new RpcChannelOptions { SslOptions = TestCertificates.ClientOptions(TestCertificates.Client) });

        Assert.StartsWith("ipv4:127.0.0.1:", peer, StringComparison.Ordinal);
        Assert.True(auth.IsPeerAuthenticated);
        Assert.Equal("tester", auth.FindPropertiesByName("x509_common_name").Single().Value);
        Assert.Equal(["tester", "127.0.0.1"], auth.PeerIdentity.Select(property => property.Value));
        Assert.Contains("BEGIN CERTIFICATE", auth.FindPropertiesByName("x509_pem_cert").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_InProcess_SaysSo()
    {
        string? peer = null;
        AuthContext? auth = null;
        var echo = new EchoServer { OnUnary = Observe };
        var client = new EchoService.EchoServiceClient(
            new InProcessCallInvoker(RpcTestServer.MakeRegistry(echo), new RpcServerOptions()));

        await client.UnaryAsync(new EchoRequest());

        Assert.Equal("in-process", peer);
        Assert.True(auth!.IsPeerAuthenticated);

        Task<EchoResponse> Observe(EchoRequest request, ServerCallContext context)
        {
            (peer, auth) = (context.Peer, context.AuthContext);
            return Task.FromResult(new EchoResponse());
        }
    }

    private static async Task<(string Peer, AuthContext Auth)> ObserveAsync(bool tls, RpcChannelOptions options)
    {
        (string, AuthContext)? seen = null;
        var echo = new EchoServer
        {
            OnUnary = (_, context) =>
            {
                seen = (context.Peer, context.AuthContext);
                return Task.FromResult(new EchoResponse());
            },
        };
        await using RpcTestServer server = await RpcTestServer.StartAsync(echo, tls: tls);
        await using RpcChannel channel = RpcChannel.ForAddress(server.Address, options);
        await new EchoService.EchoServiceClient(channel).UnaryAsync(new EchoRequest());
        return seen!.Value;
    }
}
