using PodAgent.Containers.Launch;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Sandbox.Process;

/// <summary>What is made ahead, while nobody waits: pause with its namespaces before there is a pod, the first container's process as soon as there is one.</summary>
internal sealed partial class PodSupervisor
{
    private PreparedChild? _preparedPause;
    private PreparedNamespaces? _prepared;
    private PreparedChild? _preparedContainer;
    private int _droppedPid;

    /// <summary>Makes ahead what every pod needs.</summary>
    public void Prepare()
    {
        _preparedPause = PreparedChild.TryClone(_launcher, PreparedNamespaces.All, PauseProcess.RunPrepared);
        _prepared = _preparedPause is null ? null : PreparedNamespaces.TryOpen(_preparedPause.Pid);
    }

    // The usual pod, on cgroup v1: pause is there and has the namespaces that it needs. Null: it has to be cloned.
    private ClonedChild? TakePause(SandboxSpec spec, NamespaceKinds pod, CgroupMembership cgroups)
    {
        if (_preparedPause is not { } prepared)
        {
            return null;
        }

        _preparedPause = null;
        if (pod == PreparedNamespaces.All && cgroups.Unified is null)
        {
            return prepared.TryOrder(spec, cgroups.TaskFiles);
        }

        prepared.Dispose();
        return null;
    }

    // Between a pod's start and its first container's lies a good millisecond: enough to clone a process.
    private void PrepareContainer()
    {
        Fd pause = _pausePidFd!;
        NamespaceKinds join = _podNamespaces & Container;
        string staging = _directory;
        _preparedContainer = PreparedChild.TryClone(
            _launcher, NamespaceKinds.Pid, channel => ChildProcess.RunPrepared(channel, pause, join, staging));
    }

    // Nobody will ask for it any more. This process ends when the child has: whoever gets its orphans would have to reap it.
    private void Drop(ref PreparedChild? unused)
    {
        if (unused is { } child)
        {
            unused = null;
            _droppedPid = child.Pid;
            child.Dispose();
        }
    }

    // Whoever was to wait and has ended by itself is of no use any more.
    private void OnPreparedEnded(int pid)
    {
        if (pid == _droppedPid)
        {
            _droppedPid = 0;
        }
        else if (pid == _preparedContainer?.Pid)
        {
            _preparedContainer.Dispose();
            _preparedContainer = null;
        }
        else if (pid == _preparedPause?.Pid)
        {
            _preparedPause.Dispose();
            _preparedPause = null;
        }
    }

    // Without a connection nobody is left who could say what pod this is to be, also when its directory is known already: an agent gives up
    // between Launch and CreateSandbox when its own caller does, and later agents look for pods only.
    private void StopUnlessUsed()
    {
        if (_spec is null && _pauseLaunch is null && _connections.Count == 0)
        {
            Drop(ref _preparedPause);
            if (_droppedPid == 0)
            {
                _listener?.RemoveSocket();
                _loop.Stop();
            }
        }
    }

    // A container with process IDs of its own, on cgroup v1. Null: its process has to be cloned.
    private ClonedChild? TakeContainer(ChildPlan plan, NamespaceKinds created)
    {
        if (_preparedContainer is not { } prepared || plan.Container is null || created != (NamespaceKinds.Mount | NamespaceKinds.Pid)
            || plan.Cgroups.Unified is not null)
        {
            return null;
        }

        var descriptors = new List<Fd>(plan.Cgroups.TaskFiles);
        var order = new ContainerOrder { Spec = plan.Container, TaskFiles = descriptors.Count, Root = Add(plan.Root) };
        order.Streams.AddRange(plan.Streams.Select(Add));
        order.Sources.AddRange(plan.Sources.Select(Add));
        _preparedContainer = null;
        return prepared.TryOrder(order, descriptors);

        int Add(Fd? file)
        {
            if (file is null)
            {
                return -1;
            }

            descriptors.Add(file);
            return descriptors.Count - 1;
        }
    }
}
