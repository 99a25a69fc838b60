using PodAgent.Containers.Security;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;
using static PodAgent.Containers.Tests.Security.SeccompMachineCode;

namespace PodAgent.Containers.Tests.Security;

[Collection(SeccompCache.Name)]
public class RuntimeDefaultTests
{
    // x86-64 numbers
    private const uint Read = 0;
    private const uint Socket = 41;
    private const uint Clone = 56;
    private const uint Mkdir = 83;
    private const uint Ptrace = 101;
    private const uint Personality = 135;
    private const uint Reboot = 169;
    private const uint KeyCtl = 250;
    private const uint Unshare = 272;
    private const uint IoUringSetup = 425;
    private const uint Clone3 = 435;

    private static readonly SeccompAction s_denied = SeccompAction.Error(Errno.EPERM);
    private static readonly SeccompAction s_unknown = SeccompAction.Error(Errno.ENOSYS);
    private static readonly byte[] s_filter = SeccompProfiles.RuntimeDefault(CapabilitySet.Default);

    [Theory]
    [InlineData(Read)]
    [InlineData(Mkdir)]
    [InlineData(Ptrace)]
    [InlineData(161)] // chroot: CAP_SYS_CHROOT is one of the default capabilities
    public void RuntimeDefault_OrdinaryCall_IsAllowed(uint number) =>
        Assert.Equal(SeccompAction.Allow, Run(s_filter, X86_64, number));

    [Theory]
    [InlineData(KeyCtl)]
    [InlineData(Unshare)]
    [InlineData(Reboot)]
    [InlineData(IoUringSetup)]
    [InlineData(165)] // mount
    [InlineData(308)] // setns
    [InlineData(321)] // bpf
    [InlineData(323)] // userfaultfd
    public void RuntimeDefault_CallOutsideTheList_IsNotPermitted(uint number) =>
        Assert.Equal(s_denied, Run(s_filter, X86_64, number));

    [Theory]
    [InlineData(600)]
    [InlineData(0x3FFFFFFF)]
    [InlineData(0xFFFFFFFF)]
    public void RuntimeDefault_CallNewerThanTheList_DoesNotExist(uint number) =>
        Assert.Equal(s_unknown, Run(s_filter, X86_64, number));

    [Fact]
    public void RuntimeDefault_CloneForNewNamespace_IsNotPermitted()
    {
        Assert.Equal(SeccompAction.Allow, Run(s_filter, X86_64, Clone, 0x01200011));
        Assert.Equal(s_denied, Run(s_filter, X86_64, Clone, 0x10000000)); // CLONE_NEWUSER
        Assert.Equal(s_denied, Run(s_filter, X86_64, Clone, 0x00020000)); // CLONE_NEWNS
        Assert.Equal(s_unknown, Run(s_filter, X86_64, Clone3));
    }

