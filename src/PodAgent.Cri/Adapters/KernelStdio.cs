using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Terminals;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// Pipes and pseudo-terminals of the kernel. Pipes, not sockets, although those would be simpler here: programs open /dev/stdout, which a
/// socket refuses.
/// </summary>
internal sealed class KernelStdio : IStdio, IDisposable
{
    private const int PipeCapacity = 256 << 10;

    private readonly DescriptorReadiness _readiness = new();

    public StdioEnd Output()
    {
        (Fd read, Fd write) = FileData.MakePipe(PipeCapacity);
        FileData.SetNonBlocking(read);
        return new StdioEnd(write, new DescriptorStream(_readiness, read, null));
    }

    public StdioEnd Input()
    {
        (Fd read, Fd write) = FileData.MakePipe(PipeCapacity);
        FileData.SetNonBlocking(write);
        return new StdioEnd(read, new DescriptorStream(_readiness, null, write));
    }

    public TerminalEnd Terminal(uint columns, uint rows, int neighbour = 0)
    {
        (Fd leader, Fd follower) = OpenBeside(neighbour);
        PseudoTerminals.SetSize(leader, (ushort)columns, (ushort)rows);
        FileData.SetNonBlocking(leader);

        // epoll tells descriptors apart, not files: one for each direction.
        Fd writing = FileTree.Duplicate(leader);
        return new TerminalEnd(
            follower, new DescriptorStream(_readiness, leader, writing),
            (width, height) => PseudoTerminals.SetSize(leader, (ushort)width, (ushort)height));
    }

    // ttyname(3) finds a terminal only in the container's own devpts. A container without one gets a terminal of the node, which works but
    // has no name there.
    private static (Fd Leader, Fd Follower) OpenBeside(int neighbour)
    {
        const OpenFlags Place = OpenFlags.Path | OpenFlags.Directory;
        using Fd? root = neighbour > 0 ? FileTree.TryOpen($"/proc/{neighbour}/root", Place) : null;
        using Fd? instance = root is null ? null : FileTree.TryOpen(root, "dev/pts", Place, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out _);
        return instance is not null && FileTree.TypeOf(instance) == FileSystemType.Devpts ? PseudoTerminals.Open("ptmx", instance) : PseudoTerminals.Open();
    }

    public void Dispose() => _readiness.Dispose();
}
