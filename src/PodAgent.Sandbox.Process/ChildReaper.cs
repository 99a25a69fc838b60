using PodAgent.Linux;
using PodAgent.Linux.Events;
using PodAgent.Linux.Processes;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// Reaps every child: containers, execs, pause, and the orphans that a subreaper inherits. One SIGCHLD may stand for many of them, so each
/// time all that have ended are taken.
/// </summary>
internal sealed class ChildReaper : IEventHandler
{
    private readonly Action<ChildExit> _ended;
    private readonly Fd _signals;

    public ChildReaper(EventLoop loop, Action<ChildExit> ended)
    {
        _ended = ended;
        _signals = SignalDescriptor.Open(SignalMask.Of(SignalNumbers.SIGCHLD));
        loop.Add(_signals, EventKinds.Readable, this);
    }

    public void OnReady(EventKinds kinds)
    {
        while (SignalDescriptor.Read(_signals) != 0)
        {
        }

        while (Children.TryReapAny(out ChildExit exit))
        {
            _ended(exit);
        }
    }
}
