using PodAgent.Containers.Cgroups;

namespace PodAgent.Cri.Ports;

/// <summary>One control group, on cgroup v1 the directories of that name in every hierarchy.</summary>
public interface ICgroup
{
    /// <summary>Relative to the cgroup root.</summary>
    string Path { get; }

    /// <summary>Absolute directories, as the sandbox protocol wants them.</summary>
    IReadOnlyList<string> HostPaths { get; }

    /// <summary>Whether it is there.</summary>
    bool Exists { get; }

    /// <summary>Whether a process is in it.</summary>
    bool HasProcesses { get; }

    /// <summary>The processes in it and below, as the node numbers them.</summary>
    IReadOnlyList<int> Processes();

    /// <summary>Makes it, parents included, with limits.</summary>
    void Create(CgroupResources? resources);

    /// <summary>Makes it known to systemd, where it is one of its scopes, once a process is in it; done already is fine.</summary>
    Task RegisterAsync(int process, CgroupResources? resources);

    /// <summary>Changes limits.</summary>
    void Update(CgroupResources resources);

    /// <summary>SIGKILL to every process in it.</summary>
    void Kill();

    /// <summary>Kills what is left and deletes it with everything below; not there is fine.</summary>
    void Remove();

    /// <summary>What its processes used.</summary>
    CgroupUsage ReadUsage();

    /// <summary>
    /// A group below this one that only tells the processes of one exec from the container's others, so that all of them can be killed.
    /// </summary>
    ICgroup CreateExec(string execId);
}
