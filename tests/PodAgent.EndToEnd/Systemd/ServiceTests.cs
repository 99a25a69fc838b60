using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Systemd;

/// <summary>The agent as a service of systemd: its notifications, and pods that outlive it.</summary>
[Trait("Needs", "systemd")]
public sealed class ServiceTests : IAsyncLifetime
{
    private readonly ServiceFixture _service = new();

    public async Task InitializeAsync()
    {
        await _service.InitializeAsync();
        // SIGABRT, which the watchdog sends, waits for a stopped process to go on; SIGKILL does not.
        await _service.OverrideAsync("WatchdogSec=3\nTimeoutAbortSec=1\nRestartSec=100ms");
    }

    public Task DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Start_Returns_WhenTheSocketAnswers()
    {
        await _service.SystemctlAsync("start", _service.Unit);

        Assert.Equal("active", await _service.PropertyAsync("ActiveState"));
        (await _service.PodctlAsync("get", "pods")).Succeeded();
        Assert.Equal("3s", await _service.PropertyAsync("WatchdogUSec"));
    }

    [Fact]
    public async Task Restart_RunningPod_GoesOnInTheSameProcess()
    {
        await _service.SystemctlAsync("start", _service.Unit);
        string process = await RunAsync("stays");
        string agent = await _service.PropertyAsync("MainPID");

        await _service.SystemctlAsync("restart", _service.Unit);

        Assert.NotEqual(agent, await _service.PropertyAsync("MainPID"));
        Assert.Equal(process, await ProcessAsync("stays"));
        Assert.Equal("0", await _service.PropertyAsync("NRestarts"));
    }

    [Fact]
    public async Task Stop_RunningPod_GoesOnAndIsTakenOverAtTheNextStart()
    {
        await _service.SystemctlAsync("start", _service.Unit);
        string process = await RunAsync("outlives");

        await _service.SystemctlAsync("stop", _service.Unit);

        Assert.Equal("inactive", await _service.PropertyAsync("ActiveState"));
        Assert.Equal("success", await _service.PropertyAsync("Result"));
        Assert.True(Directory.Exists($"/proc/{process}"));
        string scope = ScopeOf(process);
        Assert.Equal("active", await Units.ShowOneAsync(scope, "ActiveState"));

        await _service.SystemctlAsync("start", _service.Unit);
        Assert.Equal(process, await ProcessAsync("outlives"));
        Assert.Equal(["active", "podagent_unit.slice"], [await Units.ShowOneAsync(scope, "ActiveState"), (await Units.ShowOneAsync(scope, "ControlGroup")).Split('/')[1]]);
    }

    [Fact]
    public async Task Kill_Agent_IsReplacedAndThePodGoesOn()
    {
        await _service.SystemctlAsync("start", _service.Unit);
        string process = await RunAsync("survives");
        string agent = await _service.PropertyAsync("MainPID");

        await _service.SystemctlAsync("kill", "--kill-who=main", "-s", "KILL", _service.Unit);

        await UntilReplacedAsync(agent);
        Assert.Equal(process, await ProcessAsync("survives"));
    }

    [Fact]
    public async Task Watchdog_AgentThatStandsStill_IsReplacedAndThePodGoesOn()
    {
        await _service.SystemctlAsync("start", _service.Unit);
        string process = await RunAsync("watched");
        string agent = await _service.PropertyAsync("MainPID");

        await _service.SystemctlAsync("kill", "--kill-who=main", "-s", "STOP", _service.Unit);

        await UntilReplacedAsync(agent);
        Assert.Equal(process, await ProcessAsync("watched"));
    }

    [Fact]
    public async Task Limits_ManagerArrangesItsOwnCgroups_StayInForce()
    {
        await _service.SystemctlAsync("start", _service.Unit);
        await _service.ApplyAsync(PodYaml.Idle("limited", "resources: {limits: {cpu: 500m, memory: 64Mi}}"));
        string cgroup = "/sys/fs/cgroup" + File.ReadAllText($"/proc/{await ProcessAsync("limited")}/cgroup").Trim()["0::".Length..];
        string[] files = ["cpu.max", "memory.max", "cgroup.controllers"];
        string[] before = [.. files.Select(file => File.ReadAllText(Path.Combine(cgroup, file)))];
        Assert.Equal("50000 100000\n", before[0]);
        Assert.Equal("67108864\n", before[1]);

        // A new unit with accounting, a reload and the unit's end: each makes the manager go over the controllers of the root.
        await _service.SystemctlAsync("daemon-reload");
        (await Command.RunAsync("systemd-run", ["--wait", "--quiet", "-p", "CPUWeight=50", "-p", "MemoryMax=100M", "-p", "AllowedCPUs=0", "true"])).Succeeded();

        Assert.Equal(before, files.Select(file => File.ReadAllText(Path.Combine(cgroup, file))));
    }

    private static string ScopeOf(string process) => Path.GetFileName(File.ReadAllText($"/proc/{process}/cgroup").Trim());

    private async Task UntilReplacedAsync(string agent)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await _service.PropertyAsync("MainPID") is var now && (now == "0" || now == agent || await _service.PropertyAsync("ActiveState") != "active"))
        {
            // The manager offers no wait for "another main process".
            await Task.Delay(100, limit.Token);
        }
    }

    private async Task<string> RunAsync(string name)
    {
        await _service.ApplyAsync(PodYaml.Idle(name));
        (await _service.PodctlAsync("wait", "--for=condition=Ready", $"pod/{name}", "--timeout=40s")).Succeeded();
        return await ProcessAsync(name);
    }

    /// <summary>The node's number of the container's main process.</summary>
    private async Task<string> ProcessAsync(string name)
    {
        (await _service.PodctlAsync("wait", "--for=condition=Ready", $"pod/{name}", "--timeout=40s")).Succeeded();
        string namespaceOf = (await _service.PodctlAsync("exec", name, "--", "readlink", "/proc/1/ns/pid")).Succeeded().Trim();
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])).OrderBy(path => int.Parse(path[6..], System.Globalization.CultureInfo.InvariantCulture)))
        {
            if (new FileInfo(process + "/ns/pid").LinkTarget == namespaceOf)
            {
                return process[6..];
            }
        }

        throw new InvalidOperationException($"no process of {namespaceOf}");
    }
}
