using PodAgent.Containers.Launch;
using PodAgent.Linux;
using PodAgent.Linux.Processes;
using PodAgent.Sandbox.Process;

// Started by the agent (SandboxLauncher): descriptor 3 is the connection to it, SIGCHLD is blocked in every thread. It stays in the
// cgroup of the agent and not in the pod's: a pod that runs out of memory must not take its supervisor along.
const int ControlConnection = 3;

if ((SignalMask.Read() & SignalMask.Of(SignalNumbers.SIGCHLD)) == 0)
{
    return 2;
}

ProcessControl.SetName("pod-sandbox");
ProcessControl.SetChildSubreaper();

// A process of a container must not get hold of an exec between its clone and its execve.
ProcessControl.SetDumpable(false);
SignalMask.Ignore(SignalNumbers.SIGPIPE);
_ = OomScore.Write(-998);

PodSupervisor? supervisor = null;
using var loop = new EventLoop(exception => LastWords.Write(supervisor?.Directory ?? "", exception.ToString()));
supervisor = new PodSupervisor(loop, TimeProvider.System);
supervisor.OnConnected(new Fd(ControlConnection));
supervisor.Prepare();
loop.Run();
return 0;
