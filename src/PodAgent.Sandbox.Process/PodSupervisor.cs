using PodAgent.Containers.Launch;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Sandbox.Process;

/// <summary>
/// The supervisor of one pod: takes the agent's requests, launches pause, containers and execs, and keeps their ends until it is told to
/// forget them. Everything happens on one thread.
/// </summary>
/// <remarks>
/// <code>
///  unassigned --Launch--> listening --CreateSandbox--> ready --pause ends--> not ready
///      |                      |                          |                      |
///      |  connection closes   +--------Shutdown----------+----------------------+
///      +----------+-----------+             v
///                 v         containers killed, reaped; pause killed, reaped; reply; exit
///               exit
/// </code>
/// </remarks>
internal sealed partial class PodSupervisor
{
    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly ChildLauncher _launcher = new(Namespaces.Open(0, NamespaceKinds.Pid));
    private readonly List<AgentConnection> _connections = [];
    private readonly Dictionary<string, SupervisedProcess> _processes = [];
    private readonly Dictionary<int, SupervisedProcess> _processesByPid = [];
    private ControlListener? _listener;
    private string _directory = "";
    private SandboxSpec? _spec;
    private NamespaceKinds _podNamespaces;
    private int _pausePid;
    private Fd? _pausePidFd;
    private Fd? _userNamespace;
    private IdMapping? _owners;
    private PendingLaunch? _pauseLaunch;
    private PodOomKills? _oomKills;
    private bool _ready;
    private Action? _shutdownReply;

    public PodSupervisor(EventLoop loop, TimeProvider time)
    {
        _loop = loop;
        _time = time;
        _ = new ChildReaper(loop, OnChildEnded);
    }

    /// <summary>The pod's directory; empty before it is known.</summary>
    public string Directory => _directory;

    public void OnConnected(Fd socket) => _connections.Add(new AgentConnection(_loop, this, socket));

    public void OnClosed(AgentConnection connection)
    {
        _ = _connections.Remove(connection);
        StopUnlessUsed();
    }

    /// <summary>Takes one request; every one of them gets exactly one reply.</summary>
    public void Handle(Request request, IReadOnlyList<Fd> descriptors, AgentConnection connection)
    {
        Replies reply = new(connection, request.Id);
        try
        {
            Dispatch(request, descriptors, reply);
        }
        catch (SandboxFailureException failure)
        {
            reply.Fail(failure);
        }
        catch (LinuxException refused)
        {
            reply.Fail(new SandboxFailureException(StepOf(request), refused));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            reply.Fail(new SandboxFailureException(StepOf(request), "", Errno.EINVAL, exception.Message));
        }
        catch (Exception unforeseen)
        {
            // Who asked must not wait for ever for a fault in here.
            LastWords.Write(_directory, unforeseen.ToString());
            reply.Fail(new SandboxFailureException(StepOf(request), "", Errno.EIO, $"{unforeseen.GetType().Name}: {unforeseen.Message}"));
        }
    }

