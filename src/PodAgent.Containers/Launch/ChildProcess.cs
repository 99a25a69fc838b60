using System.Diagnostics.CodeAnalysis;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Seccomp;
using PodAgent.Linux.Terminals;

namespace PodAgent.Containers.Launch;

/// <summary>
/// The code that runs between clone and exec, for containers and for execs: the only such code besides <see cref="PauseProcess"/>.
///
///                                container     exec
///  1. join cgroups               yes           yes      v1; on v2 the kernel has done it
///  2. write process attributes   yes           yes      through the host's /proc, before any mount of the container exists
///  3. start session              yes           yes
///  4. join namespaces            of the pod    of the container
///  5. build root                 yes           -        <see cref="RootFilesystem"/>
///  6. open terminal              if asked      if given
///  7. set limits                 yes           yes
///  8. set streams                yes           yes
///  9. join user namespace        if the pod has one: from here on the host's files and limits are out of reach
/// 10. enter working directory    created       must exist
/// 11. install seccomp filter     without no_new_privs: while there is the right to
/// 12. set identity               yes           yes      bounding set, groups, user, capabilities
/// 13. install seccomp filter     with no_new_privs: as late as possible
/// 14. find program               yes           yes      as the user it will run as
/// 15. execute                    yes           yes
///
/// A failure is reported with the name of the step. The child never returns from here.
/// </summary>
internal sealed class ChildProcess
{
    private const uint Unchanged = uint.MaxValue;
    private const uint DefaultUmask = 0x12; // 0022

    private readonly ChildPlan _plan;
    private readonly ProcessSpec _process;
    private readonly Fd _channel;
    private string _step = "";
    private Fd? _terminal;

    private ChildProcess(ChildPlan plan, Fd channel)
    {
        _plan = plan;
        _channel = channel;
        _process = plan.Process;
        _terminal = plan.Terminal;
    }

    /// <param name="plan">What to become.</param>
    /// <param name="channel">The child's end of the <see cref="SetupChannel"/>.</param>
    [DoesNotReturn]
    public static void Run(ChildPlan plan, Fd channel)
    {
        var child = new ChildProcess(plan, channel);
        try
        {
            child.SetUpAndExecute();
        }
        catch (Exception exception)
        {
            TryReport(channel, child._step, exception);
        }

        ProcessControl.Exit(127);
    }

    /// <summary>
    /// As a child that was cloned ahead, in a process namespace of its own: waits to be told which container it is to become.
    /// </summary>
    /// <param name="channel">The child's end.</param>
    /// <param name="pause">A pidfd of pause.</param>
    /// <param name="join">Which of its namespaces it joins.</param>
    /// <param name="staging">See <see cref="ChildPlan.Staging"/>.</param>
    [DoesNotReturn]
    public static void RunPrepared(Fd channel, Fd pause, NamespaceKinds join, string staging)
    {
        try
        {
            // Whatever else the supervisor has open must not depend on this process. The standard streams are /dev/null.
            int[] kept = [2, Math.Min(channel.Number, pause.Number), Math.Max(channel.Number, pause.Number)];
            ProcessControl.CloseFrom(kept[0] + 1, kept[1] - 1);
            ProcessControl.CloseFrom(kept[1] + 1, kept[2] - 1);
            ProcessControl.CloseFrom(kept[2] + 1);

            // Only as long as it waits: containers outlive their supervisor, until the agent sees to them.
            ProcessControl.SetParentDeathSignal(SignalNumbers.SIGKILL);
            var descriptors = new List<Fd>();
            ContainerOrder order = ContainerOrder.Parser.ParseFrom(SetupChannel.AwaitOrder(channel, descriptors));
            ProcessControl.SetParentDeathSignal(0);
            Fd? At(int index) => index < 0 ? null : descriptors[index];
            Run(new ChildPlan(order.Spec.Process, new CgroupMembership(descriptors.Take(order.TaskFiles)))
            {
                JoinTarget = pause,
                Join = join,
                Unshare = NamespaceKinds.Mount,
                Streams = [.. order.Streams.Select(At)],
                Container = order.Spec,
                Root = At(order.Root),
                Sources = [.. order.Sources.Select(At)],
                Staging = staging,
            }, channel);
        }
        catch (Exception exception)
        {
            TryReport(channel, "take order", exception);
        }

        ProcessControl.Exit(127);
    }

    /// <summary>Reports a failure to the parent; when even that fails, the parent sees the channel end.</summary>
    public static void TryReport(Fd channel, string step, Exception exception)
    {
        SandboxFailureException failure = exception switch
        {
            SandboxFailureException known => known,
            LinuxException refused => new SandboxFailureException(step, refused),
            _ => new SandboxFailureException(step, "", Errno.None, $"{step}: {exception.GetType().Name}: {exception.Message}"),
        };
        try
        {
            SetupChannel.SendFailure(channel, failure.ToFailure());
        }
        catch (LinuxException)
        {
            // Nobody is left who could be told.
        }
    }

