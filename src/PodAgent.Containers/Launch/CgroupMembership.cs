using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Launch;

/// <summary>
/// The cgroups that a child will start in, opened before it is cloned. On v2 the kernel puts it there at birth. On v1 the child writes
/// itself into each hierarchy as its first act: a single-threaded process that moves itself needs none of the global locks that make
/// moving another process slow.
/// </summary>
internal sealed class CgroupMembership : IDisposable
{
    private readonly List<Fd> _taskFiles = [];

    private CgroupMembership()
    {
    }

    /// <summary>In a child cloned ahead: the task files of the v1 hierarchies, as its parent has opened them.</summary>
    public CgroupMembership(IEnumerable<Fd> taskFiles) => _taskFiles.AddRange(taskFiles);

    /// <summary>For <see cref="Linux.Processes.ProcessCloning.Clone"/>; null without a v2 cgroup.</summary>
    public Fd? Unified { get; private set; }

    /// <summary>What a child writes itself into; empty on v2.</summary>
    public IReadOnlyList<Fd> TaskFiles => _taskFiles;

    /// <exception cref="LinuxException">A path is not a cgroup directory.</exception>
    public static CgroupMembership Open(IEnumerable<string> paths)
    {
        var membership = new CgroupMembership();
        try
        {
            foreach (string path in paths)
            {
                // Only v1 has the file.
                Fd opened = FileTree.TryOpen($"{path}/tasks", OpenFlags.WriteOnly | OpenFlags.NoFollow) ?? FileTree.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory);
                switch (FileTree.TypeOf(opened))
                {
                    case FileSystemType.Cgroup2 when membership.Unified is null:
                        membership.Unified = opened;
                        break;
                    case FileSystemType.Cgroup1:
                        membership._taskFiles.Add(opened);
                        break;
                    default:
                        opened.Dispose();
                        throw new LinuxException("cgroup", path, Errno.EINVAL);
                }
            }

            return membership;
        }
        catch
        {
            membership.Dispose();
            throw;
        }
    }

    /// <summary>In the child: enters the v1 hierarchies.</summary>
    /// <exception cref="LinuxException">The kernel refused, for example ENOSPC for a cpuset without processors.</exception>
    public void Join()
    {
        foreach (Fd tasks in _taskFiles)
        {
            FileData.WriteText(tasks, "0", "tasks");
        }
    }

    public void Dispose()
    {
        Unified?.Dispose();
        foreach (Fd tasks in _taskFiles)
        {
            tasks.Dispose();
        }
    }
}
