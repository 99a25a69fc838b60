using System.Diagnostics;
using PodAgent.Containers.Cgroups;
using PodAgent.Containers.Specs;
using PodAgent.Linux;
using PodAgent.Linux.Cgroups;

namespace PodAgent.RootTests.Cgroups;

/// <summary>
/// What every version 2 hierarchy does, also the one beside version 1 that has no controllers: processes, killing, freezing,
/// notification, devices.
/// </summary>
[Trait("Needs", "cgroup-unified")]
public sealed class CgroupV2Tests : IDisposable
{
    private readonly CgroupSandbox _sandbox = new(Hybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup");

    private static bool Hybrid => Directory.Exists("/sys/fs/cgroup/unified");

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public void Remove_ForkingProcesses_LeavesNone()
    {
        Cgroup cgroup = _sandbox.Open("pod1/c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "echo; n=0; while [ $n -lt 50 ]; do (while :; do /bin/true; done) & n=$((n+1)); done; wait");
        Assert.Equal("", process.StandardOutput.ReadLine());
        Assert.Contains(process.Id, cgroup.Processes());
        Assert.True(cgroup.HasProcesses);

        _sandbox.Open("pod1").Remove();
        process.WaitForExit();

        Assert.Equal(128 + 9, process.ExitCode);
        Assert.False(cgroup.Exists);
    }

    [Fact]
    public async Task Freeze_RunningProcess_StandsStillUntilThaw()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "while read line; do echo $line; done");

        cgroup.Freeze();
        process.StandardInput.WriteLine("hello");
        Task<string?> answer = process.StandardOutput.ReadLineAsync();
        Assert.Contains("frozen 1", _sandbox.Read(cgroup, "", "cgroup.events"), StringComparison.Ordinal);
        Assert.False(answer.IsCompleted);

        cgroup.Thaw();
        Assert.Equal("hello", await answer);
    }

    [Fact]
    public void Remove_FrozenProcess_EndsIt()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "exec sleep 1000");
        cgroup.Freeze();

        cgroup.Remove();
        process.WaitForExit();

        Assert.Equal(128 + 9, process.ExitCode);
    }

    [Fact]
    public void CreateSubgroup_RunningContainer_TakesTheExecsProcesses()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process main = _sandbox.Run(cgroup, "read line; echo alive");
        Cgroup exec = cgroup.CreateSubgroup("exec1");
        Process inside = _sandbox.Run(exec, "exec sleep 1000");
        Assert.Equal(new[] { main.Id, inside.Id }.Order(), cgroup.Processes());

        exec.Remove();
        inside.WaitForExit();
        main.StandardInput.WriteLine();

        Assert.Equal("alive", main.StandardOutput.ReadLine());
    }

    [Fact]
    [Trait("Needs", "cgroup-hybrid")]
    public void Create_ControllerThatTheHierarchyLacks_IsNamedAndUndone()
    {
        Cgroup cgroup = _sandbox.Open("c1");

        AgentException e = Assert.Throws<AgentException>(() => cgroup.Create(new CgroupResources { MemoryLimit = 1 << 20 }));

        Assert.Equal($"cannot set memory limits of cgroup \"{cgroup.Name}\": the memory controller is not available", e.Message);
        Assert.False(_sandbox.Parent.Exists);
    }

    [Fact]
    public void Create_BelowThreadedCgroup_IsRefused()
    {
        Cgroup parent = _sandbox.Open("threads");
        parent.Create();
        Cgroup thread = parent.CreateSubgroup("t1");
        File.WriteAllText(thread.Paths[0] + "/cgroup.type", "threaded");

        AgentException e = Assert.Throws<AgentException>(() => _sandbox.Open("threads/c1").Create());

        Assert.Contains("threaded subtree", e.Message, StringComparison.Ordinal);
        Assert.False(_sandbox.Open("threads/c1").Exists);
    }

    [Fact]
    public void Update_DeviceRules_AreEnforcedAndReplaced()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create(new CgroupResources { Devices = DefaultSpec.DeviceRules([], privileged: false) });
        const string Script = "echo ok > /dev/null && echo null; (: < /dev/kmsg) 2>/dev/null && echo kmsg; true";
        Process before = _sandbox.Run(cgroup, Script);
        Assert.Equal("null\n", before.StandardOutput.ReadToEnd());
        Assert.Equal(1, CgroupDevicePrograms.Count(cgroup.Paths[0]));

        cgroup.Update(new CgroupResources { Devices = DefaultSpec.DeviceRules([], privileged: true) });

        Process after = _sandbox.Run(cgroup, Script);
        Assert.Equal("null\nkmsg\n", after.StandardOutput.ReadToEnd());
        Assert.Equal(1, CgroupDevicePrograms.Count(cgroup.Paths[0]));
    }

    [Fact]
    public void ReadStats_Process_HasCpuTimeAndPressure()
    {
        Cgroup cgroup = _sandbox.Open("c1");
        cgroup.Create();
        Process process = _sandbox.Run(cgroup, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo counted; read line");
        Assert.Equal("counted", process.StandardOutput.ReadLine());

        CgroupStats stats = cgroup.ReadStats();

        Assert.True(stats.Cpu!.UsageNanoseconds > 0);
        Assert.Equal(Hybrid, stats.Memory is null);
        Assert.NotNull(stats.Pressure?.Cpu);
    }
}