    private void SetUpAndExecute()
    {
        _step = "join cgroups";
        _plan.Cgroups.Join();

        _step = "write process attributes";
        WriteAttributes();

        _step = "start session";
        ProcessControl.StartSession();
        ProcessControl.SetFileModeMask(0);

        _step = "join namespaces";
        JoinNamespaces();

        if (_plan.Container is { } container)
        {
            BuildRoot(container);
        }

        _step = "open terminal";
        if (_terminal is not null)
        {
            PseudoTerminals.SetControlling(_terminal);
        }

        _step = "set limits";
        SetLimits();

        _step = "set streams";
        SetStreams();

        _step = "join user namespace";
        JoinUserNamespace();

        _step = "enter working directory";
        bool entered = TryEnterWorkingDirectory();

        _step = "install seccomp filter";
        bool filter = !_process.Seccomp.IsEmpty;
        if (filter && !_process.NoNewPrivileges)
        {
            SeccompMode.Install(_process.Seccomp.Span);
        }

        _step = "set identity";
        SetIdentity();
        if (!entered)
        {
            // A directory that only the user may enter (root squashed).
            _step = "enter working directory";
            EnterWorkingDirectory();
        }

        _step = "install seccomp filter";
        if (filter && _process.NoNewPrivileges)
        {
            SeccompMode.Install(_process.Seccomp.Span);
        }

        _step = "find program";
        string path = FindProgram();

        _step = "execute";
        Execute(path);
    }

    // 2.
    private void WriteAttributes()
    {
        OomScore.Write(_process.HasOomScoreAdj ? _process.OomScoreAdj : 0);
        if (_process.ApparmorProfile.Length > 0)
        {
            string file = FileTree.TryStatus("/proc/thread-self/attr/apparmor/exec") is null ? "/proc/thread-self/attr/exec" : "/proc/thread-self/attr/apparmor/exec";
            FileData.WriteText(file, $"exec {_process.ApparmorProfile}");
        }
    }

    // 4.
    private void JoinNamespaces()
    {
        if (_plan.JoinTarget is not null && _plan.Join != NamespaceKinds.None)
        {
            Namespaces.Enter(_plan.JoinTarget, _plan.Join);
        }

        if (_plan.Container is not null && _plan.UserNamespace is null)
        {
            // Here and not in clone3: the namespace's root is the cgroup of this moment, and on v1 that is entered in step 1.
            Namespaces.Unshare(NamespaceKinds.Cgroup | _plan.Unshare);
        }
    }

    // 5., 6.
    private void BuildRoot(ContainerSpec container)
    {
        var root = new RootFilesystem(container, _plan.Root!, _plan.Sources, _plan.UserNamespace, _plan.Owners);
        _step = "open mount sources";
        root.TakeSources();

        _step = "attach root";
        root.AttachRoot(_plan.Staging);

        _step = "mount";
        root.AttachMounts();

        _step = "make devices";
        DeviceTree.Fill(container, root.Tree, _plan.Owners);

        if (_process.Tty)
        {
            _step = "open terminal";
            (Fd leader, _terminal) = DeviceTree.OpenConsole(root.Tree);
            if (_process.TerminalSize is { } size)
            {
                PseudoTerminals.SetSize(leader, (ushort)size.Columns, (ushort)size.Rows);
            }

            SetupChannel.SendTerminal(_channel, leader);
            leader.Dispose();
        }

        _step = "hide paths";
        root.HidePaths();

        _step = "pivot root";
        root.Pivot();
    }

    // 7.
    private void SetLimits()
    {
        foreach (Rlimit limit in _process.Rlimits)
        {
            try
            {
                ResourceLimits.Set(limit.Resource, limit.Soft, limit.Hard);
            }
            catch (LinuxException refused) when (refused.Errno == Errno.EPERM)
            {
                // Without CAP_SYS_RESOURCE the hard limit cannot be raised: as much as is allowed.
                (_, ulong hard) = ResourceLimits.Get(limit.Resource);
                ResourceLimits.Set(limit.Resource, Math.Min(limit.Soft, hard), Math.Min(limit.Hard, hard));
            }
        }
    }

    // 8.
    private void SetStreams()
    {
        for (int stream = 0; stream < 3; stream++)
        {
            Fd? file = _terminal ?? _plan.Streams[stream];
            if (file is null)
            {
                // Inherited: /dev/null.
                continue;
            }

            FileTree.DuplicateTo(file, stream);
            uint owner = _plan.Owners?.Users.ToOutside(_process.Uid) ?? _process.Uid;
            if (owner != 0)
            {
                // So that the user can open /dev/stdout and relatives.
                try
                {
                    FileTree.SetOwner(file, owner, Unchanged);
                }
                catch (LinuxException refused) when (refused.Errno is Errno.EPERM or Errno.EINVAL or Errno.EROFS)
                {
                    // Sockets and read-only places keep their owner; only /dev/stdout is the poorer for it.
                }
            }
        }
    }

