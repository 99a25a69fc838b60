using System.Diagnostics;
using PodAgent.Linux.Mounting;
using PodAgent.Linux.Probing;

namespace PodAgent.RootTests.Probing;

/// <summary>Every probe is tried on this kernel, which runs pods, so whatever every pod needs must be found; and nothing may be left.</summary>
public sealed class MachineProbesTests
{
    [Fact]
    public void Run_OnAMachineThatRunsPods_MissesNothingAndLeavesNothing()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("podagent-probes-");
        try
        {
            Probe[] probes =
            [
                .. MachineProbes.Kernel,
                .. new MountProbes(Path.Combine(root.FullName, "not", "yet")).All,
                .. NetworkProbes.All,
                .. LibraryProbes.All,
            ];
            string[] mounts = Mounts();

            ProbeResult[] results = [.. probes.Select(probe => probe.Run())];

            Assert.DoesNotContain(results, result => result.Level == ProbeLevel.Missing);
            Assert.Contains(results, result => result is { Name: "user", Level: ProbeLevel.Ok });
            Assert.Contains(results, result => result is { Name: "overlay", Level: ProbeLevel.Ok });
            Assert.Contains(results, result => result is { Name: "masquerade", Level: ProbeLevel.Ok });
            Assert.Empty(root.EnumerateFileSystemInfos());
            Assert.Equal(mounts, Mounts());
            Assert.DoesNotContain(Directory.EnumerateDirectories("/sys/class/net"), link => Path.GetFileName(link).StartsWith("probe", StringComparison.Ordinal));
            Assert.Empty(Directory.EnumerateDirectories("/sys/fs/cgroup", $"podagent-probe-{Environment.ProcessId}-*", SearchOption.AllDirectories));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void Run_OverlayWhereNoDirectoryCanBeMade_IsMissing()
    {
        ProbeResult result = new MountProbes("/proc").All.Single(probe => probe.Name == "overlay").Run();

        Assert.Equal(ProbeLevel.Missing, result.Level);
        Assert.NotEmpty(result.Cost);
        Assert.NotEmpty(result.Remedy);
    }

    [Fact]
    public void RemoveAbandoned_GroupsOfProbes_GoWhenTheirProcessHasGone()
    {
        using Process ended = Process.Start("true");
        ended.WaitForExit();
        string hierarchy = MountPoint.List().First(mount => mount.Type is "cgroup" or "cgroup2").Path;
        string abandoned = Path.Combine(hierarchy, $"podagent-probe-{ended.Id}-{Guid.NewGuid():n}");
        string inUse = Path.Combine(hierarchy, $"podagent-probe-{Environment.ProcessId}-{Guid.NewGuid():n}");
        string other = Path.Combine(hierarchy, $"podagent-probe-{ended.Id}");
        string[] made = [abandoned, inUse, other];
        Array.ForEach(made, path => Directory.CreateDirectory(path));

        MachineProbes.RemoveAbandoned();
        string[] left = [.. made.Where(Directory.Exists)];

        Array.ForEach(left, Directory.Delete);
        Assert.Equal([inUse, other], left);
    }

    // Other tests mount too, below directories of their own.
    private static string[] Mounts() =>
        [.. MountPoint.List().Select(mount => mount.Path).Where(path => path.Contains("probe", StringComparison.Ordinal))];
}
