using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>
/// The profile <c>RuntimeDefault</c>: the calls that Docker and containerd allow, grouped by what they are for. A call that is not here
/// fails with EPERM; one that is newer than everything here fails with ENOSYS, so that programs try the older way.
/// </summary>
internal static class RuntimeDefaultProfile
{
    private const ulong NamespaceFlags = 0x7E020000; // CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
    private const uint AddressFamilyVsock = 40;

    private static readonly string[] s_files =
    [
        "access", "cachestat", "chdir", "chmod", "chown", "chown32", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
        "faccessat", "faccessat2", "fadvise64", "fadvise64_64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchown32",
        "fchownat", "fcntl", "fcntl64", "fdatasync", "file_getattr", "file_setattr", "flock", "fstat", "fstat64", "fstatat64", "fstatfs",
        "fstatfs64", "fsync", "ftruncate", "ftruncate64", "futimesat", "getcwd", "getdents", "getdents64", "ioctl", "lchown", "lchown32", "link",
        "linkat", "_llseek", "lseek", "lstat", "lstat64", "mkdir", "mkdirat", "mknod", "mknodat", "name_to_handle_at", "newfstatat", "open",
        "openat", "openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink",
        "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "sendfile", "sendfile64", "splice", "stat", "stat64", "statfs",
        "statfs64", "statx", "symlink", "symlinkat", "sync", "sync_file_range", "syncfs", "tee", "truncate", "truncate64", "umask", "unlink",
        "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "vmsplice", "write", "writev", "listmount", "statmount",
    ];

    private static readonly string[] s_attributes =
    [
        "fgetxattr", "flistxattr", "fremovexattr", "fsetxattr", "getxattr", "getxattrat", "lgetxattr", "listxattr", "listxattrat", "llistxattr",
        "lremovexattr", "lsetxattr", "removexattr", "removexattrat", "setxattr", "setxattrat",
    ];

    private static readonly string[] s_events =
    [
        "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd",
        "eventfd2", "fanotify_mark", "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "_newselect", "poll", "ppoll",
        "ppoll_time64", "pselect6", "pselect6_time64", "select", "signalfd", "signalfd4", "timerfd_create", "timerfd_gettime",
        "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
    ];

    private static readonly string[] s_asynchronousIo =
    [
        "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "ioprio_get", "ioprio_set", "io_setup", "io_submit",
    ];

    private static readonly string[] s_memory =
    [
        "brk", "madvise", "map_shadow_stack", "membarrier", "memfd_create", "memfd_secret", "mincore", "mlock", "mlock2", "mlockall", "mmap",
        "mmap2", "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
        "process_mrelease", "remap_file_pages",
    ];

    private static readonly string[] s_processes =
    [
        "capget", "capset", "execve", "execveat", "exit", "exit_group", "fork", "getcpu", "getegid", "getegid32", "geteuid", "geteuid32",
        "getgid", "getgid32", "getgroups", "getgroups32", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getresgid", "getresgid32",
        "getresuid", "getresuid32", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "getuid32", "kill", "landlock_add_rule",
        "landlock_create_ruleset", "landlock_restrict_self", "pause", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "restart_syscall",
        "seccomp", "setfsgid", "setfsgid32", "setfsuid", "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32", "setpgid",
        "setpriority", "setregid", "setregid32", "setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid", "setreuid32", "setrlimit",
        "setsid", "setuid", "setuid32", "tgkill", "tkill", "ugetrlimit", "vfork", "wait4", "waitid", "waitpid",
    ];

    private static readonly string[] s_threads =
    [
        "futex", "futex_requeue", "futex_time64", "futex_wait", "futex_waitv", "futex_wake", "get_robust_list", "get_thread_area", "rseq",
        "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_get_priority_max", "sched_get_priority_min", "sched_getscheduler",
        "sched_rr_get_interval", "sched_rr_get_interval_time64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler",
        "sched_yield", "set_robust_list", "set_thread_area", "set_tid_address", "uretprobe",
    ];

    private static readonly string[] s_signals =
    [
        "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
        "rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sigaltstack", "sigprocmask", "sigreturn",
    ];

    private static readonly string[] s_sockets =
    [
        "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recv", "recvfrom", "recvmmsg",
        "recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socketcall", "socketpair",
    ];

    private static readonly string[] s_interProcess =
    [
        "ipc", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64",
        "mq_unlink", "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "semtimedop_time64", "shmat", "shmctl",
        "shmdt", "shmget",
    ];

    private static readonly string[] s_timeAndSystem =
    [
        "adjtimex", "alarm", "clock_adjtime", "clock_adjtime64", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
        "clock_nanosleep", "clock_nanosleep_time64", "getitimer", "getrandom", "gettimeofday", "nanosleep", "setitimer", "sysinfo", "time",
        "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64", "timer_settime", "timer_settime64", "times",
        "uname",
    ];

