using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;
using Profile = PodAgent.Api.Cri.SecurityProfile.Types.ProfileType;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Who a container runs as and what it may do; the same holds for what is executed in it later.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class SecurityContextTests(AgentFixture agent)
{
    [Fact]
    public async Task User_ByNumberAndGroup_IsThatOne()
    {
        var security = new LinuxContainerSecurityContext { RunAsUser = new Int64Value { Value = 1001 }, RunAsGroup = new Int64Value { Value = 1002 } };

        Assert.Equal("1001:1002\n", await ShellAsync(security, "echo $(id -u):$(id -g)"));
    }

    [Fact]
    public async Task User_ByName_IsLookedUpInTheImage() =>
        Assert.Equal("nobody\n", await ShellAsync(new LinuxContainerSecurityContext { RunAsUsername = "nobody" }, "id -nu"));

    [Fact]
    public async Task Groups_Supplemental_AreAdded() =>
        Assert.Equal("0 1234 5678\n", await ShellAsync(new LinuxContainerSecurityContext { SupplementalGroups = { 1234, 5678 } }, "id -G"));

    [Fact]
    public async Task Group_WithoutUser_IsRefusedAtCreation()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        await pod.RefusedAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { RunAsGroup = new Int64Value { Value = 1002 } }));
    }

    [Theory]
    [InlineData(false, "written\n", "")]
    [InlineData(true, "", "touch: /file: Read-only file system\n")]
    public async Task Root_ReadOnly_OnlyWhenAsked(bool readOnly, string expectedOutput, string expectedError)
    {
        await using CriPod pod = await CriPod.RunAsync(agent);

        (_, string output, string error) = await pod.RunToEndAsync(
            CriPod.Secured(CriPod.Shell("touch /file && echo written"), new LinuxContainerSecurityContext { ReadonlyRootfs = readOnly }));

        Assert.Equal((expectedOutput, expectedError), (output, error));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Privileged_MayChangeTheNetwork_OthersMayNot(bool privileged)
    {
        await using CriPod pod = await CriPod.RunAsync(agent, new LinuxSandboxSecurityContext { Privileged = privileged });
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { Privileged = privileged }));

        Assert.Equal(privileged, (await pod.ExecAsync(container, "brctl", "addbr", "bridge1")).Code == 0);
    }

    // brctl also wants sysfs, which an ordinary container has read-only.
    [Fact]
    public async Task Capability_Added_HoldsInExecs()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { Capabilities = new Capability { AddCapabilities = { "NET_ADMIN" } } }));

        await pod.OutputAsync(container, "brctl", "addbr", "bridge1");
    }

    [Fact]
    public async Task Capability_Dropped_IsMissingInExecs()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { Capabilities = new Capability { DropCapabilities = { "NET_RAW" } } }));
        string ordinary = await pod.StartAsync(CriPod.Idle());

        Assert.Contains("permission denied", (await pod.ExecAsync(container, "ping", "-c", "1", "127.0.0.1")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await pod.ExecAsync(ordinary, "ping", "-c", "1", "127.0.0.1")).Code);
    }

    // The agent's own bounding set is the most there is.
    [Fact]
    public async Task Capabilities_All_AreTheAgentsOwn()
    {
        string own = File.ReadLines($"/proc/{agent.AgentPid}/status").First(line => line.StartsWith("CapBnd:", StringComparison.Ordinal));

        Assert.Equal(own + "\n", await ShellAsync(new LinuxContainerSecurityContext { Capabilities = new Capability { AddCapabilities = { "ALL" } } }, "grep CapBnd /proc/self/status"));
        Assert.Equal(
            $"CapBnd:\t{new string('0', 16)}\n",
            await ShellAsync(new LinuxContainerSecurityContext { Capabilities = new Capability { DropCapabilities = { "ALL" } } }, "grep CapBnd /proc/self/status"));
    }

    [Fact]
    public async Task Paths_Masked_AreEmptyAndOfNoUse()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { MaskedPaths = { "/etc/passwd", "/root", "/no/such/path" } }));

        Assert.Equal("", await pod.OutputAsync(container, "cat", "/etc/passwd"));
        Assert.Equal("", await pod.OutputAsync(container, "ls", "-A", "/root"));
        Assert.Equal((1, "", "touch: /root/new: Read-only file system\n"), await pod.ExecAsync(container, "touch", "/root/new"));
    }

    [Fact]
    public async Task Paths_ReadOnly_CannotBeWritten()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext { ReadonlyPaths = { "/tmp" } }));

        Assert.Equal((1, "", "touch: /tmp/test: Read-only file system\n"), await pod.ExecAsync(container, "touch", "/tmp/test"));
    }

    [Theory]
    [InlineData(true, "1")]
    [InlineData(false, "0")]
    public async Task NoNewPrivileges_AsAsked(bool asked, string value) =>
        Assert.Equal($"NoNewPrivs:\t{value}\n", await ShellAsync(new LinuxContainerSecurityContext { NoNewPrivs = asked }, "grep NoNewPrivs /proc/self/status"));

    // An absent profile is none at all; an empty one is the runtime's default, whose number is 0.
    [Theory]
    [InlineData(null, false, "0")]
    [InlineData(Profile.RuntimeDefault, false, "2")]
    [InlineData(Profile.Unconfined, false, "0")]
    [InlineData(Profile.RuntimeDefault, true, "0")]
    public async Task Seccomp_IsWhatTheProfileSays(Profile? type, bool privileged, string mode)
    {
        await using CriPod pod = await CriPod.RunAsync(agent, new LinuxSandboxSecurityContext { Privileged = privileged });
        SecurityProfile? profile = type is { } known ? new SecurityProfile { ProfileType = known } : null;
        ContainerConfig config = CriPod.Secured(CriPod.Shell("grep Seccomp: /proc/self/status; exec sleep 1000"), new LinuxContainerSecurityContext { Seccomp = profile, Privileged = privileged });
        string container = await pod.StartAsync(config);

        Assert.Equal($"Seccomp:\t{mode}\n", await pod.OutputAsync(container, "grep", "Seccomp:", "/proc/self/status"));
        Assert.Equal($"Seccomp:\t{mode}\n", await pod.OutputAsync(container, "grep", "Seccomp:", $"/proc/{(await pod.OutputAsync(container, "pidof", "sleep")).Trim()}/status"));
    }

    // The pod's own, so the node keeps its name.
    [Fact]
    public async Task Hostname_WithSysAdminAndNoFilter_CanBeSet()
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), new LinuxContainerSecurityContext
        {
            Capabilities = new Capability { AddCapabilities = { "SYS_ADMIN" } },
            Seccomp = new SecurityProfile { ProfileType = Profile.Unconfined },
        }));

        await pod.OutputAsync(container, "hostname", "another-name");

        Assert.Equal("another-name\n", await pod.OutputAsync(container, "hostname"));
        Assert.NotEqual("another-name", Environment.MachineName);
    }

    // Says it as an exec, which has to inherit it from the container.
    private async Task<string> ShellAsync(LinuxContainerSecurityContext security, string script)
    {
        await using CriPod pod = await CriPod.RunAsync(agent);
        string container = await pod.StartAsync(CriPod.Secured(CriPod.Idle(), security));
        string byExec = await pod.OutputAsync(container, "sh", "-c", script);
        (_, string byContainer, _) = await pod.RunToEndAsync(CriPod.Secured(CriPod.Shell(script), security));
        Assert.Equal(byContainer, byExec);
        return byExec;
    }
}
