using PodAgent.Containers.Security;
using PodAgent.Linux;

namespace PodAgent.RootTests.Security;

/// <summary>Compiled filters in the kernel.</summary>
public sealed class SeccompTests : IDisposable
{
    private readonly SeccompProbe _probe = new();

    public void Dispose() => _probe.Dispose();

    [Fact]
    public void RuntimeDefault_DefaultCapabilities_StopsWhatItShould()
    {
        IReadOnlyDictionary<string, int> errors = _probe.Run(SeccompProfiles.RuntimeDefault(CapabilitySet.Default));

        Assert.Equal(0, errors["mkdir"]);
        Assert.Equal(0, errors["rmdir"]);
        Assert.Equal((int)Errno.EPERM, errors["unshare"]);
        Assert.Equal((int)Errno.EPERM, errors["keyctl"]);
        Assert.Equal((int)Errno.EPERM, errors["mount"]);
        Assert.Equal((int)Errno.ENOSYS, errors["clone3"]);
        Assert.Equal((int)Errno.EPERM, errors["vsock"]);
        Assert.Equal((int)Errno.EPERM, errors["vsock64"]);
        Assert.Equal(0, errors["unix"]);
        Assert.Equal((int)Errno.ENOSYS, errors["unknown"]);
        Assert.Equal(7, errors["fork"]);
        Assert.Equal((int)Errno.EFAULT, errors["mkdir32"]);
        Assert.Equal((int)Errno.EPERM, errors["unshare32"]);
    }

    [Fact]
    public void RuntimeDefault_SysAdmin_LetsNamespacesThrough()
    {
        IReadOnlyDictionary<string, int> errors = _probe.Run(SeccompProfiles.RuntimeDefault(CapabilitySet.Default.Add("SYS_ADMIN")));

        Assert.Equal(0, errors["unshare"]);
        Assert.NotEqual((int)Errno.EPERM, errors["mount"]);
        Assert.Equal((int)Errno.EINVAL, errors["clone3"]);
        Assert.Equal((int)Errno.EPERM, errors["keyctl"]);
    }

    [Fact]
    public void CompileJson_LocalhostProfile_IsWhatTheKernelDoes()
    {
        byte[] program = SeccompProfiles.CompileJson(
            """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}""", CapabilitySet.Default);

        IReadOnlyDictionary<string, int> errors = _probe.Run(program);

        Assert.Equal((int)Errno.ENOSPC, errors["mkdir"]);
        Assert.Equal(0, errors["unshare"]);
    }
}
