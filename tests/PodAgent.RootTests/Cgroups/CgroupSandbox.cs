using System.Diagnostics;
using System.Globalization;
using PodAgent.Containers.Cgroups;

namespace PodAgent.RootTests.Cgroups;

/// <summary>A parent cgroup of this test's own, and the processes it put there; both are gone afterwards.</summary>
public sealed class CgroupSandbox : IDisposable
{
    private readonly List<Process> _processes = [];

    public CgroupSandbox(string sysFsCgroup = "/sys/fs/cgroup")
    {
        Host = CgroupHost.Detect(sysFsCgroup, $"podagent-test-{Guid.NewGuid():n}");
        Parent = Host.Open(Host.Parent);
    }

    public CgroupHost Host { get; }

    public Cgroup Parent { get; }

    public Cgroup Open(string name) => Host.Open($"{Host.Parent}/{name}");

    /// <summary>The directory of a cgroup in the hierarchy of a controller; on v2 the only one.</summary>
    public string Directory(Cgroup cgroup, string controller) =>
        cgroup.Paths.Count == 1 ? cgroup.Paths[0] : cgroup.Paths.Single(p => p.StartsWith($"/sys/fs/cgroup/{controller}/", StringComparison.Ordinal));

    public string Read(Cgroup cgroup, string controller, string file) => File.ReadAllText($"{Directory(cgroup, controller)}/{file}").Trim();

    /// <summary>A shell that joins the cgroup, by `tasks` as pod-sandbox does, and then runs a script.</summary>
    public Process Run(Cgroup cgroup, string script)
    {
        string joins = string.Concat(cgroup.Paths.Select(p => $"echo $$ > {p}/{(Host.Version == 2 ? "cgroup.procs" : "tasks")} || exit 99\n"));
        var start = new ProcessStartInfo("/bin/sh", ["-c", joins + "echo joined\n" + script]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        Process process = Process.Start(start)!;
        _processes.Add(process);
        Assert.Equal("joined", process.StandardOutput.ReadLine());
        return process;
    }

    public static char State(int pid)
    {
        string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
        return stat[stat.LastIndexOf(')') + 2];
    }

    public void Dispose()
    {
        Parent.Remove();
        foreach (Process process in _processes)
        {
            process.WaitForExit();
            process.Dispose();
        }

        Assert.False(Parent.Exists);
    }
}
