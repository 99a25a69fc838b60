using Grpc.Core;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Echo;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.GrpcCore;

public sealed class ClientBaseTests
{
    [Fact]
    public async Task WithHost_Call_NamesTheHost()
    {
        string? host = null;
        var echo = new EchoServer
        {
            OnUnary = (_, context) =>
            {
                host = context.Host;
                return Task.FromResult(new EchoResponse());
            },
        };
        var client = new EchoService.EchoServiceClient(new InProcessCallInvoker(RpcTestServer.MakeRegistry(echo), new RpcServerOptions()));

        await client.WithHost("somewhere").UnaryAsync(new EchoRequest());

        Assert.Equal("somewhere", host);
    }

    [Fact]
    public void TestDouble_Call_SaysThatThereIsNoChannel() =>
        Assert.Throws<InvalidOperationException>(() => new Double().Unary(new EchoRequest()));

    [Fact]
    public void Definition_SameMethodTwice_IsRefused()
    {
        var method = new Method<string, string>(
            MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.CreateBuilder()
            .AddMethod(method, (UnaryServerMethod<string, string>)((text, _) => Task.FromResult(text)));

        Assert.Throws<ArgumentException>(
            () => builder.AddMethod(method, (UnaryServerMethod<string, string>)((text, _) => Task.FromResult(text))));
    }

    [Fact]
    public void Registry_SameServiceTwice_IsRefusedAndChangesNothing()
    {
        RpcServiceRegistry services = RpcTestServer.MakeRegistry(new EchoServer());
        IReadOnlyList<string> names = services.ServiceNames;

        Assert.Throws<ArgumentException>(() => services.Add(EchoService.BindService(new EchoServer())));

        Assert.Equal(names, services.ServiceNames);
    }

    private sealed class Double : EchoService.EchoServiceClient;
}
