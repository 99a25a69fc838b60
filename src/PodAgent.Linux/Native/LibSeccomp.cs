using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>
/// libseccomp 2.5 or later, one to one (seccomp.h). Its calls return a negative error number instead of setting errno. The constants
/// here are not compared with the C compiler's by the ABI test, because the development headers need not be installed.
/// </summary>
internal static unsafe partial class LibSeccomp
{
    private const string Name = "libseccomp.so.2";

    // enum scmp_filter_attr
    internal const int SCMP_FLTATR_ACT_BADARCH = 2;
    internal const int SCMP_FLTATR_CTL_NNP = 3;
    internal const int SCMP_FLTATR_CTL_OPTIMIZE = 8;

    internal const int NR_SCMP_ERROR = -1;

    [StructLayout(LayoutKind.Sequential)]
    internal struct scmp_version
    {
        public uint major;
        public uint minor;
        public uint micro;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct scmp_arg_cmp
    {
        public uint arg;
        public int op;
        public ulong datum_a;
        public ulong datum_b;
    }

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
