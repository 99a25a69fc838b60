using Grpc.Core;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Calls;

public sealed class InProcessCallTests : CallTests
{
    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<CallInvoker> ConnectAsync() => Task.FromResult<CallInvoker>(
        new InProcessCallInvoker(RpcTestServer.MakeRegistry(Server), Options, cloneMessages: false));
}
