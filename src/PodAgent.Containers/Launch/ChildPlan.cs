using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Launch;

/// <summary>Everything that a child needs between clone and exec, made before the clone: afterwards it opens only what its own namespaces decide.</summary>
internal sealed class ChildPlan : IDisposable
{
    /// <param name="process">The program.</param>
    /// <param name="cgroups">Where it starts; stays the caller's.</param>
    /// <exception cref="ArgumentException">An argument or variable cannot be passed to a program.</exception>
    public ChildPlan(ProcessSpec process, CgroupMembership cgroups)
    {
        Process = process;
        Cgroups = cgroups;
        Candidates = process.Args.Count == 0 ? [] : ExecutableSearch.Candidates(process.Args[0], process.Env);
        Arguments = new StringVector(process.Args);
        Environment = new StringVector(process.Env);
    }

    public ProcessSpec Process { get; }

    public CgroupMembership Cgroups { get; }

    /// <summary>Namespaces that the child makes for itself, because it was cloned ahead: so it sees the host's mounts of this moment.</summary>
    public NamespaceKinds Unshare { get; init; }

    public IReadOnlyList<string> Candidates { get; }

    public StringVector Arguments { get; }

    public StringVector Environment { get; }

    /// <summary>A pidfd: of pause for a container, of the container's init for an exec. Null: nothing to join.</summary>
    public Fd? JoinTarget { get; init; }

    public NamespaceKinds Join { get; init; }

    /// <summary>Standard streams; null entries become /dev/null. Unused with a container's own terminal.</summary>
    public Fd?[] Streams { get; init; } = new Fd?[3];

    /// <summary>An exec's terminal, made by the caller.</summary>
    public Fd? Terminal { get; init; }

    /// <summary>Null: an exec.</summary>
    public ContainerSpec? Container { get; init; }

    /// <summary>The container's detached root mount.</summary>
    public Fd? Root { get; init; }

    /// <summary>Sources that came as descriptors, by index of the mount.</summary>
    public Fd?[] Sources { get; init; } = [];

    /// <summary>An existing directory on which the root is attached, in the child's mount namespace only.</summary>
    public string Staging { get; init; } = "/";

    /// <summary>The pod's user namespace, joined when everything is done that its root may not do; null: it has none.</summary>
    public Fd? UserNamespace { get; init; }

    /// <summary>What its users and groups are on the host; null: they are the host's.</summary>
    public IdMapping? Owners { get; init; }

    /// <summary>Releases what the plan made itself.</summary>
    public void Dispose()
    {
        Arguments.Dispose();
        Environment.Dispose();
    }
}
