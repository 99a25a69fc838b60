using PodAgent.Cri.Ports;
using PodAgent.Cri.Stores;
using PodAgent.Linux;

namespace PodAgent.Cri.Sandboxes;

/// <summary>A new pod's way into its network: before pause is there when the namespace is, otherwise through pause.</summary>
internal sealed class PodNetwork(ISandboxNetwork network, SandboxRecord record)
{
    private Task _connecting = Task.CompletedTask;
    private Task<IReadOnlyList<string>>? _attachment;

    /// <summary>Connects the namespace that the supervisor brings along; does nothing when it brings none.</summary>
    public Task ConnectEarlyAsync(Task<ISandboxSupervisor> launch, CancellationToken cancellationToken) =>
        _connecting = ConnectLaunchedAsync(launch, cancellationToken);

    /// <summary>The pod's addresses; connects it now unless that has been done.</summary>
    public Task<IReadOnlyList<string>> ConnectAsync(int pausePid, CancellationToken cancellationToken) =>
        _attachment ?? AttachAsync(null, pausePid, cancellationToken);

    /// <summary>Undoes whatever was tried, once the trial has come to its end: nothing may be made any more by then.</summary>
    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        await Ended(_connecting).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_attachment is { } attachment)
        {
            await Ended(attachment).WaitAsync(cancellationToken).ConfigureAwait(false);
            await network.DetachAsync(record.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ConnectLaunchedAsync(Task<ISandboxSupervisor> launch, CancellationToken cancellationToken)
    {
        ISandboxSupervisor supervisor = await launch.ConfigureAwait(false);
        using Fd? made = supervisor.TakeNetworkNamespace();
        if (made is not null)
        {
            await AttachAsync(made, 0, cancellationToken).ConfigureAwait(false);
        }
    }

    // Its failure is on its way to the caller already.
    private static Task Ended(Task task) => task.ContinueWith(
        static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private Task<IReadOnlyList<string>> AttachAsync(Fd? made, int pausePid, CancellationToken cancellationToken) => _attachment = network.AttachAsync(
        new SandboxNetworkRequest(record.Id, made, pausePid, record.Config.PortMappings, record.PodName), cancellationToken);
}
