using Grpc.Core;
using PodAgent.Rpc.Client;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Calls;

public sealed class UnixSocketCallTests : CallTests
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
        _server = await RpcTestServer.StartAsync(Server, Options);
        _channel = RpcChannel.ForAddress(_server.Address);
        return _channel.CreateCallInvoker();
    }
}
