using Grpc.Core;
using PodAgent.Linux.Systemd;
using PodAgent.Pods.Status;

namespace PodAgent.Pods.Config;

/// <summary>Where pods' cgroups belong. The runtime decides whether they are paths or slices of systemd: it makes them.</summary>
internal sealed class PodCgroups
{
    private readonly string _root;
    private readonly bool _slices;

    private PodCgroups(string root, bool slices)
    {
        _root = slices ? SliceName.ForPath(root) : root;
        _slices = slices;
    }

    /// <summary>Asks the runtime for its cgroup driver, as the kubelet does. One that cannot tell gets what the options say.</summary>
    /// <exception cref="AgentException">The cgroup above all pods cannot be a slice.</exception>
    public static async Task<PodCgroups> AskAsync(Cri.RuntimeService.RuntimeServiceClient runtime, PodEngineOptions options, CancellationToken ct)
    {
        try
        {
            Cri.RuntimeConfigResponse answer = await runtime.RuntimeConfigAsync(new Cri.RuntimeConfigRequest(), cancellationToken: ct);

            // SYSTEMD is 0: without the message around it, it means nothing.
            return new PodCgroups(options.CgroupRoot, answer.Linux is null ? options.SystemdCgroups : answer.Linux.CgroupDriver == Cri.CgroupDriver.Systemd);
        }
        catch (RpcException older) when (older.StatusCode == StatusCode.Unimplemented)
        {
            return new PodCgroups(options.CgroupRoot, options.SystemdCgroups);
        }
    }

    /// <summary>The pod's cgroup, as CRI's cgroup_parent.</summary>
    public string ParentOf(Core.Pod pod)
    {
        string leaf = $"pod{pod.Metadata.Uid}";
        string[] levels = QualityOfService.Of(pod) switch
        {
            QosClass.Guaranteed => [leaf],
            QosClass.Burstable => ["burstable", leaf],
            _ => ["besteffort", leaf],
        };
        return "/" + (_slices ? SliceName.Inside(_root, levels) : $"{_root}/{string.Join('/', levels)}");
    }
}
