using System.Globalization;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Cgroups;

/// <summary>
/// One control group, whatever the version: a directory on cgroup v2, one per hierarchy on v1. The object holds no state of its own, so
/// that any number of them may stand for the same cgroup, also after a restart of the agent.
/// </summary>
public abstract class Cgroup
{
    private protected Cgroup(string name, TimeSpan removalTimeout, TimeProvider time)
    {
        Name = name;
        RemovalTimeout = removalTimeout;
        Time = time;
    }

    /// <summary>Path below the mount points, without a leading slash.</summary>
    public string Name { get; }

    /// <summary>Whether it is a slice or scope of systemd.</summary>
    public virtual bool IsUnit => false;

    /// <summary>Absolute host paths that a process has to join.</summary>
    public abstract IReadOnlyList<string> Paths { get; }

    /// <summary>It exists in at least one hierarchy.</summary>
    public bool Exists => Paths.Any(Directory.Exists);

    /// <summary>A process lives in it or below.</summary>
    public abstract bool HasProcesses { get; }

    /// <summary>Processes of this cgroup, or below it, have been killed for lack of memory.</summary>
    public bool OomKilled => OomKills > 0;

    /// <summary>How many processes have been killed for lack of memory; 0 also when the cgroup or the memory controller is not there.</summary>
    public abstract ulong OomKills { get; }

    private protected TimeSpan RemovalTimeout { get; }

    private protected TimeProvider Time { get; }

    /// <summary>
    /// Makes the cgroup and its missing ancestors, and limits it before a process can join. An existing one is taken over. When a step
    /// fails, whatever was made is removed again.
    /// </summary>
    /// <exception cref="AgentException">A limit is not valid, or its controller is not available.</exception>
    /// <exception cref="LinuxException">The kernel refuses a directory.</exception>
    public virtual void Create(CgroupResources? resources = null)
    {
        var made = new List<string>();
        try
        {
            Make(made);
            if (resources is not null)
            {
                Limit(resources);
            }
        }
        catch
        {
            for (int i = made.Count - 1; i >= 0; i--)
            {
                _ = ControlFiles.TryRemoveDirectory(made[i]);
            }

            throw;
        }
    }

    /// <summary>
    /// Makes a cgroup directly below this one that shares its limits and only tells some of its processes apart, for example those of one
    /// exec. Possible while processes run here: no controller is handed down. The subgroup must not get limits of its own.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public abstract Cgroup CreateSubgroup(string name);

    /// <summary>Changes the limits that are given, and leaves the others.</summary>
    /// <exception cref="AgentException">A limit is not valid, or its controller is not available.</exception>
    public virtual void Update(CgroupResources resources) => Limit(resources);

    /// <summary>
    /// Makes the cgroup known to the service manager, where that is in charge of it, when its first process is in it: there is no unit without
    /// one. The limits are told along; devices and what systemd has no property for are not. A cgroup that is known already stays as it is.
    /// </summary>
    /// <param name="process">A process of this cgroup.</param>
    /// <param name="resources">The limits in force.</param>
    /// <exception cref="AgentException">The service manager cannot be reached or refuses.</exception>
    public virtual void Register(int process, CgroupResources? resources)
    {
    }

    /// <summary>Kills every process of the cgroup and below, also those that are just being forked. Does not wait for their end.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public abstract void Kill();

    /// <summary>
    /// Removes the cgroup and everything below, and kills what is left in it. One that does not exist, or that another removes at the same
    /// time, is no error; ancestors stay.
    /// </summary>
    /// <exception cref="AgentException">Unavailable: a process does not end within <see cref="CgroupHost.RemovalTimeout"/>.</exception>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public abstract void Remove();

    /// <summary>The processes of the cgroup and below, in the agent's PID namespace.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public abstract IReadOnlyList<int> Processes();

    /// <summary>What has been used so far.</summary>
    /// <exception cref="AgentException">NotFound: the cgroup does not exist.</exception>
    public abstract CgroupStats ReadStats();

    /// <summary>Stops every process until <see cref="Thaw"/>, and returns when they stand still.</summary>
    /// <exception cref="AgentException">The freezer is not available, or a process cannot be stopped in time.</exception>
    public abstract void Freeze();

    /// <summary>Lets the processes go on.</summary>
    /// <exception cref="AgentException">The freezer is not available.</exception>
    public abstract void Thaw();

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The directory and everything below, innermost first; what vanishes meanwhile is left out.</summary>
    private protected static List<string> Tree(string directory)
    {
        var found = new List<string>();
        Collect(directory, found);
        return found;

        static void Collect(string current, List<string> into)
        {
            try
            {
                foreach (string child in Directory.EnumerateDirectories(current))
                {
                    Collect(child, into);
                }
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }

            into.Add(current);
        }
    }

    private protected static void ReadProcesses(string directory, ISet<int> into)
    {
        foreach (ReadOnlySpan<char> line in ControlFiles.TryRead(directory + "/cgroup.procs").AsSpan().EnumerateLines())
        {
            // 0: a process of another PID namespace, which has no number here.
            if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0)
            {
                into.Add(pid);
            }
        }
    }

    private protected AgentException NotFound() => new(ErrorKind.NotFound, $"cgroup \"{Name}\" does not exist");

    private protected AgentException StillInUse()
    {
        IReadOnlyList<int> left = Processes();
        string cause = left.Count == 0 ? "it is still in use" : $"processes {string.Join(", ", left.Take(10))} do not end";
        return new AgentException(ErrorKind.Unavailable, $"cannot remove cgroup \"{Name}\": {cause}");
    }

    /// <summary>Writes the limits that are given, and leaves the others.</summary>
    private protected abstract void Limit(CgroupResources resources);

    /// <summary>Makes the directories that are missing, and tells which.</summary>
    private protected abstract void Make(List<string> made);
}