    // 9.
    private void JoinUserNamespace()
    {
        if (_plan.UserNamespace is null)
        {
            return;
        }

        Namespaces.Enter(_plan.UserNamespace, NamespaceKinds.User);
        Credentials.SetUserAndGroup(0, 0);
        if (_plan.Container is not null)
        {
            // The root was built with the host's rights, in a mount namespace that belongs to the host. This copy of it belongs to the pod's
            // root, to whom the kernel locks every mount made so far: none can be taken away to look below it.
            Namespaces.Unshare(NamespaceKinds.Mount | NamespaceKinds.Cgroup);
        }
    }

    // 10.
    private bool TryEnterWorkingDirectory()
    {
        try
        {
            EnterWorkingDirectory();
            return true;
        }
        catch (LinuxException refused) when (refused.Errno == Errno.EACCES && _process.Uid != 0)
        {
            return false;
        }
    }

    private void EnterWorkingDirectory()
    {
        string path = _process.WorkingDir.Length == 0 ? "/" : _process.WorkingDir;
        using Fd root = FileTree.Open("/", OpenFlags.Path | OpenFlags.Directory);
        var tree = new RootTree(root);
        try
        {
            // Never through a magic link: /proc/self/fd/7 could be a directory of the host.
            using Fd directory = _plan.Container is null
                ? tree.TryOpen(path) ?? throw new LinuxException("chdir(2)", path, Errno.ENOENT)
                : tree.OpenOrCreate(path, directory: true);
            FileTree.ChangeDirectory(directory, path);
        }
        catch (LinuxException refused) when (refused.Errno is Errno.ELOOP or Errno.ENOTDIR or Errno.ENOENT or Errno.EEXIST)
        {
            throw new SandboxFailureException(_step, path, refused.Errno, $"working directory \"{path}\": {refused.Errno.Describe()}");
        }

        string reached = FileTree.WorkingDirectory();
        if (!reached.StartsWith('/'))
        {
            throw new SandboxFailureException(_step, path, Errno.None, $"working directory \"{path}\" is outside the container's root");
        }
    }

    // 12.
    private void SetIdentity()
    {
        Capabilities wanted = _process.Capabilities ?? new Capabilities();

        // What this process was not given itself it cannot pass on.
        ulong available = Credentials.ReadBoundingSet();
        ulong permitted = wanted.Permitted & available;
        ulong ambient = wanted.Ambient & permitted;

        Credentials.LimitBoundingSet(wanted.Bounding);
        ProcessControl.SetKeepCapabilities(true);
        Credentials.SetGroups([.. _process.AdditionalGids]);
        Credentials.SetUserAndGroup(_process.Uid, _process.Gid);
        ProcessControl.SetKeepCapabilities(false);

        // Inheritable capabilities would be handed to programs with file capabilities; the kernel wants them for ambient ones.
        Credentials.SetCapabilities(wanted.Effective & permitted, permitted, ambient);
        Credentials.SetAmbient(ambient);
        if (_process.NoNewPrivileges)
        {
            ProcessControl.SetNoNewPrivileges();
        }
    }

    // 14.
    private string FindProgram()
    {
        if (_process.Args.Count == 0)
        {
            throw new SandboxFailureException(_step, "", Errno.None, "no command is given");
        }

        string program = _process.Args[0];
        string? found = ExecutableSearch.Find(_plan.Candidates, out string? forbidden);
        if (found is not null)
        {
            return found;
        }

        throw forbidden is not null
            ? new SandboxFailureException(_step, program, Errno.EACCES, $"file \"{forbidden}\" is not executable for user {_process.Uid}")
            : new SandboxFailureException(
                _step, program, Errno.ENOENT, $"executable file \"{program}\" not found in the container{(program.Contains('/') ? "" : "'s PATH")}");
    }

    // 15.
    private void Execute(string path)
    {
        ProcessControl.SetFileModeMask(_process.HasUmask ? _process.Umask : DefaultUmask);
        ProcessControl.CloseOnExecuteFrom(3);
        SetupChannel.SendReady(_channel);
        SignalMask.ResetDispositions();
        SignalMask.Set(0);
        Errno errno = ProcessControl.Execute(path, _plan.Arguments, _plan.Environment);
        string why = errno switch
        {
            Errno.ENOENT => $"\"{path}\" names an interpreter or loader for which there is no such file in the container",
            Errno.ENOEXEC => $"\"{path}\" is not in a format that the kernel can execute",
            Errno.EACCES => $"\"{path}\" may not be executed by user {_process.Uid}",
            _ => $"cannot execute \"{path}\": {errno.Describe()}",
        };
        throw new SandboxFailureException(_step, path, errno, why);
    }
}