    public static SeccompProfile Profile { get; } = new()
    {
        DefaultAction = SeccompAction.Error(Errno.EPERM),
        Rules =
        [
            Allow([.. s_files, .. s_attributes, .. s_events, .. s_asynchronousIo, .. s_memory, .. s_processes, .. s_threads, .. s_signals, .. s_sockets, .. s_interProcess, .. s_timeAndSystem]),

            // Since 4.8 the tracer's access is checked before seccomp's, so that a tracer cannot get around the filter.
            Allow(["process_vm_readv", "process_vm_writev", "ptrace"]) with { MinimumKernel = new Version(4, 8) },

            // Machine-specific calls.
            Allow(["arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush", "set_tls"]) with { IncludedArchitectures = ["arm", "arm64"] },
            Allow(["arch_prctl", "modify_ldt"]) with { IncludedArchitectures = ["amd64", "386"] },
            Allow(["riscv_flush_icache", "riscv_hwprobe"]) with { IncludedArchitectures = ["riscv64"] },

            // Execution domains: Linux, Linux with uname 2.6, both without address randomisation's 32-bit limits, and the query.
            .. Personalities(0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF),

            // Any address family but AF_VSOCK, which leads to the hypervisor and knows no network namespace. The kernel looks at the lower
            // half of the argument only, so the comparison does too: "not equal" would let 0x1_0000_0028 through.
            .. LowerHalfIsNot("socket", 0, AddressFamilyVsock),

            // New namespaces need CAP_SYS_ADMIN. clone3 hides its flags behind a pointer, which a filter cannot follow; ENOSYS sends the C
            // library back to clone.
            Allow(["clone"]) with { Arguments = [new(0, SeccompOperator.MaskedEqual, NamespaceFlags, 0)], ExcludedCapabilities = Caps("SYS_ADMIN"), ExcludedArchitectures = ["s390", "s390x"] },
            new() { Syscalls = ["clone3"], Action = SeccompAction.Error(Errno.ENOSYS), ExcludedCapabilities = Caps("SYS_ADMIN") },
            AllowWith("SYS_ADMIN", "bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr", "move_mount",
                "open_tree", "open_tree_attr", "perf_event_open", "quotactl", "quotactl_fd", "setdomainname", "sethostname", "setns", "syslog", "umount", "umount2", "unshare"),

            AllowWith("BPF", "bpf"),
            AllowWith("DAC_READ_SEARCH", "open_by_handle_at"),
            AllowWith("PERFMON", "perf_event_open"),
            AllowWith("SYSLOG", "syslog"),
            AllowWith("SYS_BOOT", "reboot"),
            AllowWith("SYS_CHROOT", "chroot"),
            AllowWith("SYS_MODULE", "delete_module", "finit_module", "init_module"),
            AllowWith("SYS_NICE", "get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy", "set_mempolicy_home_node"),
            AllowWith("SYS_PACCT", "acct"),
            AllowWith("SYS_PTRACE", "kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"),
            AllowWith("SYS_RAWIO", "ioperm", "iopl"),
            AllowWith("SYS_TIME", "clock_settime", "clock_settime64", "settimeofday", "stime"),
            AllowWith("SYS_TTY_CONFIG", "vhangup"),
        ],
    };

    private static CapabilitySet Caps(string name) => CapabilitySet.Parse([name]);

    private static SeccompRule Allow(IReadOnlyList<string> syscalls) => new() { Syscalls = syscalls, Action = SeccompAction.Allow };

    private static SeccompRule AllowWith(string capability, params string[] syscalls) => Allow(syscalls) with { IncludedCapabilities = Caps(capability) };

    private static IEnumerable<SeccompRule> Personalities(params ulong[] values) =>
        values.Select(v => Allow(["personality"]) with { Arguments = [new(0, SeccompOperator.Equal, v)] });

    // A filter of allowing rules has no "unless". The numbers below 64 (AF_MAX is 46) without one fall into six blocks that share their upper
    // bits: those that differ from it first at bit 5, at bit 4, and so on. Whatever stands in the upper half does not matter.
    private static IEnumerable<SeccompRule> LowerHalfIsNot(string syscall, uint argument, uint value) =>
        Enumerable.Range(0, 6).Select(bit =>
        {
            ulong upperBits = 0xFFFFFFFF & ~((1UL << bit) - 1);
            return Allow([syscall]) with { Arguments = [new(argument, SeccompOperator.MaskedEqual, upperBits, (value ^ (1UL << bit)) & upperBits)] };
        });
}
