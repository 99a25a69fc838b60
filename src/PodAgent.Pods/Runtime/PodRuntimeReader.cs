using Grpc.Core;

namespace PodAgent.Pods.Runtime;

/// <summary>
/// Reads one pod's state from the runtime. There is no cache between the two: the runtime is the source of truth, events only say
/// when to look again, so a lost event can delay a decision but never falsify one.
/// </summary>
internal sealed class PodRuntimeReader
{
    private readonly Cri.RuntimeService.RuntimeServiceClient _cri;

    public PodRuntimeReader(Cri.RuntimeService.RuntimeServiceClient cri) => _cri = cri;

    public async Task<PodRuntimeStatus> ReadAsync(string uid, CancellationToken ct)
    {
        Cri.ListPodSandboxRequest sandboxRequest = new() { Filter = new() };
        sandboxRequest.Filter.LabelSelector[RuntimeLabels.PodUid] = uid;
        Cri.ListContainersRequest containerRequest = new() { Filter = new() };
        containerRequest.Filter.LabelSelector[RuntimeLabels.PodUid] = uid;

        Cri.ListPodSandboxResponse sandboxes = await _cri.ListPodSandboxAsync(sandboxRequest, cancellationToken: ct);
        Cri.ListContainersResponse containers = await _cri.ListContainersAsync(containerRequest, cancellationToken: ct);

        List<SandboxRecord> sandboxRecords = [];
        foreach (Cri.PodSandbox sandbox in sandboxes.Items.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Metadata.Attempt))
        {
            SandboxRecord record = ToRecord(sandbox);
            sandboxRecords.Add(sandboxRecords.Count == 0 ? await WithNetworkAsync(record, ct) : record);
        }

        List<ContainerRecord> containerRecords = [];
        foreach (Cri.Container container in containers.Containers)
        {
            Cri.ContainerStatus? status = await TryStatusAsync(container.Id, ct);
            if (status is not null)
            {
                containerRecords.Add(ToRecord(status, container.PodSandboxId));
            }
        }

        // The attempt decides before the clock does: time may have been set back between two attempts.
        containerRecords.Sort((a, b) => a.Attempt != b.Attempt ? b.Attempt.CompareTo(a.Attempt) : b.CreatedAt.CompareTo(a.CreatedAt));
        return new PodRuntimeStatus(uid, sandboxRecords, containerRecords);
    }

    /// <summary>The pods of one engine that the runtime has, by UID.</summary>
    public async Task<IReadOnlyDictionary<string, Cri.PodSandbox>> ListPodsAsync(string engine, CancellationToken ct)
    {
        Cri.ListPodSandboxRequest request = new() { Filter = new() };
        request.Filter.LabelSelector[RuntimeLabels.Engine] = engine;
        Cri.ListPodSandboxResponse response = await _cri.ListPodSandboxAsync(request, cancellationToken: ct);
        Dictionary<string, Cri.PodSandbox> pods = [];
        foreach (Cri.PodSandbox sandbox in response.Items.OrderBy(s => s.CreatedAt))
        {
            pods[sandbox.Metadata.Uid] = sandbox;
        }

        return pods;
    }

    public async Task<Cri.ContainerStatus?> TryStatusAsync(string id, CancellationToken ct)
    {
        try
        {
            Cri.ContainerStatusResponse response =
                await _cri.ContainerStatusAsync(new Cri.ContainerStatusRequest { ContainerId = id }, cancellationToken: ct);
            return response.Status;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // Removed between the list and this call.
            return null;
        }
    }

    private async Task<SandboxRecord> WithNetworkAsync(SandboxRecord record, CancellationToken ct)
    {
        try
        {
            Cri.PodSandboxStatusResponse response =
                await _cri.PodSandboxStatusAsync(new Cri.PodSandboxStatusRequest { PodSandboxId = record.Id }, cancellationToken: ct);
            Cri.PodSandboxStatus status = response.Status;
            List<string> ips = [];
            if (!string.IsNullOrEmpty(status.Network?.Ip))
            {
                ips.Add(status.Network.Ip);
                ips.AddRange(status.Network.AdditionalIps.Select(i => i.Ip));
            }

            return record with
            {
                Ips = ips,
                Ready = status.State == Cri.PodSandboxState.SandboxReady,
                HostNetwork = status.Linux?.Namespaces?.Options?.Network == Cri.NamespaceMode.Node,
            };
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return record with { Ready = false };
        }
    }

    private static SandboxRecord ToRecord(Cri.PodSandbox sandbox) => new()
    {
        Id = sandbox.Id,
        Attempt = sandbox.Metadata.Attempt,
        Ready = sandbox.State == Cri.PodSandboxState.SandboxReady,
        CreatedAt = KubernetesTime.FromUnixNanoseconds(sandbox.CreatedAt),
    };

    internal static ContainerRecord ToRecord(Cri.ContainerStatus status, string sandboxId)
    {
        status.Annotations.TryGetValue(RuntimeLabels.ContainerHash, out string? hash);
        status.Annotations.TryGetValue(RuntimeLabels.ContainerRestartCount, out string? restartCount);
        status.Annotations.TryGetValue(RuntimeLabels.TerminationLog, out string? terminationLog);
        status.Annotations.TryGetValue(RuntimeLabels.TerminationMessagePolicy, out string? terminationPolicy);
        status.Labels.TryGetValue(RuntimeLabels.ContainerName, out string? name);
        return new ContainerRecord
        {
            Id = status.Id,
            Name = name ?? status.Metadata.Name,
            Attempt = status.Metadata.Attempt,
            SandboxId = sandboxId,
            State = status.State switch
            {
                Cri.ContainerState.ContainerCreated => ContainerRunState.Created,
                Cri.ContainerState.ContainerRunning => ContainerRunState.Running,
                Cri.ContainerState.ContainerExited => ContainerRunState.Exited,
                _ => ContainerRunState.Unknown,
            },
            CreatedAt = KubernetesTime.FromUnixNanoseconds(status.CreatedAt),
            StartedAt = KubernetesTime.FromUnixNanosecondsOrNull(status.StartedAt),
            FinishedAt = KubernetesTime.FromUnixNanosecondsOrNull(status.FinishedAt),
            ExitCode = status.ExitCode,
            Reason = status.Reason,
            Message = status.Message,
            Image = string.IsNullOrEmpty(status.Image?.UserSpecifiedImage) ? status.Image?.Image ?? "" : status.Image.UserSpecifiedImage,
            ImageId = string.IsNullOrEmpty(status.ImageRef) ? status.ImageId : status.ImageRef,
            Hash = hash ?? "",
            RestartCount = int.TryParse(restartCount, out int count) ? count : (int)status.Metadata.Attempt,
            LogPath = status.LogPath,
            TerminationLog = terminationLog ?? "",
            TerminationMessagePolicy = terminationPolicy ?? "",
            User = ToUser(status.User?.Linux),
        };
    }

    private static Core.ContainerUser? ToUser(Cri.LinuxContainerUser? user)
    {
        if (user is null)
        {
            return null;
        }

        Core.LinuxContainerUser linux = new() { Uid = user.Uid, Gid = user.Gid };
        linux.SupplementalGroups.AddRange(user.SupplementalGroups);
        return new Core.ContainerUser { Linux = linux };
    }
}
