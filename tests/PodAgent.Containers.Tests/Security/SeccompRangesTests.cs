using PodAgent.Containers.Security;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;
using static PodAgent.Containers.Tests.Security.SeccompMachineCode;

namespace PodAgent.Containers.Tests.Security;

public class SeccompRangesTests
{
    private const uint X32Bit = 0x40000000;
    private const uint Arm = 0xC00000B7;

    private static readonly string[] s_calls =
    [
        "read", "write", "open", "close", "stat", "mmap", "ioctl", "socket", "clone", "fork", "execve", "kill", "personality", "mount", "umount2",
        "setns", "unshare", "bpf", "statx", "clone3", "openat2", "futex", "ptrace", "reboot", "prctl", "setuid", "chroot", "keyctl",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Rewrite_AnyFilterOfTheLibrary_DecidesTheSame(int seed)
    {
        byte[] program = RandomFilter(new Random(seed));

        AssertSame(program, SeccompRanges.Rewrite(program));
    }

    [Fact]
    public void Rewrite_RuntimeDefault_IsHalfAsLong()
    {
        SeccompCompilation compiled = SeccompProfiles.CompileRuntimeDefault(CapabilitySet.Default);

        Assert.InRange(compiled.Instructions, 1, 700);
        AssertSame(compiled.Program, SeccompRanges.Rewrite(compiled.Program));
    }

    [Fact]
    public void Rewrite_NumberIsCalculatedWith_StaysAsItIs()
    {
        // load number; and 1; if it is 1: allow, else: kill
        byte[] program =
        [
            0x20, 0, 0, 0, 0, 0, 0, 0,
            0x54, 0, 0, 0, 1, 0, 0, 0,
            0x15, 0, 0, 1, 1, 0, 0, 0,
            0x06, 0, 0, 0, 0, 0, 0xFF, 0x7F,
            0x06, 0, 0, 0, 0, 0, 0, 0,
        ];

        Assert.Same(program, SeccompRanges.Rewrite(program));
    }

    private static byte[] RandomFilter(Random random)
    {
        using var filter = new SeccompFilter(random.Next(2) == 0 ? SeccompAction.Error(Errno.EPERM) : SeccompAction.Allow);
        SeccompAction action = random.Next(2) == 0 ? SeccompAction.Error(Errno.ENOSYS) : SeccompAction.Error(Errno.EACCES);
        filter.AddArchitecture(SeccompArchitecture.X86);
        filter.AddArchitecture(SeccompArchitecture.X32);
        foreach (string call in s_calls.Where(_ => random.Next(3) > 0))
        {
            SeccompComparison[] comparisons = random.Next(4) switch
            {
                0 => [new SeccompComparison(0, SeccompOperator.Equal, (ulong)random.Next(4), 0)],
                1 => [new SeccompComparison(1, SeccompOperator.MaskedEqual, 0x7E020000, 0)],
                _ => [],
            };
            Assert.True(filter.AddRule(action, call, comparisons));
        }

        return filter.Export();
    }

    private static void AssertSame(byte[] expected, byte[] actual)
    {
        Assert.True(actual.Length <= expected.Length);
        ulong[][] arguments = [[0, 0], [1, 0x00020000], [2, 0x7E020000], [3, 1], [0x1_0000_0000, 0x1_7E02_0000]];
        foreach (uint architecture in new[] { X86_64, X86, Arm })
        {
            foreach (uint number in Enumerable.Range(0, 700).Select(i => (uint)i).SelectMany(i => new[] { i, i | X32Bit, uint.MaxValue - i }))
            {
                foreach (ulong[] each in arguments)
                {
                    Assert.Equal(Run(expected, architecture, number, each), Run(actual, architecture, number, each));
                }
            }
        }
    }
}
