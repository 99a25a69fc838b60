using System.Globalization;
using PodAgent.Api.V1;
using PodAgent.Cri.Stores;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Processes;

/// <summary>
/// ListProcesses. The processes are those of the control groups, and what is told about them comes from the node's /proc: a container's own
/// <c>ps</c> would be a program of the image run on the node's behalf (CVE-2022-1227).
/// </summary>
internal sealed class ListProcesses(CriContext runtime)
{
    public ListProcessesResponse Invoke(ListProcessesRequest request)
    {
        if (request.PodSandboxId.Length > 0 == request.ContainerId.Length > 0)
        {
            throw new AgentException(ErrorKind.InvalidArgument, "exactly one of pod_sandbox_id and container_id is required");
        }

        long bootTime = ProcessRecord.BootTime();
        var response = new ListProcessesResponse();
        if (request.ContainerId.Length > 0)
        {
            Add(response, runtime.Containers.Get(request.ContainerId).Record, bootTime);
            return response;
        }

        SandboxRecord sandbox = runtime.Sandboxes.Get(request.PodSandboxId).Record;
        if (sandbox.PausePid > 0 && ProcessRecord.TryRead(sandbox.PausePid) is { } pause)
        {
            response.Processes.Add(Describe(pause, "", User(pause.Uid), bootTime));
        }

        foreach (ContainerRecord container in runtime.Containers.Of(sandbox.Id).Select(entry => entry.Record).OrderBy(record => record.CreatedAt))
        {
            Add(response, container, bootTime);
        }

        return response;
    }

    private void Add(ListProcessesResponse response, ContainerRecord container, long bootTime)
    {
        // Every hierarchy has all of them; execs are in groups below.
        if (runtime.Ports.Cgroups.Open(container.Cgroup).HostPaths is [var directory, ..])
        {
            response.Processes.Add(Members(directory)
                .Order()
                .Select(ProcessRecord.TryRead)
                .OfType<ProcessRecord>()
                .Select(process => Describe(process, container.Id, User(container, process.Uid), bootTime)));
        }
    }

    private static ContainerProcess Describe(ProcessRecord process, string container, string user, long bootTime) => new()
    {
        ContainerId = container,
        Pid = process.Pid,
        PidInContainer = process.InnermostPid,
        ParentPid = process.ParentPid,
        Uid = process.Uid,
        User = user,
        State = process.State.ToString(),
        Threads = process.Threads,
        CpuNanoseconds = process.CpuNanoseconds,
        RssBytes = process.RssBytes,
        StartedAt = bootTime + process.StartedAfterBoot,
        Name = process.Name,
        Command = { process.Command },
    };

    private static string User(ContainerRecord container, uint uid) =>
        container.UserName.Length > 0 && container.Spec.Process.Uid == uid ? container.UserName : User(uid);

    private static string User(uint uid) => uid == 0 ? "root" : uid.ToString(CultureInfo.InvariantCulture);

    private static HashSet<int> Members(string directory)
    {
        var members = new HashSet<int>();
        Collect(directory, members);
        return members;
    }

    private static void Collect(string directory, HashSet<int> into)
    {
        foreach (ReadOnlySpan<char> line in ControlFiles.TryRead(directory + "/cgroup.procs").AsSpan().EnumerateLines())
        {
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0)
            {
                into.Add(pid);
            }
        }

        try
        {
            foreach (string below in Directory.EnumerateDirectories(directory))
            {
                Collect(below, into);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // The container has just ended.
        }
    }
}
