using System.Globalization;
using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Containers.Specs;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// A directory below a container's control group that holds one exec. On cgroup v2 it is a group without controllers, so that limits and
/// accounting stay the container's; on v1 it exists in one hierarchy only, for the same reason and because each directory costs time.
/// </summary>
internal sealed class ExecCgroup : ICgroup
{
    private const int MaxRounds = 1000;
    private readonly string _directory;

    private ExecCgroup(string path, string directory, IReadOnlyList<string> hostPaths) => (Path, _directory, HostPaths) = (path, directory, hostPaths);

    public string Path { get; }

    public IReadOnlyList<string> HostPaths { get; }

    public bool Exists => Directory.Exists(_directory);

    public bool HasProcesses => Processes().Count > 0;

    public static ExecCgroup Create(string containerPath, IReadOnlyList<string> containerPaths, string execId)
    {
        string name = $"exec-{execId}";

        // In cpuset a new directory cannot take processes before it is given processors; pids has no such condition.
        string parent = containerPaths.FirstOrDefault(path => path.Contains("/pids/", StringComparison.Ordinal)) ?? containerPaths[^1];
        string directory = $"{parent}/{name}";
        Directory.CreateDirectory(directory);
        return new ExecCgroup($"{containerPath}/{name}", directory, [.. containerPaths.Select(path => path == parent ? directory : path)]);
    }

    public IReadOnlyList<int> Processes()
    {
        try
        {
            return [.. File.ReadLines($"{_directory}/cgroup.procs")
                .Select(line => int.Parse(line, NumberStyles.None, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    public void Create(CgroupResources? resources) => throw new NotSupportedException();

    public Task RegisterAsync(int process, CgroupResources? resources) => throw new NotSupportedException();

    public void Update(CgroupResources resources) => throw new NotSupportedException();

    public CgroupUsage ReadUsage() => throw new NotSupportedException();

    public ICgroup CreateExec(string execId) => throw new NotSupportedException();

    // A process may fork between the reading of the list and its signal: the rounds end when a list is empty, or holds only what is dying.
    public void Kill()
    {
        var signalled = new HashSet<int>();
        for (int round = 0; round < MaxRounds; round++)
        {
            List<int> fresh = [.. Processes().Where(pid => !signalled.Contains(pid))];
            if (fresh.Count == 0)
            {
                return;
            }

            foreach (int pid in fresh)
            {
                using Fd? process = PidFds.TryOpen(pid);

                // The number may have been given to a stranger since the list was read; the descriptor cannot.
                if (process is not null && Processes().Contains(pid))
                {
                    PidFds.Signal(process, SignalNames.Kill);
                }

                signalled.Add(pid);
            }
        }
    }

    public void Remove()
    {
        try
        {
            Directory.Delete(_directory);
        }
        catch (DirectoryNotFoundException)
        {
            // With its container, meanwhile.
        }
    }
}
