using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;
using PodAgent.Linux.Sockets;

namespace PodAgent.Sandbox.Process;

/// <summary>The socket in the pod's directory: for agents that come after the one that started this process.</summary>
internal sealed class ControlListener : IEventHandler
{
    private readonly PodSupervisor _supervisor;
    private readonly Fd _directory;
    private readonly Fd _listener;

    /// <exception cref="LinuxException">The directory is not there or not private, or another process listens in it.</exception>
    public ControlListener(EventLoop loop, PodSupervisor supervisor, string directory)
    {
        _supervisor = supervisor;
        _directory = FileTree.Open(directory, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
        FileStatus status = FileTree.Status(_directory);
        if (status.Uid != 0 || (status.Permissions & 0x3F) != 0)
        {
            throw new LinuxException("pod directory", directory, Errno.EPERM);
        }

        // By descriptor: a socket address holds 107 bytes, a pod's directory may be longer.
        _listener = UnixSockets.Listen($"{_directory.ProcPath}/{Containers.Supervision.SandboxLauncher.SocketName}");
        loop.Add(_listener, EventKinds.Readable, this);
    }

    public void OnReady(EventKinds kinds)
    {
        Fd? socket = UnixSockets.TryAccept(_listener);
        if (socket is null)
        {
            return;
        }

        if (UnixSockets.PeerOf(socket).User != 0)
        {
            socket.Dispose();
            return;
        }

        _supervisor.OnConnected(socket);
    }

    public void RemoveSocket() => _ = FileTree.TryRemove(Containers.Supervision.SandboxLauncher.SocketName, false, _directory);
}
