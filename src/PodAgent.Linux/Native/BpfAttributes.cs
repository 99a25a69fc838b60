using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>
/// Members of union bpf_attr, one struct per command; the kernel accepts a shorter union than its own. They are anonymous in C, so the
/// ABI test cannot name them.
/// </summary>
internal static class BpfAttributes
{
    /// <summary>BPF_PROG_LOAD, up to the log fields.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProgramLoad
    {
        public uint prog_type;
        public uint insn_cnt;
        public ulong insns;
        public ulong license;
        public uint log_level;
        public uint log_size;
        public ulong log_buf;
        public uint kern_version;
        public uint prog_flags;
    }

    /// <summary>BPF_PROG_ATTACH and BPF_PROG_DETACH.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProgramAttach
    {
        public uint target_fd;
        public uint attach_bpf_fd;
        public uint attach_type;
        public uint attach_flags;
        public uint replace_bpf_fd;
    }

    /// <summary>BPF_PROG_QUERY.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProgramQuery
    {
        public uint target_fd;
        public uint attach_type;
        public uint query_flags;
        public uint attach_flags;
        public ulong prog_ids;
        public uint prog_cnt;
    }

    /// <summary>BPF_PROG_GET_FD_BY_ID.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProgramById
    {
        public uint prog_id;
        public uint next_id;
        public uint open_flags;
    }
}
