using Grpc.Core;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Calls;

/// <summary>Mutual TLS on loopback, with compressed messages both ways.</summary>
public sealed class TlsCallTests : CallTests
{
    private RpcTestServer? _server;
    private RpcChannel? _channel;

    public override async Task DisposeAsync()
    {
        await _channel!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    protected override async Task<CallInvoker> ConnectAsync()
    {
        RpcServerOptions options = Options;
        _server = await RpcTestServer.StartAsync(
            Server,
            new RpcServerOptions
            {
                CompressResponses = true,
                ExceptionMapper = options.ExceptionMapper,
                CallEnded = options.CallEnded,
                ShutdownGrace = options.ShutdownGrace,
            },
            tls: true);
        _channel = RpcChannel.ForAddress(_server.Address, new RpcChannelOptions
        {
            SslOptions = TestCertificates.ClientOptions(TestCertificates.Client),
            CompressRequests = true,
        });
        return _channel.CreateCallInvoker();
    }
}
