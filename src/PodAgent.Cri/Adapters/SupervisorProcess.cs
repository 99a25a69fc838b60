using System.Threading.Channels;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Cri.Ports;
using PodAgent.Linux;

namespace PodAgent.Cri.Adapters;

/// <summary><see cref="SandboxConnection"/> as port.</summary>
internal sealed class SupervisorProcess(SandboxConnection connection) : ISandboxSupervisor
{
    public Task Closed => connection.Closed;

    public ChannelReader<Message> Events => connection.Events;

    public Fd? TakeNetworkNamespace() => connection.TakeNetworkNamespace();

    public Task SubscribeAsync(CancellationToken cancellationToken) => connection.SubscribeAsync(cancellationToken);

    public Task<StateReply> GetStateAsync(CancellationToken cancellationToken) => connection.GetStateAsync(cancellationToken);

    public Task<CreateSandboxReply> CreateSandboxAsync(SandboxSpec spec, CancellationToken cancellationToken) =>
        connection.CreateSandboxAsync(spec, cancellationToken);

    public Task<StartReply> StartContainerAsync(ContainerSpec spec, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken) =>
        connection.StartContainerAsync(spec, descriptors, cancellationToken);

    public Task<StartReply> ExecAsync(ExecRequest request, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken) =>
        connection.ExecAsync(request, descriptors, cancellationToken);

    public Task AttachAsync(AttachRequest request, IReadOnlyList<Fd> descriptors, CancellationToken cancellationToken) =>
        connection.AttachAsync(request, descriptors, cancellationToken);

    public Task SignalAsync(string id, int signal, bool all, CancellationToken cancellationToken) =>
        connection.SignalAsync(id, signal, all, cancellationToken);

    public Task ResizeAsync(string id, uint columns, uint rows, CancellationToken cancellationToken) =>
        connection.ResizeAsync(id, columns, rows, cancellationToken);

    public Task ReopenLogAsync(string id, CancellationToken cancellationToken) => connection.ReopenLogAsync(id, cancellationToken);

    public Task ForgetAsync(string id, CancellationToken cancellationToken) => connection.ForgetAsync(id, cancellationToken);

    public Task ShutdownAsync(CancellationToken cancellationToken) => connection.ShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The supervisor ended first, and its connection is closed already.
        }
    }
}
