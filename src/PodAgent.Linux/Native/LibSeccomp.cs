using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Attributes, operators and architectures of libseccomp 2.5.</summary>
[NativeConstants("seccomp.h", NewerThanHeaders = [nameof(SCMP_ARCH_LOONGARCH64)])]
internal static class LibSeccompConstants
{
    public const int SCMP_FLTATR_ACT_BADARCH = 2;
    public const int SCMP_FLTATR_CTL_NNP = 3;
    public const int SCMP_FLTATR_CTL_OPTIMIZE = 8;
    public const int __NR_SCMP_ERROR = -1;
    public const int SCMP_CMP_NE = 1;
    public const int SCMP_CMP_LT = 2;
    public const int SCMP_CMP_LE = 3;
    public const int SCMP_CMP_EQ = 4;
    public const int SCMP_CMP_GE = 5;
    public const int SCMP_CMP_GT = 6;
    public const int SCMP_CMP_MASKED_EQ = 7;
    public const uint SCMP_ARCH_X86 = 0x40000003;
    public const uint SCMP_ARCH_X86_64 = 0xC000003E;
    public const uint SCMP_ARCH_X32 = 0x4000003E;
    public const uint SCMP_ARCH_ARM = 0x40000028;
    public const uint SCMP_ARCH_AARCH64 = 0xC00000B7;
    public const uint SCMP_ARCH_RISCV64 = 0xC00000F3;
    public const uint SCMP_ARCH_PPC64LE = 0xC0000015;
    public const uint SCMP_ARCH_S390X = 0x80000016;
    public const uint SCMP_ARCH_S390 = 0x00000016;
    public const uint SCMP_ARCH_MIPSEL64 = 0xC0000008;
    public const uint SCMP_ARCH_LOONGARCH64 = 0xC0000102;
}

/// <summary>seccomp_version(3).</summary>
[NativeType("struct scmp_version", "seccomp.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct scmp_version
{
    public uint major;
    public uint minor;
    public uint micro;
}

/// <summary>seccomp_rule_add(3).</summary>
[NativeType("struct scmp_arg_cmp", "seccomp.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct scmp_arg_cmp
{
    public uint arg;
    public int op;
    public ulong datum_a;
    public ulong datum_b;
}

/// <summary>libseccomp 2.5 or later, one to one (seccomp.h). Its calls return a negative error number instead of setting errno.</summary>
internal static unsafe partial class LibSeccomp
{
    private const string Name = "libseccomp.so.2";

    [LibraryImport(Name)]
    internal static partial scmp_version* seccomp_version();

    [LibraryImport(Name)]
    internal static partial nint seccomp_init(uint def_action);

    [LibraryImport(Name)]
    internal static partial void seccomp_release(nint ctx);

    [LibraryImport(Name)]
    internal static partial uint seccomp_arch_native();

    [LibraryImport(Name)]
    internal static partial int seccomp_arch_add(nint ctx, uint arch_token);

    [LibraryImport(Name)]
    internal static partial int seccomp_arch_remove(nint ctx, uint arch_token);

    [LibraryImport(Name)]
    internal static partial int seccomp_arch_exist(nint ctx, uint arch_token);

    [LibraryImport(Name)]
    internal static partial int seccomp_attr_set(nint ctx, int attr, uint value);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int seccomp_syscall_resolve_name(string name);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int seccomp_syscall_resolve_name_arch(uint arch_token, string name);

    [LibraryImport(Name)]
    internal static partial int seccomp_rule_add_array(nint ctx, uint action, int syscall, uint arg_cnt, scmp_arg_cmp* arg_array);

    [LibraryImport(Name)]
    internal static partial int seccomp_export_bpf(nint ctx, int fd);
}
