using Grpc.Core;
using PodAgent.Pods.Actions;
using PodAgent.Pods.Config;
using PodAgent.Pods.Events;
using PodAgent.Pods.Images;
using PodAgent.Pods.Lifecycle;
using PodAgent.Pods.Runtime;
using PodAgent.Pods.Status;

namespace PodAgent.Pods.Workers;

/// <summary>
/// Starts containers. For each:
/// <list type="number">
/// <item>crash back-off;</item>
/// <item>the image, by its pull policy;</item>
/// <item>the configuration, and create;</item>
/// <item>start;</item>
/// <item>postStart.</item>
/// </list>
/// A container that cannot be started gets a reason that its status shows, and a time for the next try; it never holds up the others.
/// </summary>
internal sealed class ContainerStarter
{
    private readonly PodServices _services;

    public ContainerStarter(PodServices services) => _services = services;

    /// <returns>Whether the runtime's state has changed.</returns>
    public async Task<bool> StartAsync(
        PodWorker worker, Core.Pod pod, PodRuntimeStatus runtime, IReadOnlyList<ContainerRef> references, CancellationToken ct)
    {
        SandboxRecord sandbox = runtime.NewestSandbox!;
        Cri.PodSandboxConfig config = _services.SandboxConfigs.Build(pod, sandbox.Attempt);
        bool changed = false;
        foreach (ContainerRef reference in references)
        {
            Core.Container container = pod.Spec.Get(reference);
            worker.Memory.RetryAt.Remove(container.Name);
            Outcome outcome = await StartOneAsync(worker, pod, runtime, sandbox, config, container, reference.Init, ct);
            changed |= outcome.Changed;
            if (outcome.Issue is { } issue)
            {
                worker.Memory.Issues[container.Name] = issue;
            }
            else
            {
                worker.Memory.Issues.TryRemove(container.Name, out _);
            }

            if (outcome.RetryAt is { } at)
            {
                worker.Memory.RetryAt[container.Name] = at;
            }
        }

        return changed;
    }

    private async Task<Outcome> StartOneAsync(
        PodWorker worker,
        Core.Pod pod,
        PodRuntimeStatus runtime,
        SandboxRecord sandbox,
        Cri.PodSandboxConfig sandboxConfig,
        Core.Container container,
        bool init,
        CancellationToken ct)
    {
        // 1
        string key = ContainerHash.BackOffKey(pod, container);
        ContainerRecord? ended = runtime.Containers.FirstOrDefault(c => c.Name == container.Name && c.State == ContainerRunState.Exited);
        // In a sandbox that replaced another, init containers run again by plan, not after a crash.
        if (ended is not null && (!init || ended.SandboxId == sandbox.Id))
        {
            DateTimeOffset since = ended.FinishedAt ?? ended.CreatedAt;
            if (ended.Hash == ContainerHash.Of(container))
            {
                _services.CrashBackOff.Restore(key, ended.RestartCount, ended.CreatedAt);
            }

            if (_services.CrashBackOff.Delay(key, since) is { } delay)
            {
                _services.Events.Record(
                    pod, EventRecorder.Warning, "BackOff", $"Back-off restarting failed container {container.Name} in pod {PodText.Format(pod)}", container.Name, init);
                return new Outcome(
                    new ContainerIssue(
                        "CrashLoopBackOff",
                        $"back-off {PodText.Duration(delay)} restarting failed container={container.Name} pod={PodText.Format(pod)}"),
                    since + delay);
            }
        }

        // 2
        ImageState image = await _services.Images.EnsureAsync(pod, container, init, sandboxConfig, worker.Notify, ct);
        if (image.Image is null)
        {
            return new Outcome(image.Issue, image.RetryAt);
        }

        if (ended is not null && (!init || ended.SandboxId == sandbox.Id))
        {
            _services.CrashBackOff.Next(key, ended.FinishedAt ?? ended.CreatedAt);
        }

        // 3
        (uint attempt, Outcome? blocked) = await NextAttemptAsync(pod, runtime, container, ct);
        if (blocked is { } outcome)
        {
            return outcome;
        }

        Cri.ContainerConfig config;
        try
        {
            config = _services.ContainerConfigs.Build(new ContainerPlan
            {
                Pod = pod,
                Container = container,
                Attempt = attempt,
                PodIps = sandbox.HostNetwork ? _services.Node.HostIps : sandbox.Ips,
                Image = ImageOf(container, image.Image),
                ImageUid = image.Image.Uid?.Value,
                ImageUser = image.Image.Username,
                Volumes = worker.Memory.Volumes!,
            });
        }
        catch (ContainerConfigException e)
        {
            return Failed(pod, container, init, "CreateContainerConfigError", e.Message);
        }

        string id;
        try
        {
            Cri.CreateContainerRequest request = new() { PodSandboxId = sandbox.Id, Config = config, SandboxConfig = sandboxConfig };
            ct.ThrowIfCancellationRequested();
            id = (await _services.Cri.CreateContainerAsync(request, cancellationToken: worker.Lifetime)).ContainerId;
        }
        catch (RpcException e) when (!worker.Lifetime.IsCancellationRequested)
        {
            return Failed(pod, container, init, "CreateContainerError", e.Status.Detail);
        }

        _services.Events.Record(pod, EventRecorder.Normal, "Created", $"Created container: {container.Name}", container.Name, init);

        // 4
        try
        {
            await _services.Cri.StartContainerAsync(new Cri.StartContainerRequest { ContainerId = id }, cancellationToken: worker.Lifetime);
        }
        catch (RpcException e) when (!worker.Lifetime.IsCancellationRequested)
        {
            // The runtime keeps the attempt as exited with StartError: the next one waits for its back-off, and the restart is counted.
            return Failed(pod, container, init, "RunContainerError", e.Status.Detail) with { Changed = true, RetryAt = null };
        }

        _services.Events.Record(pod, EventRecorder.Normal, "Started", $"Started container {container.Name}", container.Name, init);

        // 5
        return container.Lifecycle?.PostStart is { } postStart
            ? await PostStartAsync(worker, pod, container, init, postStart, id, sandbox, ct)
            : new Outcome(null, null, true);
    }

