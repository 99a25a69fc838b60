using System.Collections.Concurrent;
using PodAgent.Containers.Cgroups;
using PodAgent.Cri.Ports;

namespace PodAgent.Cri.Tests.Fakes;

/// <summary>Control groups that are names in a dictionary.</summary>
internal sealed class FakeCgroups : ICgroups
{
    public ConcurrentDictionary<string, CgroupResources?> Existing { get; } = new();

    public ConcurrentDictionary<string, bool> WithProcesses { get; } = new();

    public ConcurrentQueue<string> Killed { get; } = new();

    public Exception? CreateFailure { get; set; }

    // What SIGKILL to a group means to the processes in it.
    public Action<string>? OnKill { get; set; }

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

        public void Create(CgroupResources? resources)
        {
            if (owner.CreateFailure is not null)
            {
                throw owner.CreateFailure;
            }

            owner.Existing[path] = resources;
        }

        public void Update(CgroupResources resources) => owner.Existing[path] = resources;

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

        public CgroupUsage ReadUsage() => new() { Timestamp = 42, CpuNanoseconds = 7, MemoryBytes = 100, WorkingSetBytes = 60, MemoryLimitBytes = 200 };

        public ICgroup CreateExec(string execId)
        {
            ICgroup child = owner.Open($"{path}/exec-{execId}");
            child.Create(null);
            return child;
        }
    }
}