    [Fact]
    public void RuntimeDefault_SysAdmin_MayMakeNamespaces()
    {
        byte[] filter = SeccompProfiles.RuntimeDefault(CapabilitySet.Default.Add("SYS_ADMIN"));

        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, Clone, 0x10000000));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, Clone3));
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, Unshare));
        Assert.Equal(s_denied, Run(filter, X86_64, KeyCtl));
        Assert.Equal(s_denied, Run(filter, X86_64, Reboot));
    }

    [Theory]
    [InlineData(1, true)]                // AF_UNIX
    [InlineData(2, true)]                // AF_INET
    [InlineData(16, true)]               // AF_NETLINK
    [InlineData(41, true)]
    [InlineData(40, false)]              // AF_VSOCK
    [InlineData(0x1_0000_0028, false)]   // AF_VSOCK again: the kernel drops the upper half
    [InlineData(0xFFFF_FFFF_0000_0028, false)]
    public void RuntimeDefault_Socket_AnyFamilyButVsock(ulong family, bool allowed) =>
        Assert.Equal(allowed ? SeccompAction.Allow : s_denied, Run(s_filter, X86_64, Socket, family));

    [Fact]
    public void RuntimeDefault_EveryAddressFamily_WhateverTheUpperHalf()
    {
        for (ulong family = 0; family < 64; family++)
        {
            SeccompAction expected = family == 40 ? s_denied : SeccompAction.Allow;
            Assert.Equal(expected, Run(s_filter, X86_64, Socket, family));
            Assert.Equal(expected, Run(s_filter, X86_64, Socket, family | 0xABCD_0000_0000));
        }
    }

    [Theory]
    [InlineData(0x0, true)]
    [InlineData(0x20008, true)]
    [InlineData(0xFFFFFFFF, true)]
    [InlineData(0x0040000, false)]       // ADDR_NO_RANDOMIZE
    public void RuntimeDefault_Personality_KnownDomainsOnly(ulong domain, bool allowed) =>
        Assert.Equal(allowed ? SeccompAction.Allow : s_denied, Run(s_filter, X86_64, Personality, domain));

    [Fact]
    public void RuntimeDefault_OtherArchitectures_HaveTheirOwnNumbers()
    {
        Assert.Equal(SeccompAction.Allow, Run(s_filter, X86, 39));       // mkdir
        Assert.Equal(s_denied, Run(s_filter, X86, 310));                 // unshare
        Assert.Equal(s_unknown, Run(s_filter, X86, 700));
        Assert.Equal(SeccompAction.Allow, Run(s_filter, X86_64, 0x40000000 | Mkdir));
        Assert.Equal(s_denied, Run(s_filter, X86_64, 0x40000000 | Unshare));
        Assert.Equal(s_unknown, Run(s_filter, X86_64, 0x40000000 | 900));
        Assert.Equal(SeccompAction.KillThread, Run(s_filter, 0xC00000B7, 34)); // an arm64 call on this machine
    }

    [Fact]
    public void RuntimeDefault_OldKernel_NoPtrace()
    {
        SeccompProfile profile = RuntimeDefaultProfile.Profile;
        var old = new SeccompMachine("amd64", new Version(4, 7), SeccompMachine.Current.Architectures);

        Assert.Equal(s_denied, Run(SeccompCompiler.Compile(profile, CapabilitySet.Default, old).Program, X86_64, Ptrace));
        Assert.Equal(SeccompAction.Allow, Run(SeccompCompiler.Compile(profile, CapabilitySet.Default.Add("SYS_PTRACE"), old).Program, X86_64, Ptrace));
    }

    [Fact]
    public void RuntimeDefault_UnrelatedCapability_SharesTheProgram()
    {
        Assert.Same(s_filter, SeccompProfiles.RuntimeDefault(CapabilitySet.Default.Drop("CHOWN")));
        Assert.NotSame(s_filter, SeccompProfiles.RuntimeDefault(CapabilitySet.Default.Drop("SYS_CHROOT")));
    }

    [Fact]
    public void CompileRuntimeDefault_Size_FitsTheKernel()
    {
        SeccompCompilation compilation = SeccompProfiles.CompileRuntimeDefault(CapabilitySet.All);

        Assert.InRange(compilation.Instructions, 100, 4096);
        Assert.DoesNotContain("mkdir", compilation.UnknownSyscalls);
    }

    [Fact]
    public void Pause_Filter_WaitsAndNothingElse()
    {
        byte[] filter = SeccompProfiles.Pause;

        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 34));      // pause
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 61));      // wait4
        Assert.Equal(SeccompAction.Allow, Run(filter, X86_64, 9, 0, 4096, 3)); // mmap, readable and writable
        Assert.Equal(s_denied, Run(filter, X86_64, 9, 0, 4096, 7));      // mmap, executable
        Assert.Equal(s_denied, Run(filter, X86_64, 59));                 // execve
        Assert.Equal(s_denied, Run(filter, X86_64, 257));                // openat
        Assert.Equal(s_denied, Run(filter, X86_64, Socket, 2));
        Assert.Equal(SeccompAction.KillThread, Run(filter, X86, 39));
    }
}
