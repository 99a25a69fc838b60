using Grpc.Core;
using Grpc.Health.V1;
using PodAgent.Rpc.InProcess;
using PodAgent.Rpc.Server;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace PodAgent.Rpc.Tests.Server;

public sealed class HealthServiceTests
{
    private readonly HealthService _health = new();
    private readonly Health.HealthClient _client;

    public HealthServiceTests()
    {
        var services = new RpcServiceRegistry();
        services.Add(Health.BindService(_health), () => HealthReflection.Descriptor);
        _client = new Health.HealthClient(new InProcessCallInvoker(services, new RpcServerOptions(), cloneMessages: true));
    }

    [Fact]
    public async Task Check_Server_ServesFromTheStart() => Assert.Equal(ServingStatus.Serving, (await _client.CheckAsync(new())).Status);

    [Fact]
    public async Task Check_UnknownService_IsNotFound()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await _client.CheckAsync(new() { Service = "x" }));
        Assert.Equal(StatusCode.NotFound, error.StatusCode);
    }

    [Fact]
    public async Task Watch_Changes_AreToldOnce()
    {
        using AsyncServerStreamingCall<HealthCheckResponse> call = _client.Watch(new() { Service = "x" });
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));
        _health.SetStatus("other", ServingStatus.Serving);
        _health.SetStatus("x", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));
        _health.SetStatus("x", ServingStatus.Serving);
        _health.SetStatus("x", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(call));
        _health.ClearStatus("x");
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));
    }

    [Fact]
    public async Task Shutdown_LaterChanges_AreIgnored()
    {
        _health.SetStatus("x", ServingStatus.Serving);
        _health.Shutdown();
        _health.SetStatus("x", ServingStatus.Serving);
        _health.ClearStatus("x");

        HealthListResponse list = await _client.ListAsync(new());

        Assert.Equal(["", "x"], list.Statuses.Keys.Order());
        Assert.All(list.Statuses.Values, state => Assert.Equal(ServingStatus.NotServing, state.Status));
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext().WaitAsync(TimeSpan.FromSeconds(30)));
        return call.ResponseStream.Current.Status;
    }
}
