using System.Diagnostics;
using Grpc.Core;
using PodAgent.Api.Cri;

namespace PodAgent.RootTests.Cri;

/// <summary>Containers under AppArmor, on a kernel that has it.</summary>
[Trait("Needs", "apparmor")]
public sealed class AppArmorTests : IAsyncLifetime
{
    private const string DenyWrite = "podagent-test-deny-write";

    private CriMachine _machine = null!;
    private string _sandbox = "";

    public async Task InitializeAsync()
    {
        _machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = _machine.Pod();
        pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Container;
        _sandbox = await _machine.RunAsync(pod);
        Parse("--replace", $"profile {DenyWrite} flags=(attach_disconnected) {{ file, signal (receive) peer=unconfined, deny /tmp/** w, }}\n");
    }

    public async Task DisposeAsync()
    {
        await _machine.DisposeAsync();
        Parse("--remove", $"profile {DenyWrite} {{ }}\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("runtime/default")]
    public async Task Default_Container_RunsUnderTheAgentsProfile(string profile)
    {
        string id = await StartAsync(profile);

        Assert.Equal("podagent-default (enforce)", await CurrentAsync("1", id));
        Assert.Equal("podagent-default (enforce)", await CurrentAsync("self", id));
        Assert.Equal(0, (await _machine.ShellAsync(id, "touch /tmp/x && kill -0 1 && readlink /proc/1/exe")).Code);
    }

    [Fact]
    public async Task Default_ContainerWithAddedCapabilities_CannotMountNorTurnTheKernelsSwitches()
    {
        string id = await StartAsync("", security => security.Capabilities = new Capability { AddCapabilities = { "ALL" } });

        Assert.Contains("Permission denied", (await _machine.ShellAsync(id, "mkdir -p /m; mount -t tmpfs x /m")).Error, StringComparison.Ordinal);
        Assert.Contains("Permission denied", (await _machine.ShellAsync(id, "cat /sys/kernel/security/lsm /sys/firmware/memmap/0/type")).Error, StringComparison.Ordinal);
        Assert.NotEqual(0, (await _machine.ShellAsync(id, "echo x > /proc/sysrq-trigger")).Code);
        Assert.NotEqual(0, (await _machine.ShellAsync(id, "echo 1 > /proc/sys/kernel/panic")).Code);
    }

    [Fact]
    public async Task Default_WithNoNewPrivileges_IsEnteredAllTheSame()
    {
        string id = await StartAsync("", security => security.NoNewPrivs = true);

        Assert.Equal("podagent-default (enforce)", await CurrentAsync("1", id));
        Assert.Equal("podagent-default (enforce)", await CurrentAsync("self", id));
    }

    [Fact]
    public async Task Default_Container_CanBeStopped()
    {
        string id = await StartAsync("");

        await _machine.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = id, Timeout = 0 });

        Assert.Equal(137, (await _machine.StatusAsync(id)).ExitCode);
    }

    [Fact]
    public async Task Unconfined_Container_HasNoProfile()
    {
        string id = await StartAsync("unconfined", security => security.Capabilities = new Capability { AddCapabilities = { "SYS_ADMIN" } });

        Assert.Equal("unconfined", await CurrentAsync("1", id));
        Assert.Equal(0, (await _machine.ShellAsync(id, "mkdir /m && mount -t tmpfs x /m")).Code);
    }

    [Fact]
    public async Task Privileged_Container_HasNoProfile()
    {
        PodSandboxConfig pod = _machine.Pod("privileged");
        pod.Linux.SecurityContext.Privileged = true;
        pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Container;
        ContainerConfig config = Config("");
        config.Linux.SecurityContext.Privileged = true;
        string id = await _machine.StartAsync(await _machine.RunAsync(pod), config);

        Assert.Equal("unconfined", await CurrentAsync("1", id));
    }

    [Fact]
    public async Task Localhost_LoadedProfile_ConfinesTheContainerAndItsExecs()
    {
        string id = await StartAsync($"localhost/{DenyWrite}");

        Assert.Equal($"{DenyWrite} (enforce)", await CurrentAsync("1", id));
        (int code, _, string error) = await _machine.ExecAsync(id, "touch", "/tmp/x");
        Assert.NotEqual(0, code);
        Assert.Contains("Permission denied", error, StringComparison.Ordinal);
        Assert.Equal(0, (await _machine.ExecAsync(id, "cat", "/etc/hosts")).Code);
    }

    [Fact]
    public async Task Localhost_UnloadedProfile_IsRefusedWhenTheContainerIsMade()
    {
        ContainerConfig config = Config("localhost/podagent-test-nowhere");

        var failure = await Assert.ThrowsAsync<RpcException>(() => _machine.CreateAsync(_sandbox, config));

        Assert.Contains("cannot use AppArmor profile \"podagent-test-nowhere\": it is not loaded", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await _machine.Runtime.ListContainersAsync(new ListContainersRequest())).Containers);
    }

    [Fact]
    public async Task BothFields_OldOneBad_TheNewOneCounts()
    {
        ContainerConfig config = Config("localhost/podagent-test-nowhere");
        config.Linux.SecurityContext.Apparmor = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = DenyWrite };

        string id = await _machine.StartAsync(_sandbox, config);

        Assert.Equal($"{DenyWrite} (enforce)", await CurrentAsync("1", id));
    }

    private static ContainerConfig Config(string profile)
    {
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        // Process 1 is the container's own.
        config.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Container;
        config.Linux.SecurityContext.ApparmorProfile = profile;
        return config;
    }

    private async Task<string> StartAsync(string profile, Action<LinuxContainerSecurityContext>? also = null)
    {
        ContainerConfig config = Config(profile);
        also?.Invoke(config.Linux.SecurityContext);
        return await _machine.StartAsync(_sandbox, config);
    }

    private async Task<string> CurrentAsync(string pid, string container) =>
        (await _machine.ExecAsync(container, "cat", $"/proc/{pid}/attr/apparmor/current")).Out.Trim();

    private static void Parse(string action, string profile)
    {
        using Process parser = Process.Start(new ProcessStartInfo("/usr/sbin/apparmor_parser", [action, "--skip-cache", "--quiet"]) { RedirectStandardInput = true })!;
        parser.StandardInput.Write(profile);
        parser.StandardInput.Close();
        parser.WaitForExit();
        Assert.Equal(0, parser.ExitCode);
    }
}
