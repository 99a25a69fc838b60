using System.Collections.Concurrent;
using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>Control groups that are names in a dictionary.</summary>
internal sealed class FakeCgroups : ICgroups
{
    private Exception? _updateFailure;

    public ConcurrentDictionary<string, CgroupResources?> Existing { get; } = new();

    public ConcurrentDictionary<string, bool> WithProcesses { get; } = new();

    public ConcurrentQueue<string> Killed { get; } = new();

    public Exception? CreateFailure { get; set; }

    public Exception? RegisterFailure { get; set; }

    public ConcurrentQueue<(string Path, int Process, CgroupResources? Resources)> Registered { get; } = new();

    // What SIGKILL to a group means to the processes in it.
    public Action<string>? OnKill { get; set; }

    // As on cgroup v2; null on v1.
    public PressureStats? Pressure { get; set; }

    // The next update fails; those after it do not.
    public Exception? UpdateFailure
    {
        set => _updateFailure = value;
    }

    public ConcurrentQueue<(string Path, CgroupResources Resources)> Updates { get; } = new();

    public int Version => 1;

    public ICgroup Open(string path) => new FakeCgroup(this, path);

    public IReadOnlyList<string> Children(string path) =>
        [.. Existing.Keys.Where(key => key.StartsWith(path + "/", StringComparison.Ordinal)).Select(key => key[(path.Length + 1)..].Split('/')[0]).Distinct()];

    private sealed class FakeCgroup(FakeCgroups owner, string path) : ICgroup
    {
        public string Path => path;

        public IReadOnlyList<string> HostPaths => [$"/cg/{path}"];

        public bool Exists => owner.Existing.ContainsKey(path);

        public bool HasProcesses => owner.WithProcesses.ContainsKey(path);

        public IReadOnlyList<int> Processes() => HasProcesses ? [4321] : [];

        public void Create(CgroupResources? resources)
        {
            if (owner.CreateFailure is not null)
            {
                throw owner.CreateFailure;
            }

            owner.Existing[path] = resources;
        }

        public Task RegisterAsync(int process, CgroupResources? resources)
        {
            owner.Registered.Enqueue((path, process, resources));
            return owner.RegisterFailure is null ? Task.CompletedTask : Task.FromException(owner.RegisterFailure);
        }

        public void Update(CgroupResources resources)
        {
            owner.Updates.Enqueue((path, resources));
            if (Interlocked.Exchange(ref owner._updateFailure, null) is { } failure)
            {
                throw failure;
            }

            owner.Existing[path] = resources;
        }

        public void Kill()
        {
            owner.Killed.Enqueue(path);
            owner.WithProcesses.TryRemove(path, out _);
            owner.OnKill?.Invoke(path);
        }

        public void Remove()
        {
            foreach (string key in owner.Existing.Keys.Where(key => key == path || key.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
            {
                owner.Existing.TryRemove(key, out _);
            }
        }

        public CgroupUsage ReadUsage() => new()
        {
            Timestamp = 42,
            CpuNanoseconds = 7,
            MemoryBytes = 100,
            WorkingSetBytes = 60,
            MemoryLimitBytes = 200,
            SwapBytes = 10,
            SwapAvailableBytes = 90,
            Pressure = owner.Pressure,
            Stats = new CgroupStats(new CpuStats(7_000_000_000, 4_000_000_000, 3_000_000_000, 5, 2, 1_000_000_000), null, new PidsStats(3, 100), [new IoStats(8, 0, 1, 2, 3, 4)], owner.Pressure),
        };

        public ICgroup CreateExec(string execId)
        {
            ICgroup child = owner.Open($"{path}/exec-{execId}");
            child.Create(null);
            return child;
        }
    }
}
