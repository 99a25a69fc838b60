using Google.Protobuf;
using PodAgent.Containers.Protocol;
using PodAgent.Containers.Security;
using PodAgent.Containers.Supervision;
using PodAgent.Linux;
using PodAgent.RootTests.Supervision;

namespace PodAgent.RootTests.Launch;

public sealed class ConfinementTests
{
    [Fact]
    public async Task Capabilities_Default_AreExactlyTheRequestedAndNeverInheritable()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("grep Cap /proc/self/status");

        string expected = CapabilitySet.Default.Bits.ToString("x16");
        Assert.Equal(
            $"CapInh:\t{new string('0', 16)}\nCapPrm:\t{expected}\nCapEff:\t{expected}\nCapBnd:\t{expected}\nCapAmb:\t{new string('0', 16)}\n", output);
    }

    [Fact]
    public async Task Capabilities_OtherUser_HasNoneButTheAmbientOnes()
    {
        await using TestPod pod = await TestPod.StartAsync();
        const ulong NetBindService = 1UL << 10;

        (_, string plain) = await pod.RunAsync("grep -E 'Cap(Eff|Prm)' /proc/self/status", static spec => spec.Process.Uid = spec.Process.Gid = 1000);
        (_, string ambient) = await pod.RunAsync("grep CapEff /proc/self/status", static spec =>
        {
            spec.Process.Uid = 1000;
            spec.Process.Capabilities.Ambient = NetBindService;
        });

        Assert.Equal($"CapPrm:\t{0:x16}\nCapEff:\t{0:x16}\n", plain);
        Assert.Equal($"CapEff:\t{NetBindService:x16}\n", ambient);
    }

    [Fact]
    public async Task Identity_UserGroupAndSupplementaryGroups_AreSet()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("id -u; id -g; id -G; umask", static spec =>
        {
            spec.Process.Uid = 1001;
            spec.Process.Gid = 1002;
            spec.Process.AdditionalGids.Add([1003, 1004]);
            spec.Process.Umask = 0x3F;
        });

        Assert.Equal("1001\n1002\n1002 1003 1004\n0077\n", output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Seccomp_Filter_AppliesWithAndWithoutNoNewPrivileges(bool noNewPrivileges)
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync(
            "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; mount -t tmpfs x /tmp 2>&1 | grep -o 'permission denied'",
            spec =>
            {
                spec.Process.NoNewPrivileges = noNewPrivileges;
                spec.Process.Capabilities.Bounding = spec.Process.Capabilities.Effective = spec.Process.Capabilities.Permitted |= 1UL << 21;
            });

        Assert.Equal($"NoNewPrivs:\t{(noNewPrivileges ? 1 : 0)}\nSeccomp:\t2\npermission denied\n", output);
    }

    [Fact]
    public async Task Seccomp_InvalidProgram_FailsClosed()
    {
        await using TestPod pod = await TestPod.StartAsync();

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(
            () => pod.RunAsync("true", static spec => spec.Process.Seccomp = ByteString.CopyFrom(new byte[16])));

        Assert.Equal(("install seccomp filter", Errno.EINVAL), (failure.Step, failure.Errno));
    }

    [Fact]
    public async Task Pause_IsConfined()
    {
        await using TestPod pod = await TestPod.StartAsync();

        string[] status = File.ReadAllLines($"/proc/{pod.PausePid}/status");

        Assert.Contains("Name:\tpause", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("Seccomp:\t2", status);
        Assert.All(status.Where(static line => line.StartsWith("Cap", StringComparison.Ordinal)), static line => Assert.EndsWith("0000000000000000", line));
        Assert.Empty(Directory.EnumerateFileSystemEntries($"/proc/{pod.PausePid}/fd"));
    }

    [Fact]
    public async Task MaskedAndReadonlyPaths_AreHidden()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync(
            "ls -A /sys/firmware | wc -l; cat /proc/keys | wc -c; (echo x >/proc/sys/kernel/domainname) 2>&1 | grep -o 'Read-only file system'");

        Assert.Equal("0\n0\nRead-only file system\n", output);
    }

    [Fact]
    public async Task MaskedPath_CannotBeUsedToWriteTheHost()
    {
        await using TestPod pod = await TestPod.StartAsync();
        File.WriteAllText(pod.Root["etc/secret"], "secret");

        (_, string output) = await pod.RunAsync("cat /etc/secret; stat -c '%t:%T' /etc/secret", static spec => spec.MaskedPaths.Add("/etc/secret"));

        Assert.Equal("1:3\n", output);
    }

    [Fact]
    public async Task WorkingDirectory_ThroughDescriptorsOfTheSupervisor_IsRefused()
    {
        await using TestPod pod = await TestPod.StartAsync();
        for (int fd = 0; fd < 40; fd++)
        {
            string path = $"/proc/self/fd/{fd}";
            SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(async () =>
            {
                ContainerSpec spec = pod.Container($"w{fd}", "true");
                spec.Process.WorkingDir = path;
                spec.CgroupPaths.Clear();
                _ = await pod.StartAsync(spec);
            });
            Assert.Equal(("enter working directory", path), (failure.Step, failure.Subject));
        }
    }

    [Fact]
    public async Task WorkingDirectory_Missing_IsCreatedInsideTheRoot()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("pwd", static spec => spec.Process.WorkingDir = "/srv/../opt/app");

        Assert.Equal("/opt/app\n", output);
        Assert.True(Directory.Exists(pod.Root["opt/app"]));
    }

    [Fact]
    public async Task WorkingDirectory_ThatIsAFile_IsRefused()
    {
        await using TestPod pod = await TestPod.StartAsync();

        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(
            () => pod.RunAsync("pwd", static spec => spec.Process.WorkingDir = "/bin/busybox"));

        Assert.Equal(Errno.ENOTDIR, failure.Errno);
    }

    [Fact]
    public async Task Descriptors_OfTheWorkload_AreOnlyItsStreams()
    {
        await using TestPod pod = await TestPod.StartAsync();

        // The fourth is the directory that ls reads.
        (_, string output) = await pod.RunAsync("ls /proc/self/fd");

        Assert.Equal("0\n1\n2\n3\n", output);
    }

    [Fact]
    public async Task Signals_OfTheWorkload_AreNeitherBlockedNorIgnored()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (_, string output) = await pod.RunAsync("exec grep -E 'Sig(Blk|Ign)' /proc/self/status");

        Assert.Equal($"SigBlk:\t{0:x16}\nSigIgn:\t{0:x16}\n", output);
    }

    [Fact]
    public async Task Limits_AreSetAsFarAsAllowed()
    {
        await using TestPod pod = await TestPod.StartAsync();

        (ProcessState exit, string output) = await pod.RunAsync("ulimit -n", static spec =>
        {
            spec.Process.Rlimits.Add(new Rlimit { Resource = 7, Soft = 1234, Hard = 2345 });
            spec.Process.Rlimits.Add(new Rlimit { Resource = 8, Soft = ulong.MaxValue, Hard = ulong.MaxValue });
        });

        Assert.Equal((0, "1234\n"), (exit.ExitCode, output));
    }

    [Fact]
    public async Task Sysctls_AreSetInThePodOnly()
    {
        await using TestPod pod = await TestPod.StartAsync(static spec =>
        {
            spec.Sysctls.Add("net.ipv4.ip_unprivileged_port_start", "77");
            spec.Sysctls.Add("kernel.shm_rmid_forced", "1");
        });

        (_, string output) = await pod.RunAsync("cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced");

        Assert.Equal("77\n1\n", output);
        Assert.NotEqual("77\n", File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start"));
    }

    [Theory]
    [InlineData("net/../../sysrq-trigger", "b")]
    [InlineData("kernel.core_pattern\n", "x")]
    [InlineData("net.ipv4.no_such_setting", "1")]
    public async Task Sysctls_InvalidName_FailsTheSandbox(string name, string value)
    {
        SandboxFailureException failure = await Assert.ThrowsAsync<SandboxFailureException>(() => TestPod.StartAsync(spec => spec.Sysctls.Add(name, value)));

        Assert.Equal("write sysctls", failure.Step);
    }

    [Fact]
    public async Task Supervisor_Binary_CannotBeOpenedForWritingThroughItsProcess()
    {
        await using TestPod pod = await TestPod.StartAsync();

        LinuxException refused = Assert.Throws<LinuxException>(
            () => PodAgent.Linux.Files.FileTree.Open($"/proc/{pod.PausePid}/exe", PodAgent.Linux.Files.OpenFlags.WriteOnly));

        Assert.Contains(refused.Errno, new[] { Errno.EROFS, Errno.ETXTBSY });
    }
}
