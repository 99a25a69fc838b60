using PodAgent.Containers.Security;
using PodAgent.Linux;

namespace PodAgent.Containers.Tests.Security;

public class SysctlsTests
{
    [Theory]
    [InlineData("net.ipv4.ip_forward", "net/ipv4/ip_forward")]
    [InlineData("net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding")]
    [InlineData("net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding")]
    [InlineData("kernel.shm_rmid_forced", "kernel/shm_rmid_forced")]
    [InlineData("kernel.sem", "kernel/sem")]
    [InlineData("fs.mqueue.msg_max", "fs/mqueue/msg_max")]
    public void Validate_NamespacedParameter_BecomesAPath(string name, string path) =>
        Assert.Equal(path, Assert.Single(Validate(name, "1")).Key);

    [Theory]
    [InlineData("kernel.core_pattern")]
    [InlineData("kernel.shmmax+kernel.core_pattern")]
    [InlineData("kernel.shmmax\nkernel.core_pattern")]
    [InlineData("kernel.shmmax=1 kernel.core_pattern")]
    [InlineData("net/../kernel/core_pattern")]
    [InlineData("net.ipv4.//.//.//kernel.core_pattern")]
    [InlineData("net./etc/passwd")]
    [InlineData("net..ipv4")]
    [InlineData("net")]
    [InlineData("/net/ipv4/ip_forward")]
    [InlineData("fs.file-max")]
    [InlineData("kernel.msgmaxx")]
    [InlineData("")]
    public void Validate_NameThatLeavesThePodsNamespaces_IsRefused(string name) =>
        Assert.Equal(ErrorKind.InvalidArgument, Assert.Throws<AgentException>(() => Validate(name, "1")).Kind);

    [Theory]
    [InlineData("")]
    [InlineData("1\nkernel.core_pattern=|/x")]
    [InlineData("1\0")]
    [InlineData("é")]
    public void Validate_ValueThatIsMoreThanAValue_IsRefused(string value) =>
        Assert.Throws<AgentException>(() => Validate("net.ipv4.ip_forward", value));

    [Fact]
    public void Validate_HostNamespaces_AreNotChanged()
    {
        var sysctls = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1", ["kernel.shmmax"] = "1", ["fs.mqueue.msg_max"] = "10" };

        AgentException e = Assert.Throws<AgentException>(() => Sysctls.Validate(sysctls, hostNetwork: true, hostIpc: true));

        Assert.Equal(
            "sysctl \"net.ipv4.ip_forward\": the pod uses the host's network; sysctl \"kernel.shmmax\": the pod uses the host's IPC namespace; "
            + "sysctl \"fs.mqueue.msg_max\": the pod uses the host's IPC namespace",
            e.Message);
        Assert.Equal(3, Sysctls.Validate(sysctls, hostNetwork: false, hostIpc: false).Count);
    }

    [Fact]
    public void Validate_SameParameterTwice_IsRefused() =>
        Assert.Throws<AgentException>(() => Sysctls.Validate(
            new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1", ["net/ipv4/ip_forward"] = "0" }, hostNetwork: false, hostIpc: false));

    [Fact]
    public void Safe_Names_AreValid() => Assert.All(Sysctls.Safe, name => Assert.Single(Validate(name, "1")));

    private static IReadOnlyDictionary<string, string> Validate(string name, string value) =>
        Sysctls.Validate(new Dictionary<string, string> { [name] = value }, hostNetwork: false, hostIpc: false);
}
