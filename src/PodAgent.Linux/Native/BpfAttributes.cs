using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Members of union bpf_attr, one struct per command; the kernel accepts a shorter union than its own.</summary>
internal static class BpfAttributes
{
    /// <summary>BPF_PROG_LOAD, up to the log fields.</summary>
    [NativeType("union bpf_attr", "linux/bpf.h", Whole = false)]
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
    [NativeType("union bpf_attr", "linux/bpf.h", Whole = false)]
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
    [NativeType("union bpf_attr", "linux/bpf.h", Whole = false)]
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProgramQuery
    {
        [NativeField("query.target_fd")]
        public uint target_fd;
        [NativeField("query.attach_type")]
        public uint attach_type;
        [NativeField("query.query_flags")]
        public uint query_flags;
        [NativeField("query.attach_flags")]
        public uint attach_flags;
        [NativeField("query.prog_ids")]
        public ulong prog_ids;
        [NativeField("query.prog_cnt")]
        public uint prog_cnt;
    }

    /// <summary>BPF_PROG_GET_FD_BY_ID.</summary>
    [NativeType("union bpf_attr", "linux/bpf.h", Whole = false)]
    [StructLayout(LayoutKind.Sequential)]
    internal struct ProgramById
    {
        public uint prog_id;
        public uint next_id;
        public uint open_flags;
    }
}
