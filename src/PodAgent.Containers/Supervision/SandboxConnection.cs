using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using PodAgent.Containers.Protocol;
using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Files;
using PodAgent.Linux.Sockets;

namespace PodAgent.Containers.Supervision;

/// <summary>
/// A connection to a pod's supervisor. Requests may be made from any number of callers at once. Losing the connection does nothing to the
/// pod; another one can be made with <see cref="SandboxLauncher.ConnectAsync"/>.
/// </summary>
/// <remarks>
/// Each request fails with <see cref="SandboxFailureException"/> when the supervisor refuses it, with <see cref="AgentException"/> of kind
/// <see cref="ErrorKind.Unavailable"/> when the connection is lost before the answer, and with
/// <see cref="OperationCanceledException"/> when the caller stops waiting (the supervisor goes on all the same).
/// </remarks>
public sealed class SandboxConnection : IAsyncDisposable
{
    private readonly Socket _socket;

    // Of the same socket, for messages with descriptors, which Socket cannot send.
    private readonly Fd _descriptor;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<Message>> _waiting = new();
    private readonly Channel<Message> _events = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Fd? _networkNamespace;
    private ulong _lastId;
    private volatile bool _subscribed;
    private volatile bool _lost;

    /// <summary>Takes ownership of a connected socket.</summary>
    internal SandboxConnection(Fd socket, int pid)
    {
        _descriptor = FileTree.Duplicate(socket);
        SupervisorPid = pid;
        _socket = new Socket(new SafeSocketHandle(socket.DangerousGetHandle(), ownsHandle: true));
        socket.SetHandleAsInvalid();
        _ = Task.Run(ReceiveAsync);
    }

    /// <summary>Process ID of the supervisor, in the host's PID namespace.</summary>
    public int SupervisorPid { get; }

    /// <summary>Completes when the supervisor is gone, or has closed this connection.</summary>
    public Task Closed => _closed.Task;

    /// <summary>
    /// After a launch: the network namespace that the pod will be in unless it is in the host's, when it was made ahead. The caller's from
    /// then on; null: there is none, or it was taken. As long as somebody holds it, it outlives the pod.
    /// </summary>
    public Fd? TakeNetworkNamespace() => Interlocked.Exchange(ref _networkNamespace, null);

    /// <summary>Exits and out-of-memory kills, from <see cref="SubscribeAsync"/> on; ends with the connection.</summary>
    public ChannelReader<Message> Events => _events.Reader;

    /// <summary>From now on <see cref="Events"/> receives every event. The one that launches has subscribed with that.</summary>
    public Task SubscribeAsync(CancellationToken ct) =>
        _subscribed ? Task.CompletedTask : CallAsync(new Request { Subscribe = new SubscribeRequest() }, [], ct);

    /// <summary>Everything that the supervisor knows; what an agent asks for after its own restart.</summary>
    public async Task<StateReply> GetStateAsync(CancellationToken ct) =>
        (await CallAsync(new Request { State = new StateRequest() }, [], ct).ConfigureAwait(false)).State;

    /// <summary>Creates the pause process with the pod's namespaces.</summary>
    public async Task<CreateSandboxReply> CreateSandboxAsync(SandboxSpec spec, CancellationToken ct) =>
        (await CallAsync(new Request { CreateSandbox = new CreateSandboxRequest { Spec = spec } }, [], ct).ConfigureAwait(false)).CreateSandbox;

    /// <summary>Starts a container.</summary>
    /// <param name="spec">Its <c>*_fd</c> fields are indexes into <paramref name="descriptors"/>.</param>
    /// <param name="descriptors">Stay the caller's.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<StartReply> StartContainerAsync(ContainerSpec spec, IReadOnlyList<Fd> descriptors, CancellationToken ct) =>
        (await CallAsync(new Request { StartContainer = new StartContainerRequest { Spec = spec } }, descriptors, ct).ConfigureAwait(false)).Start;

    /// <summary>Starts a process in a running container; its end is an <see cref="ExitEvent"/> with the request's ID.</summary>
    /// <param name="request">Its <c>*_fd</c> fields are indexes into <paramref name="descriptors"/>.</param>
    /// <param name="descriptors">Stay the caller's.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<StartReply> ExecAsync(ExecRequest request, IReadOnlyList<Fd> descriptors, CancellationToken ct) =>
        (await CallAsync(new Request { Exec = request }, descriptors, ct).ConfigureAwait(false)).Start;

    /// <summary>Connects descriptors to a container's streams from now on; the answer has the log's size when a replay was asked for.</summary>
    /// <param name="request">Its <c>*_fd</c> fields are indexes into <paramref name="descriptors"/>.</param>
    /// <param name="descriptors">Stay the caller's. The supervisor makes them non-blocking, which other holders of the same open file notice.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<AttachReply> AttachAsync(AttachRequest request, IReadOnlyList<Fd> descriptors, CancellationToken ct) =>
        (await CallAsync(new Request { Attach = request }, descriptors, ct).ConfigureAwait(false)).Attach ?? new AttachReply();

    /// <summary>Sends a signal.</summary>
    /// <param name="id">Container or exec; empty: every container.</param>
    /// <param name="signal">1 to 64.</param>
    /// <param name="all">Every process of the container's cgroup, not only the main one.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task SignalAsync(string id, int signal, bool all, CancellationToken ct) =>
        CallAsync(new Request { Signal = new SignalRequest { Id = id, Signal = signal, All = all } }, [], ct);

    /// <summary>Sets the size of a container's terminal.</summary>
    public Task ResizeAsync(string id, uint columns, uint rows, CancellationToken ct) =>
        CallAsync(new Request { Resize = new ResizeRequest { Id = id, Size = new TerminalSize { Columns = columns, Rows = rows } } }, [], ct);

