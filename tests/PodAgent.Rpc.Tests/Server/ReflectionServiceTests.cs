using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;
using PodAgent.Rpc.Tests.Support;

namespace PodAgent.Rpc.Tests.Server;

public sealed class ReflectionServiceTests
{
    private readonly ServerReflection.ServerReflectionClient _client = new(
        new InProcessCallInvoker(RpcTestServer.MakeRegistry(new EchoServer()), new RpcServerOptions(), cloneMessages: true));

    [Theory]
    [InlineData("podagent.rpc.tests.EchoService")]
    [InlineData("podagent.rpc.tests.EchoService.Unary")]
    [InlineData("podagent.rpc.tests.EchoRequest")]
    [InlineData(".podagent.rpc.tests.EchoRequest")]
    [InlineData("podagent.rpc.tests.EchoRequest.text")]
    public async Task Symbol_OfEcho_IsInItsFile(string symbol) => Assert.Equal("echo.proto", await FileOfAsync(symbol));

    [Theory]
    [InlineData("grpc.health.v1.HealthCheckResponse.ServingStatus")]
    [InlineData("grpc.health.v1.HealthCheckResponse.SERVING")]
    public async Task Symbol_OfHealth_IsInItsFile(string symbol) => Assert.Equal("grpc/health/v1/health.proto", await FileOfAsync(symbol));

    [Theory]
    [InlineData("podagent.rpc.tests")]
    [InlineData("podagent.rpc.tests.EchoRequest.nothing")]
    [InlineData("EchoRequest")]
    [InlineData("")]
    public async Task Symbol_Unknown_IsAnErrorInTheStream(string symbol)
    {
        ServerReflectionResponse[] responses = await AskAsync(
            new ServerReflectionRequest { FileContainingSymbol = symbol, Host = "h" }, new ServerReflectionRequest { ListServices = "" });

        Assert.Equal((int)StatusCode.NotFound, responses[0].ErrorResponse.ErrorCode);
        Assert.Equal("h", responses[0].ValidHost);
        Assert.Equal(symbol, responses[0].OriginalRequest.FileContainingSymbol);
        Assert.Equal(4, responses[1].ListServicesResponse.Service.Count);
    }

    [Fact]
    public async Task Request_ForNothing_IsAnErrorInTheStream()
    {
        ServerReflectionResponse[] responses = await AskAsync(new ServerReflectionRequest());

        Assert.Equal((int)StatusCode.InvalidArgument, responses[0].ErrorResponse.ErrorCode);
    }

    [Fact]
    public async Task File_WithImports_BringsThemOnce()
    {
        var services = new RpcServiceRegistry();
        services.AddReflection();
        services.Add(ServerServiceDefinition.CreateBuilder().Build(), () => Google.Protobuf.WellKnownTypes.TypeReflection.Descriptor);
        var client = new ServerReflection.ServerReflectionClient(new InProcessCallInvoker(services, new RpcServerOptions()));
        var request = new ServerReflectionRequest { FileByFilename = "google/protobuf/type.proto" };

        ServerReflectionResponse[] responses = await AskAsync(client, request, request);

        Assert.Equal(
            ["google/protobuf/type.proto", "google/protobuf/any.proto", "google/protobuf/source_context.proto"], NamesOf(responses[0]));
        Assert.Equal(["google/protobuf/type.proto"], NamesOf(responses[1]));
    }

    private static IEnumerable<string> NamesOf(ServerReflectionResponse response) =>
        response.FileDescriptorResponse.FileDescriptorProto.Select(bytes => FileDescriptorProto.Parser.ParseFrom(bytes).Name);

    private static async Task<ServerReflectionResponse[]> AskAsync(
        ServerReflection.ServerReflectionClient client, params ServerReflectionRequest[] requests)
    {
        using AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call = client.ServerReflectionInfo();
        List<ServerReflectionResponse> responses = [];
        foreach (ServerReflectionRequest request in requests)
        {
            await call.RequestStream.WriteAsync(request);
            Assert.True(await call.ResponseStream.MoveNext());
            responses.Add(call.ResponseStream.Current);
        }

        return [.. responses];
    }

    private Task<ServerReflectionResponse[]> AskAsync(params ServerReflectionRequest[] requests) => AskAsync(_client, requests);

    private async Task<string> FileOfAsync(string symbol) =>
        NamesOf((await AskAsync(new ServerReflectionRequest { FileContainingSymbol = symbol }))[0]).First();
}
