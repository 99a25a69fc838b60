using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Users, groups, capabilities and seccomp as clients ask for them.</summary>
public sealed class SecurityTests
{
    [Theory]
    [InlineData(SupplementalGroupsPolicy.Merge, "1000 1234 50000")]
    [InlineData(SupplementalGroupsPolicy.Strict, "1000 1234")]
    public async Task Groups_Policy_DecidesAboutThoseOfTheImage(SupplementalGroupsPolicy policy, string expected)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        await machine.ImportAsync(TestImages.WithGroups());
        ContainerConfig config = CriMachine.Shell("id -G; sleep 1000");
        config.Image.Image = "test/groups:1";
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        config.Linux.SecurityContext.SupplementalGroups.Add(1234);
        config.Linux.SecurityContext.SupplementalGroupsPolicy = policy;
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal($"{expected}\n", (await machine.ExecAsync(id, "id", "-G")).Out);
        Assert.Equal(
            new ContainerUser { Linux = new LinuxContainerUser { Uid = 1000, Gid = 1000, SupplementalGroups = { expected.Split(' ').Select(long.Parse) } } },
            (await machine.StatusAsync(id)).User);
        await machine.UntilLoggedAsync(expected);
        Assert.Equal([expected], machine.LogTexts());
    }

    [Fact]
    public async Task Group_WithoutUser_IsRefusedAtCreate()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.SecurityContext.RunAsGroup = new Int64Value { Value = 1002 };
        string sandbox = await machine.RunAsync();
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config))).StatusCode);
    }

    [Theory]
    [InlineData("unconfined", "0")]
    [InlineData("nothing", "0")]
    [InlineData("default", "2")]
    [InlineData("empty", "2")]
    public async Task Seccomp_Profile_IsLoadedOrNot(string profile, string mode)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("grep Seccomp: /proc/self/status; sleep 1000");
        config.Linux.SecurityContext.Seccomp = profile switch
        {
            "unconfined" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
            "default" => new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
            "empty" => new SecurityProfile(),
            _ => null,
        };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal($"Seccomp:\t{mode}\n", (await machine.ExecAsync(id, "grep", "Seccomp:", "/proc/self/status")).Out);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Seccomp_Localhost_IsInForceForExecsToo(bool noNewPrivileges)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = Localhost(
            machine, """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chmod","fchmodat","fchmodat2","not_a_call_of_this_kernel"],"action":"SCMP_ACT_ERRNO"}]}""");
        config.Linux.SecurityContext.NoNewPrivs = noNewPrivileges;
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Contains("Operation not permitted", (await machine.ExecAsync(id, "chmod", "400", "/")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await machine.ExecAsync(id, "touch", "/x")).Code);
    }

    [Theory]
    [InlineData("SCMP_ACT_ERRNO", "sethostname", 1)]
    [InlineData("SCMP_ACT_KILL_PROCESS", "sethostname", 159)]
    [InlineData("SCMP_ACT_LOG", "sethostname", 0)]
    public async Task Seccomp_Actions_AreTheKernels(string action, string call, int expected)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = Localhost(machine, $$"""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["{{call}}"],"action":"{{action}}"}]}""");
        config.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "SYS_ADMIN" } };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal(expected, (await machine.ExecAsync(id, "hostname", "other")).Code);
    }

    [Fact]
    public async Task Seccomp_Arguments_AreCompared()
    {
        await using CriMachine machine = await CriMachine.StartAsync();

        // kill(2) with signal 0 is refused, with others it is not.
        ContainerConfig config = Localhost(
            machine,
            """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["kill"],"action":"SCMP_ACT_ERRNO","errnoRet":28,"args":[{"index":1,"value":0,"op":"SCMP_CMP_EQ"}]}]}""");
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Contains("No space left", (await machine.ShellAsync(id, "kill -0 $$")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await machine.ShellAsync(id, "trap 'exit 0' USR1; kill -USR1 $$; exit 9")).Code);
    }

    [Fact]
    public async Task Seccomp_PrivilegedContainer_IsNotFiltered()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        PodSandboxConfig pod = machine.Pod();
        pod.Linux.SecurityContext.Privileged = true;
        ContainerConfig config = Localhost(machine, """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["sethostname"],"action":"SCMP_ACT_ERRNO"}]}""");
        config.Linux.SecurityContext.Privileged = true;
        string id = await machine.StartAsync(await machine.RunAsync(pod), config);
        Assert.Equal((0, "", ""), await machine.ExecAsync(id, "hostname", "other"));
    }

    [Theory]
    [InlineData("/no/such/profile.json", StatusCode.NotFound)]
    [InlineData("../escape.json", StatusCode.InvalidArgument)]
    [InlineData("", StatusCode.InvalidArgument)]
    public async Task Seccomp_ProfileThatCannotBeRead_IsRefusedAtCreate(string reference, StatusCode expected)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("true");
        config.Linux.SecurityContext.Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = reference };
        string sandbox = await machine.RunAsync();
        Assert.Equal(expected, (await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config))).StatusCode);
    }

    [Fact]
    public async Task Capabilities_All_AreThoseOfTheAgent()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.Capabilities = new Capability { AddCapabilities = { "ALL" } };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        string own = File.ReadAllLines("/proc/self/status").First(line => line.StartsWith("CapBnd:", StringComparison.Ordinal));
        Assert.Equal($"{own}\n", (await machine.ExecAsync(id, "grep", "CapBnd:", "/proc/self/status")).Out);
    }

    [Fact]
    public async Task Capabilities_Ambient_ReachAUserThatIsNotRoot()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.RunAsUser = new Int64Value { Value = 1000 };
        config.Linux.SecurityContext.Capabilities = new Capability { DropCapabilities = { "ALL" }, AddAmbientCapabilities = { "NET_BIND_SERVICE" } };
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal("CapEff:\t0000000000000400\nCapAmb:\t0000000000000400\n", (await machine.ExecAsync(id, "grep", "-E", "CapEff:|CapAmb:", "/proc/self/status")).Out);
    }

    [Fact]
    public async Task MaskedPaths_FileDirectoryAndLink_AreAllHidden()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.MaskedPaths.AddRange(["/etc/passwd", "/var/log", "/proc/self/cmdline", "/nowhere"]);
        config.Linux.SecurityContext.ReadonlyPaths.AddRange(["/tmp", "/nowhere"]);
        string id = await machine.StartAsync(await machine.RunAsync(), config);
        Assert.Equal("", (await machine.ExecAsync(id, "cat", "/etc/passwd")).Out);
        Assert.Equal("touch: /var/log/x: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/var/log/x")).Error);
        Assert.Equal("touch: /tmp/test: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/tmp/test")).Error);
    }

    private static ContainerConfig Localhost(CriMachine machine, string profile)
    {
        string path = Path.Combine(machine.Options.RootDirectory, "profile.json");
        File.WriteAllText(path, profile);
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Linux.SecurityContext.Seccomp = new SecurityProfile { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = path };
        return config;
    }
}
