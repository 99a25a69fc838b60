namespace PodAgent.Pods;

/// <summary>Where the engine keeps what belongs to a pod. Everything under these paths goes when the pod goes.</summary>
internal sealed class PodDirectories
{
    public PodDirectories(string root, string state, string podLogs)
    {
        Volumes = Path.Combine(root, "volumes");
        AcceptedPods = Path.Combine(root, "pods");
        State = Path.Combine(state, "engine");
        PodLogs = podLogs;
    }

    /// <summary>Persistent: volume contents survive the agent and a reboot of the node.</summary>
    public string Volumes { get; }

    /// <summary>Persistent: pods accepted over the API.</summary>
    public string AcceptedPods { get; }

    /// <summary>tmpfs: hosts files, termination messages, events, last good manifests.</summary>
    public string State { get; }

    public string PodLogs { get; }

    public string VolumesOf(string uid) => Path.Combine(Volumes, uid);

    public string FilesOf(string uid) => Path.Combine(State, "pods", uid);

    public string HostsFile(string uid) => Path.Combine(FilesOf(uid), "hosts");

    public string TerminationLog(string uid, string container, uint attempt) => Path.Combine(FilesOf(uid), "containers", container, $"{attempt}");

    public string LogsOf(Core.Pod pod) => Path.Combine(PodLogs, $"{pod.Metadata.Namespace}_{pod.Metadata.Name}_{pod.Metadata.Uid}");

    /// <summary>Relative to the pod's log directory, as CRI wants it.</summary>
    public static string LogPath(string container, uint attempt) => $"{container}/{attempt}.log";
}
