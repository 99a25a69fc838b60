using Google.Protobuf;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Launch;

/// <summary>
/// A child that was cloned before anybody knows what for, while nobody waits: the copying of a process, and a copy's first steps, are a good
/// part of every start. It waits at its <see cref="SetupChannel"/> for an order. A child that finds no use is killed; one that has
/// ended by itself only means that the next is cloned when it is needed.
/// </summary>
/// <remarks>
/// For cgroup v1, where a child moves itself. On v2 it has to be born in its cgroup: moving a process takes a lock that waits for the whole machine.
/// </remarks>
internal sealed class PreparedChild : IDisposable
{
    private readonly ClonedChild _child;
    private bool _released;

    private PreparedChild(ClonedChild child) => _child = child;

    /// <summary>Its ID, as the caller sees it.</summary>
    public int Pid => _child.Pid;

    /// <summary>Clones it; null when the kernel refuses, which whoever needs one then will be told.</summary>
    /// <param name="launcher">The forking thread's.</param>
    /// <param name="created">Namespaces that it starts in.</param>
    /// <param name="child">Its code, which gets its end of the channel, waits for the order and never returns.</param>
    public static PreparedChild? TryClone(ChildLauncher launcher, NamespaceKinds created, Action<Fd> child)
    {
        try
        {
            using var nowhere = new CgroupMembership([]);
            return new PreparedChild(launcher.Start(created, null, nowhere, child));
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <summary>Gives the order. On success the child is like any other, and its descriptors are the caller's.</summary>
    /// <returns>The child; null: it has ended meanwhile or cannot be told all that, and is disposed of.</returns>
    public ClonedChild? TryOrder(IMessage order, IEnumerable<Fd> descriptors)
    {
        int[] numbers = [.. descriptors.Select(static fd => fd.Number)];
        if (!SetupChannel.TrySendOrder(_child.Channel, order, numbers))
        {
            Dispose();
            return null;
        }

        GC.KeepAlive(descriptors);
        _released = true;
        return _child;
    }

    /// <summary>Kills a child without an order.</summary>
    public void Dispose()
    {
        if (!_released)
        {
            _released = true;
            _ = PidFds.Signal(_child.PidFd, SignalNumbers.SIGKILL);
            _child.PidFd.Dispose();
            _child.Channel.Dispose();
        }
    }
}
