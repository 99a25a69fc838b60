using PodAgent.Pods.Events;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Workers;

namespace PodAgent.Pods.Lifecycle;

/// <summary>How a container is to be stopped.</summary>
/// <param name="KillAt">When the kernel ends it.</param>
/// <param name="AtOnce">No hook and no signal to prepare for: kill.</param>
/// <param name="Message">For the event; null for the usual sentence.</param>
internal readonly record struct StopRequest(DateTimeOffset KillAt, bool AtOnce, string? Message);

/// <summary>
/// Stops one container. The hook and the signal share one budget:
/// <list type="number">
/// <item>preStop, at most until the budget ends;</item>
/// <item>the stop signal with what is left, at least two seconds;</item>
/// <item>SIGKILL, by the runtime.</item>
/// </list>
/// </summary>
internal sealed class ContainerStopper
{
    /// <summary>What a container gets after a hook that has used up the grace period.</summary>
    public static readonly TimeSpan MinimumWindow = TimeSpan.FromSeconds(2);

    private readonly PodServices _services;

    public ContainerStopper(PodServices services) => _services = services;

    public async Task StopAsync(PodWorker worker, Core.Pod pod, ContainerRecord record, string podIp, StopRequest request, CancellationToken ct)
    {
        Core.Container? container = pod.Spec.FindContainer(record.Name);
        _services.Events.Record(
            pod, EventRecorder.Normal, "Killing", request.Message ?? $"Stopping container {record.Name}", record.Name, pod.Spec.InitContainers.Any(c => c.Name == record.Name));

        // 1
        if (!request.AtOnce && container?.Lifecycle?.PreStop is { } preStop && worker.Memory.PreStopDone.TryAdd(record.Id, true))
        {
            await PreStopAsync(pod, container, preStop, record, podIp, request.KillAt, ct);
        }

        // 2 and 3
        TimeSpan left = request.KillAt - _services.Time.GetUtcNow();
        if (left < MinimumWindow)
        {
            left = request.AtOnce ? TimeSpan.Zero : MinimumWindow;
        }

        await _services.Cri.StopContainerAsync(
            new Cri.StopContainerRequest { ContainerId = record.Id, Timeout = (long)Math.Ceiling(left.TotalSeconds) }, cancellationToken: ct);
    }

    private async Task PreStopAsync(
        Core.Pod pod, Core.Container container, Core.LifecycleHandler preStop, ContainerRecord record, string podIp, DateTimeOffset killAt, CancellationToken ct)
    {
        TimeSpan limit = killAt - _services.Time.GetUtcNow();
        if (limit <= TimeSpan.Zero)
        {
            return;
        }

        using CancellationTokenSource budget = new(limit, _services.Time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(ct, budget.Token);
        string? failure;
        try
        {
            failure = await _services.Hooks.RunAsync(preStop, container, record.Id, podIp, limit, linked.Token);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is OperationCanceledException or Grpc.Core.RpcException)
        {
            failure = "grace period ended before the hook did";
        }

        if (failure is not null)
        {
            _services.Events.Record(
                pod, EventRecorder.Warning, "FailedPreStopHook", $"PreStopHook failed: {failure}", container.Name, pod.Spec.InitContainers.Contains(container));
        }
    }
}
