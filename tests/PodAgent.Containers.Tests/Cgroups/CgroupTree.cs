using PodAgent.Containers.Cgroups;

namespace PodAgent.Containers.Tests.Cgroups;

/// <summary>A directory with plain files in the place of a cgroup file system.</summary>
public sealed class CgroupTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("cgroups-").FullName;

    /// <summary>v1, one mount per controller list ("cpu,cpuacct" is co-mounted).</summary>
    public CgroupHost Legacy(params string[] mounts) =>
        CgroupHost.ForLegacy(mounts.ToDictionary(m => Make(m), m => (IReadOnlyList<string>)m.Split(',')));

    public CgroupHost Unified(string controllers)
    {
        File("cgroup.controllers", controllers);
        File("cgroup.subtree_control");
        return CgroupHost.ForUnified(Root);
    }

    /// <summary>A v2 cgroup whose controllers are already handed down.</summary>
    public void UnifiedGroup(string path, string controllers, params string[] files)
    {
        File($"{path}/cgroup.controllers", controllers);
        File($"{path}/cgroup.subtree_control", controllers);
        foreach (string file in files)
        {
            File($"{path}/{file}");
        }
    }

    public string Make(string path)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(full);
        return full;
    }

    public void File(string path, string content = "")
    {
        Make(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(Path.Combine(Root, path), content);
    }

    public string Read(string path) => System.IO.File.ReadAllText(Path.Combine(Root, path));

    public bool Has(string path) => Directory.Exists(Path.Combine(Root, path));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
