using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Sockets;

namespace PodAgent.Containers.Supervision;

/// <summary>
/// Starts and finds supervisors. Two are kept ready: starting a program costs more than everything else that a new sandbox needs here, and
/// nobody has to wait for it when the next one starts between two pods. A spare ends when the agent does, because its only connection closes.
/// </summary>
public sealed class SandboxLauncher : IDisposable
{
    /// <summary>Name of the supervisor's socket in the pod's directory.</summary>
    public const string SocketName = "sandbox.sock";

    private const int MaxSpares = 2;

    // As long as a pod takes to start: a program that starts meanwhile takes a processor from it.
    private static readonly TimeSpan s_refillDelay = TimeSpan.FromMilliseconds(20);

    private readonly string _binary;
    private readonly object _gate = new();
    private readonly ITimer _refill;
    private readonly Queue<SandboxConnection> _spares = [];
    private bool _refilling;
    private bool _disposed;

    /// <summary>Uses a pod-sandbox program.</summary>
    /// <param name="sandboxBinary">Absolute path.</param>
    /// <param name="time">The clock; null: the machine's.</param>
    public SandboxLauncher(string sandboxBinary, TimeProvider? time = null)
    {
        _binary = sandboxBinary;
        _refill = (time ?? TimeProvider.System).CreateTimer(
            static launcher => ((SandboxLauncher)launcher!).PrepareSpare(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether supervisors are kept ready for the next sandboxes; true unless changed.</summary>
    public bool KeepsSpare { get; init; } = true;

    /// <summary>Makes a supervisor for a new pod.</summary>
    /// <param name="directory">The pod's directory: absolute, existing, mode 0700, owned by root.</param>
    /// <param name="ct">Ends the wait and the new process.</param>
    /// <exception cref="LinuxException">The program could not be started.</exception>
    /// <exception cref="SandboxFailureException">The directory cannot be used.</exception>
    public async Task<SandboxConnection> LaunchAsync(string directory, CancellationToken ct)
    {
        while (true)
        {
            bool spare = TryTakeSpare(out SandboxConnection? connection);
            connection ??= Spawn();
            try
            {
                await connection.LaunchAsync(directory, ct).ConfigureAwait(false);
                PrepareSpareLater();
                return connection;
            }
            catch (AgentException gone) when (spare && gone.Kind == ErrorKind.Unavailable)
            {
                // The spare was killed while it waited: start a fresh one.
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Connects to the supervisor of an existing pod.</summary>
    /// <param name="directory">The pod's directory.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="AgentException"><see cref="ErrorKind.NotFound"/>: its process is gone.</exception>
    public Task<SandboxConnection> ConnectAsync(string directory, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using Fd? folder = FileTree.TryOpen(directory, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow);
        Fd? socket = folder is null ? null : UnixSockets.TryConnect($"{folder.ProcPath}/{SocketName}");
        if (socket is null)
        {
            throw new AgentException(ErrorKind.NotFound, $"no supervisor listens in \"{directory}\"");
        }

        (int pid, uint user, _) = UnixSockets.PeerOf(socket);
        if (user != 0)
        {
            socket.Dispose();
            throw new AgentException(ErrorKind.PermissionDenied, $"the process that listens in \"{directory}\" belongs to user {user}");
        }

        return Task.FromResult(new SandboxConnection(socket, pid));
    }

    /// <summary>Starts a spare supervisor now, if one is missing, so that the first sandbox finds one; another follows.</summary>
    public void PrepareSpare()
    {
        if (KeepsSpare)
        {
            _ = Task.Run(Refill);
        }
    }

    // The program is started outside of the lock: whoever launches meanwhile need not wait for it.
    private void Refill()
    {
        lock (_gate)
        {
            _refilling = _spares.Count < MaxSpares && !_disposed;
            if (!_refilling)
            {
                return;
            }
        }

        SandboxConnection? started = null;
        try
        {
            started = Spawn();
        }
        catch (LinuxException)
        {
            // The next launch will meet the same refusal and report it.
        }

        lock (_gate)
        {
            _refilling = false;
            if (started is not null && _spares.Count < MaxSpares && !_disposed)
            {
                _spares.Enqueue(started);
                PrepareSpareLater();
                return;
            }
        }

        _ = started?.DisposeAsync().AsTask();
    }

    // Counted from the first launch that left a place empty: launches in quick succession do not put it off for ever.
    private void PrepareSpareLater()
    {
        lock (_gate)
        {
            if (KeepsSpare && !_disposed && !_refilling && _spares.Count < MaxSpares)
            {
                _refilling = _refill.Change(s_refillDelay, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Ends the spares. Supervisors in use go on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _refill.Dispose();
            while (_spares.TryDequeue(out SandboxConnection? spare))
            {
                _ = spare.DisposeAsync().AsTask();
            }
        }
    }

    private bool TryTakeSpare(out SandboxConnection? spare)
    {
        lock (_gate)
        {
            return _spares.TryDequeue(out spare);
        }
    }

    private SandboxConnection Spawn()
    {
        // Executed through a read-only mount of its own: a process of a container that looks at an exec before its execve finds, in
        // /proc/PID/exe, a file that it cannot open for writing (the runc escape of 2019).
        using Fd program = MountTrees.Clone(_binary, recursive: false);
        MountTrees.SetAttributes(program, MountAttributes.ReadOnly | MountAttributes.NoSuid, MountAttributes.None, MountFlags.Private);
        (Fd control, Fd childEnd) = UnixSockets.MakePair(packets: false);
        using (childEnd)
        {
            try
            {
                int pid = ProcessSpawning.Start(
                    program.ProcPath, ["pod-sandbox"], [], SignalMask.Of(SignalNumbers.SIGCHLD), childEnd);
                SupervisorReaper.Watch(PidFds.Open(pid));
                return new SandboxConnection(control, pid);
            }
            catch
            {
                control.Dispose();
                throw;
            }
        }
    }
}