    private async Task<Outcome> PostStartAsync(
        PodWorker worker, Core.Pod pod, Core.Container container, bool init, Core.LifecycleHandler postStart, string id, SandboxRecord sandbox, CancellationToken ct)
    {
        string podIp = (sandbox.HostNetwork ? _services.Node.HostIps : sandbox.Ips).FirstOrDefault() ?? "";
        string? failure = await _services.Hooks.RunAsync(postStart, container, id, podIp, TimeSpan.Zero, ct);
        if (failure is null)
        {
            return new Outcome(null, null, true);
        }

        _services.Events.Record(pod, EventRecorder.Warning, "FailedPostStartHook", $"PostStartHook failed: {failure}", container.Name, init);
        Cri.ContainerStatus? status = await _services.Reader.TryStatusAsync(id, ct);
        if (status is not null)
        {
            StopRequest request = new(_services.Time.GetUtcNow() + pod.Spec.GracePeriod(), false, "FailedPostStartHook");
            await _services.Stopper.StopAsync(worker, pod, PodRuntimeReader.ToRecord(status, sandbox.Id), podIp, request, ct);
        }

        return new Outcome(new ContainerIssue("PostStartHookError", failure), null, true);
    }

    private async Task<(uint Attempt, Outcome? Blocked)> NextAttemptAsync(
        Core.Pod pod, PodRuntimeStatus runtime, Core.Container container, CancellationToken ct)
    {
        ContainerRecord? latest = runtime.Latest(container.Name);
        if (latest is null)
        {
            return (FirstFreeLog(pod, container), null);
        }

        if (latest.State != ContainerRunState.Created)
        {
            return (latest.Attempt + 1, null);
        }

        // Made and never started, by an agent that died in between: it has not run, so its number is free again.
        try
        {
            await _services.Cri.RemoveContainerAsync(new Cri.RemoveContainerRequest { ContainerId = latest.Id }, cancellationToken: ct);
            return (latest.Attempt, null);
        }
        catch (RpcException e) when (!ct.IsCancellationRequested)
        {
            return (0, Failed(pod, container, false, "CreateContainerError", e.Status.Detail));
        }
    }

    // After a reboot the runtime knows nothing, the logs are still there: go on counting instead of writing over them.
    private uint FirstFreeLog(Core.Pod pod, Core.Container container)
    {
        string directory = Path.Combine(_services.Directories.LogsOf(pod), container.Name);
        if (!Directory.Exists(directory))
        {
            return 0;
        }

        uint next = 0;
        foreach (string file in Directory.EnumerateFiles(directory, "*.log"))
        {
            if (uint.TryParse(Path.GetFileNameWithoutExtension(file), out uint attempt) && attempt >= next)
            {
                next = attempt + 1;
            }
        }

        return next;
    }

    // By ID, so that a tag that moves between the check and the start changes nothing.
    private static Cri.ImageSpec ImageOf(Core.Container container, Cri.Image image) => new()
    {
        Image = image.Id,
        UserSpecifiedImage = container.Image,
        ImageRef = image.RepoDigests.Count > 0 ? image.RepoDigests[0] : image.Id,
    };

    private Outcome Failed(Core.Pod pod, Core.Container container, bool init, string reason, string message)
    {
        _services.Events.Record(pod, EventRecorder.Warning, "Failed", $"Error: {message}", container.Name, init);
        return new Outcome(new ContainerIssue(reason, message), _services.Time.GetUtcNow() + BackOff.Initial);
    }

    private readonly record struct Outcome(ContainerIssue? Issue, DateTimeOffset? RetryAt, bool Changed = false);
}
