using System.Diagnostics.CodeAnalysis;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Launch;

/// <summary>
/// The pause process: a child without exec that owns the pod's namespaces. It has no capabilities, no descriptors and the tightest filter,
/// and waits for signals; as init of a shared PID namespace it reaps whatever is orphaned there. It ends with its parent.
///
///  1. join cgroups
///  2. join namespaces      those that were made ahead; it is born in the others
///  3. set host name        with a user namespace after its maps are written, which only the parent can
///  4. write sysctls        through the host's /proc, which shows the caller's own namespaces; with a user namespace first as the host's root,
///                          who owns those of IPC on older kernels, then as the namespace's root, who owns them on newer ones
///  5. detach               own session, name, death with the parent (a change of identity would undo it), signals to wait for; before all
///                          others in a process that was cloned ahead
///  6. drop privileges      capabilities, no_new_privs
///  7. install seccomp filter   after every other descriptor is closed; closing the channel under the filter is the report of success
///  8. wait
/// </summary>
internal static class PauseProcess
{
    // Blocked: none is lost between two waits.
    private static readonly ulong s_awaited =
        SignalMask.Of(SignalNumbers.SIGTERM) | SignalMask.Of(SignalNumbers.SIGINT) | SignalMask.Of(SignalNumbers.SIGCHLD);

    /// <summary>As a child that was cloned ahead, in namespaces of its own: does what needs no specification, waits for that, and goes on.</summary>
    [DoesNotReturn]
    public static void RunPrepared(Fd channel)
    {
        string step = "prepare";
        try
        {
            Detach();
            Credentials.LimitBoundingSet(0);
            CloseAllBut(channel);
            var descriptors = new List<Fd>();
            SandboxSpec spec = SandboxSpec.Parser.ParseFrom(SetupChannel.AwaitOrder(channel, descriptors));
            Run(spec, new CgroupMembership(descriptors), null, NamespaceKinds.None, channel, detached: true);
        }
        catch (Exception exception)
        {
            ChildProcess.TryReport(channel, step, exception);
        }

        ProcessControl.Exit(127);
    }

    /// <param name="spec">The pod.</param>
    /// <param name="cgroups">Where pause goes.</param>
    /// <param name="prepared">Namespaces made ahead.</param>
    /// <param name="join">Which of them it joins.</param>
    /// <param name="channel">The child's end.</param>
    /// <param name="detached">Whether step 5 has been done.</param>
    [DoesNotReturn]
    public static void Run(
        SandboxSpec spec, CgroupMembership cgroups, PreparedNamespaces? prepared, NamespaceKinds join, Fd channel, bool detached = false)
    {
        string step = "join cgroups";
        try
        {
            cgroups.Join();

            step = "join namespaces";
            prepared?.Enter(join);

            step = "set host name";
            if (spec.Users is null)
            {
                _ = OomScore.Write(spec.HasOomScoreAdj ? spec.OomScoreAdj : 0);
            }
            else
            {
                // The parent sets the score too: in here there is no right to lower it.
                ProcessControl.SetParentDeathSignal(SignalNumbers.SIGKILL);
                SetupChannel.AwaitGo(channel);
            }

            if (spec.Hostname.Length > 0 && spec.Namespaces is not { HostNetwork: true })
            {
                ProcessControl.SetHostName(spec.Hostname);
            }

            step = "write sysctls";
            var refused = new List<KeyValuePair<string, string>>();
            foreach (KeyValuePair<string, string> sysctl in spec.Sysctls)
            {
                if (!TryWriteSysctl(sysctl, spec.Users is not null))
                {
                    refused.Add(sysctl);
                }
            }

            if (spec.Users is not null)
            {
                Credentials.SetUserAndGroup(0, 0);
                refused.ForEach(sysctl => TryWriteSysctl(sysctl, mayBeRefused: false));
            }

            step = "detach";
            if (!detached)
            {
                Detach();
            }

            step = "drop privileges";
            Credentials.LimitBoundingSet(0);
            Credentials.SetCapabilities(0, 0, 0);
            ProcessControl.SetNoNewPrivileges();

            step = "install seccomp filter";
            byte[] filter = spec.PauseSeccomp.ToByteArray();
            CloseAllBut(channel);
            SetupChannel.SendReady(channel);
            if (filter.Length > 0)
            {
                SeccompMode.Install(filter);
            }

            channel.Dispose();
            Wait();
        }
        catch (Exception exception)
        {
            ChildProcess.TryReport(channel, step, exception);
        }

        ProcessControl.Exit(127);
    }

    private static void Detach()
    {
        ProcessControl.StartSession();
        ProcessControl.SetName("pause");
        ProcessControl.SetParentDeathSignal(SignalNumbers.SIGKILL);
        SignalMask.Set(s_awaited);
    }

    private static void CloseAllBut(Fd channel)
    {
        if (channel.Number > 0)
        {
            ProcessControl.CloseFrom(0, channel.Number - 1);
        }

        ProcessControl.CloseFrom(channel.Number + 1);
    }

    // No handler is installed: blocked signals are never discarded, not even for init, whose default action for SIGTERM is to ignore it.
    private static void Wait()
    {
        while (true)
        {
            if (SignalMask.Wait(s_awaited) != SignalNumbers.SIGCHLD)
            {
                ProcessControl.Exit(0);
            }

            while (Children.TryReapAny(out _))
            {
            }
        }
    }

    private static bool TryWriteSysctl(KeyValuePair<string, string> sysctl, bool mayBeRefused)
    {
        (string name, string value) = sysctl;
        // Either separator, as sysctl(8); a name made of plain components cannot leave /proc/sys.
        string[] parts = name.Split(name.Contains('/') ? '/' : '.');
        bool plain = parts.Length > 1 && parts.All(static part => part.Length > 0 && part is not ("." or "..")
            && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':'));
        if (!plain || value.Contains('\n') || value.Contains('\0'))
        {
            throw new SandboxFailureException("write sysctls", name, Errno.EINVAL, $"sysctl \"{name}\" is not a valid setting");
        }

        try
        {
            FileData.WriteText($"/proc/sys/{string.Join('/', parts)}", value);
            return true;
        }
        catch (LinuxException refused) when (mayBeRefused && refused.Errno is Errno.EACCES or Errno.EPERM)
        {
            return false;
        }
    }
}