    private void Dispatch(Request request, IReadOnlyList<Fd> descriptors, Replies reply)
    {
        switch (request.BodyCase)
        {
            case Request.BodyOneofCase.Launch:
                Launch(request.Launch);
                if (request.Launch.Subscribe)
                {
                    reply.Subscribe();
                }

                reply.With(new Message { Launch = LaunchReply() });
                break;
            case Request.BodyOneofCase.State:
                reply.With(new Message { State = State() });
                break;
            case Request.BodyOneofCase.Subscribe:
                reply.Subscribe();
                reply.Done();
                break;
            case Request.BodyOneofCase.CreateSandbox:
                CreateSandbox(request.CreateSandbox.Spec, reply);
                break;
            case Request.BodyOneofCase.StartContainer:
                StartContainer(request.StartContainer.Spec, descriptors, reply);
                break;
            case Request.BodyOneofCase.Exec:
                Exec(request.Exec, descriptors, reply);
                break;
            case Request.BodyOneofCase.Signal:
                Signal(request.Signal);
                reply.Done();
                break;
            case Request.BodyOneofCase.Attach:
                AttachRequest attach = request.Attach;
                long logSize = StreamsOf(attach.Id).Attach(
                    Pick(descriptors, attach.HasStdinFd, attach.StdinFd),
                    Pick(descriptors, attach.HasStdoutFd, attach.StdoutFd),
                    Pick(descriptors, attach.HasStderrFd, attach.StderrFd),
                    attach.Replay);
                if (attach.Replay)
                {
                    reply.With(new Message { Attach = new AttachReply { LogSize = logSize } });
                }
                else
                {
                    reply.Done();
                }

                break;
            case Request.BodyOneofCase.Resize:
                StreamsOf(request.Resize.Id).Resize(request.Resize.Size ?? new TerminalSize());
                reply.Done();
                break;
            case Request.BodyOneofCase.ReopenLog:
                StreamsOf(request.ReopenLog.Id).ReopenLog();
                reply.Done();
                break;
            case Request.BodyOneofCase.CloseStdin:
                StreamsOf(request.CloseStdin.Id).CloseStdin();
                reply.Done();
                break;
            case Request.BodyOneofCase.Forget:
                Forget(request.Forget.Id);
                reply.Done();
                break;
            case Request.BodyOneofCase.Shutdown:
                Shutdown(reply);
                break;
            default:
                throw Refuse("request", "", Errno.ENOSYS, "the request is not one that this version of pod-sandbox knows");
        }
    }

    private void Launch(LaunchRequest request)
    {
        if (_directory.Length > 0)
        {
            throw Refuse("launch", request.Directory, Errno.EBUSY, $"this process supervises the pod in \"{_directory}\"");
        }

        _listener = new ControlListener(_loop, this, request.Directory);
        _directory = request.Directory;
    }

    private LaunchReply LaunchReply()
    {
        var reply = new LaunchReply();
        if (_prepared is not null)
        {
            reply.NetworkNamespaceFd = _prepared.Network.Number;
        }

        return reply;
    }

    private StateReply State()
    {
        var state = new StateReply { PausePid = _pausePid, Ready = _ready, Spec = _spec };
        foreach (SupervisedProcess process in _processes.Values)
        {
            if (process.Launch is null)
            {
                state.Processes.Add(process.ToState());
            }
        }

        return state;
    }

    private void Forget(string id)
    {
        SupervisedProcess process = Find(id);
        if (!process.HasEnded)
        {
            throw Refuse("forget", id, Errno.EBUSY, "the process has not ended");
        }

        process.Close();
        _ = _processes.Remove(id);
        if (_spec!.ExitDirectory.Length > 0)
        {
            ExitRecords.Remove(_spec.ExitDirectory, id);
        }
    }

    private SupervisedProcess Find(string id) =>
        _processes.TryGetValue(id, out SupervisedProcess? process) && process.Launch is null
            ? process
            : throw Refuse("find process", id, Errno.ESRCH, $"there is no process \"{id}\" in this sandbox");

    private ContainerStreams StreamsOf(string id) =>
        Find(id).Streams ?? throw Refuse("find streams", id, Errno.EINVAL, $"\"{id}\" is an exec: its streams are its caller's");

    private void Broadcast(Message message)
    {
        foreach (AgentConnection connection in _connections.ToArray())
        {
            if (connection.Subscribed)
            {
                connection.Send(message);
            }
        }
    }

    private long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static Fd? Pick(IReadOnlyList<Fd> descriptors, bool present, int index)
    {
        if (!present)
        {
            return null;
        }

        return index >= 0 && index < descriptors.Count
            ? descriptors[index]
            : throw Refuse("take descriptors", index.ToString(), Errno.EBADF, $"the request names descriptor {index} but carries {descriptors.Count}");
    }

    private static string StepOf(Request request) => request.BodyCase switch
    {
        Request.BodyOneofCase.CreateSandbox => "create sandbox",
        Request.BodyOneofCase.StartContainer => "start container",
        Request.BodyOneofCase.ReopenLog => "reopen log",
        Request.BodyOneofCase.CloseStdin => "close stdin",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static SandboxFailureException Refuse(string step, string subject, Errno errno, string message) => new(step, subject, errno, message);
}