    /// <summary>Opens a container's log file anew, after its rotation.</summary>
    public Task ReopenLogAsync(string id, CancellationToken ct) => CallAsync(new Request { ReopenLog = new ReopenLogRequest { Id = id } }, [], ct);

    /// <summary>Ends a container's standard input.</summary>
    public Task CloseStdinAsync(string id, CancellationToken ct) => CallAsync(new Request { CloseStdin = new CloseStdinRequest { Id = id } }, [], ct);

    /// <summary>Drops the record of an ended process, and its exit file.</summary>
    public Task ForgetAsync(string id, CancellationToken ct) => CallAsync(new Request { Forget = new ForgetRequest { Id = id } }, [], ct);

    /// <summary>Kills everything, pause last, and ends the supervisor; returns when it is done.</summary>
    public async Task ShutdownAsync(CancellationToken ct)
    {
        await CallAsync(new Request { Shutdown = new ShutdownRequest() }, [], ct).ConfigureAwait(false);
        await Closed.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Closes the connection; the pod goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other side was faster.
        }

        TakeNetworkNamespace()?.Dispose();
        await _closed.Task.ConfigureAwait(false);
    }

    internal async Task LaunchAsync(string directory, CancellationToken ct)
    {
        Message reply = await CallAsync(new Request { Launch = new LaunchRequest { Directory = directory, Subscribe = true } }, [], ct).ConfigureAwait(false);
        _subscribed = true;
        if (reply.Launch is { HasNetworkNamespaceFd: true } launched)
        {
            // Null where the supervisor's descriptors may not be looked at: then it is found through pause.
            _networkNamespace = FileTree.TryOpen($"/proc/{SupervisorPid}/fd/{launched.NetworkNamespaceFd}", OpenFlags.ReadOnly, out _);
        }
    }

    private async Task<Message> CallAsync(Request request, IReadOnlyList<Fd> descriptors, CancellationToken ct)
    {
        request.Id = Interlocked.Increment(ref _lastId);
        byte[] frame = Frames.Encode(request);
        var answer = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[request.Id] = answer;
        try
        {
            await SendAsync(frame, descriptors, ct).ConfigureAwait(false);
            if (_lost)
            {
                // The receiver may have given up before this request was among those waiting. An answer that came before counts.
                _ = answer.TrySetException(Lost());
            }

            Message message = await answer.Task.WaitAsync(ct).ConfigureAwait(false);
            return message.BodyCase == Message.BodyOneofCase.Failure ? throw SandboxFailureException.From(message.Failure) : message;
        }
        finally
        {
            _ = _waiting.TryRemove(request.Id, out _);
        }
    }

    private async Task SendAsync(byte[] frame, IReadOnlyList<Fd> descriptors, CancellationToken ct)
    {
        await _sending.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // Half a frame must not stay behind: from here on nothing is cancelled.
            int[] numbers = [.. descriptors.Select(static fd => fd.Number)];
            int sent = 0;
            while (sent < frame.Length)
            {
                if (_lost)
                {
                    throw Lost();
                }

                int count = UnixSockets.TrySend(_descriptor, frame.AsSpan(sent), sent == 0 ? numbers : [], out Errno errno);
                if (count > 0)
                {
                    sent += count;
                }
                else if (errno == Errno.EAGAIN)
                {
                    await WaitUntilWritableAsync().ConfigureAwait(false);
                }
                else if (errno is Errno.EPIPE or Errno.ECONNRESET)
                {
                    throw Lost();
                }
                else
                {
                    throw new LinuxException("sendmsg(2)", "supervisor", errno);
                }
            }

            GC.KeepAlive(descriptors);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task WaitUntilWritableAsync() =>
        await Task.Run(() => Polling.Wait(_descriptor, EventKinds.Writable, 1000)).ConfigureAwait(false);

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[4096];
        int length = 0;
        try
        {
            while (true)
            {
                int count = await _socket.ReceiveAsync(buffer.AsMemory(length)).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                length = Take(buffer, length + count);
                if (buffer.Length - length < 2048)
                {
                    Array.Resize(ref buffer, buffer.Length * 2);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidDataException or ObjectDisposedException or Google.Protobuf.InvalidProtocolBufferException)
        {
            // A lost connection, whatever the reason; callers learn that from their requests.
        }

        End();
    }

    private int Take(byte[] buffer, int length)
    {
        int offset = 0;
        while (Frames.TryFind(buffer.AsSpan(offset, length - offset), out int size))
        {
            Message message = Message.Parser.ParseFrom(buffer.AsSpan(offset + Frames.HeaderSize, size));
            offset += Frames.HeaderSize + size;
            if (message.Id == 0)
            {
                _ = _events.Writer.TryWrite(message);
            }
            else if (_waiting.TryGetValue(message.Id, out TaskCompletionSource<Message>? answer))
            {
                _ = answer.TrySetResult(message);
            }
        }

        buffer.AsSpan(offset, length - offset).CopyTo(buffer);
        return length - offset;
    }

    private void End()
    {
        _lost = true;
        _sending.Wait();
        _socket.Dispose();
        _descriptor.Dispose();
        _sending.Release();
        foreach (TaskCompletionSource<Message> answer in _waiting.Values)
        {
            _ = answer.TrySetException(Lost());
        }

        _ = _events.Writer.TryComplete();
        _closed.TrySetResult();
    }

    private AgentException Lost() => new(ErrorKind.Unavailable, $"the connection to the pod's supervisor (process {SupervisorPid}) is lost");
}
