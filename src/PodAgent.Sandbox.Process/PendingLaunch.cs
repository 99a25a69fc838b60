using PodAgent.Containers.Launch;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Sockets;

namespace PodAgent.Sandbox.Process;

/// <summary>A child between clone and exec, seen from its parent: the other end of the <see cref="SetupChannel"/>.</summary>
internal sealed class PendingLaunch : IEventHandler
{
    /// <summary>The step of a child that was killed before it could report one.</summary>
    public const string KilledStep = "set up";

    // Mounting may wait for a network file system, but not for ever.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly EventLoop _loop;
    private readonly Fd _channel;
    private readonly Fd _pidFd;
    private readonly Action<Fd>? _terminal;
    private readonly Action<SandboxFailureException?> _finished;
    private readonly ulong _token;
    private bool _ready;
    private bool _timedOut;
    private bool _done;

    /// <param name="loop">The loop.</param>
    /// <param name="channel">The parent's end; owned from here on.</param>
    /// <param name="pidFd">The child; not owned.</param>
    /// <param name="terminal">Takes the leader of the container's terminal.</param>
    /// <param name="finished">Told once: null when the child has executed its program, or pause waits.</param>
    public PendingLaunch(EventLoop loop, Fd channel, Fd pidFd, Action<Fd>? terminal, Action<SandboxFailureException?> finished)
    {
        _loop = loop;
        _channel = channel;
        _pidFd = pidFd;
        _terminal = terminal;
        _finished = finished;

        // Whatever the child says is read when it has closed its end, by execve, by being done or by ending: waking up for a "ready" before
        // that would take a processor from it.
        _token = loop.Add(channel, EventKinds.None, this);
        loop.After(s_limit, OnTimeout);
    }

    public void OnReady(EventKinds kinds)
    {
        byte[] packet = new byte[SetupChannel.MaxPacket];
        while (!_done)
        {
            var descriptors = new List<Fd>();
            int length = UnixSockets.TryReceive(_channel, packet, descriptors, out Errno errno);
            if (length < 0 && errno == Errno.EAGAIN)
            {
                return;
            }

            if (length <= 0)
            {
                Finish(_ready ? null : Killed());
                return;
            }

            switch ((SetupReport)packet[0])
            {
                case SetupReport.Ready:
                    _ready = true;
                    break;
                case SetupReport.Terminal when descriptors.Count == 1:
                    _terminal?.Invoke(descriptors[0]);
                    break;
                case SetupReport.Failure:
                    Finish(SandboxFailureException.From(Failure.Parser.ParseFrom(packet.AsSpan(1, length - 1))));
                    break;
            }
        }
    }

    /// <summary>The child has been reaped: what it said is all there is.</summary>
    public void Conclude() => OnReady(EventKinds.HangUp);

    private SandboxFailureException Killed() => new(
        KilledStep, "", Errno.None, _timedOut ? $"the set-up took longer than {s_limit.TotalSeconds} s" : "the process was killed during its set-up");

    private void OnTimeout()
    {
        if (!_done)
        {
            _timedOut = true;
            _ = PidFds.Signal(_pidFd, SignalNumbers.SIGKILL);
        }
    }

    private void Finish(SandboxFailureException? failure)
    {
        _done = true;
        _loop.Remove(_channel, _token);
        _channel.Dispose();
        _finished(failure);
    }
}
