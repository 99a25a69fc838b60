using PodAgent.Linux.Files;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Cgroups;

/// <summary>Loads and attaches BPF programs that decide about a cgroup v2's access to devices (BPF_PROG_TYPE_CGROUP_DEVICE, bpf(2)).</summary>
public static unsafe class CgroupDevicePrograms
{
    /// <summary>Loads a program.</summary>
    /// <param name="instructions">struct bpf_insn, one per 64-bit word.</param>
    /// <exception cref="LinuxException">The kernel, or its verifier, refuses.</exception>
    public static Fd Load(ReadOnlySpan<ulong> instructions)
    {
        fixed (ulong* code = instructions)
        fixed (byte* license = "Apache-2.0\0"u8)
        {
            var attributes = new BpfAttributes.ProgramLoad
            {
                prog_type = BpfConstants.BPF_PROG_TYPE_CGROUP_DEVICE,
                insn_cnt = (uint)instructions.Length,
                insns = (ulong)code,
                license = (ulong)license,
            };
            nint fd;
            do
            {
                // EAGAIN: the verifier was interrupted by a signal.
                fd = Call(BpfConstants.BPF_PROG_LOAD, &attributes, sizeof(BpfAttributes.ProgramLoad));
            }
            while (fd < 0 && Libc.LastErrno is (Errno.EINTR or Errno.EAGAIN));

            return fd < 0 ? throw Refused("BPF_PROG_LOAD", null) : new Fd((int)fd);
        }
    }

    /// <summary>
    /// Puts a program in the place of every other one on that very cgroup. Ancestors' programs stay in force: a device must pass all.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void Replace(string cgroup, Fd program)
    {
        using Fd directory = FileTree.Open(cgroup, OpenFlags.ReadOnly);

        // The new one first and the old ones off afterwards: at no time is the cgroup without a filter.
        uint[] old = Query(directory, cgroup);
        Attach(directory, program, cgroup);
        foreach (uint id in old)
        {
            Detach(directory, id, cgroup);
        }
    }

    /// <summary>How many programs are attached to that very cgroup.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static int Count(string cgroup)
    {
        using Fd directory = FileTree.Open(cgroup, OpenFlags.ReadOnly);
        return Query(directory, cgroup).Length;
    }

    private static void Attach(Fd directory, Fd program, string cgroup)
    {
        var attributes = new BpfAttributes.ProgramAttach
        {
            target_fd = (uint)directory.Number,
            attach_bpf_fd = (uint)program.Number,
            attach_type = BpfConstants.BPF_CGROUP_DEVICE,
            attach_flags = BpfConstants.BPF_F_ALLOW_MULTI,
        };
        if (Call(BpfConstants.BPF_PROG_ATTACH, &attributes, sizeof(BpfAttributes.ProgramAttach)) < 0)
        {
            throw Refused("BPF_PROG_ATTACH", cgroup);
        }
    }

    private static void Detach(Fd directory, uint programId, string cgroup)
    {
        var byId = new BpfAttributes.ProgramById { prog_id = programId };
        nint fd = Call(BpfConstants.BPF_PROG_GET_FD_BY_ID, &byId, sizeof(BpfAttributes.ProgramById));
        if (fd < 0)
        {
            if (Libc.LastErrno == Errno.ENOENT)
            {
                return;
            }

            throw Refused("BPF_PROG_GET_FD_BY_ID", cgroup);
        }

        using var program = new Fd((int)fd);
        var attributes = new BpfAttributes.ProgramAttach
        {
            target_fd = (uint)directory.Number,
            attach_bpf_fd = (uint)program.Number,
            attach_type = BpfConstants.BPF_CGROUP_DEVICE,
        };
        if (Call(BpfConstants.BPF_PROG_DETACH, &attributes, sizeof(BpfAttributes.ProgramAttach)) < 0 && Libc.LastErrno != Errno.ENOENT)
        {
            throw Refused("BPF_PROG_DETACH", cgroup);
        }
    }

    private static uint[] Query(Fd directory, string cgroup)
    {
        uint* ids = stackalloc uint[64];
        var attributes = new BpfAttributes.ProgramQuery
        {
            target_fd = (uint)directory.Number,
            attach_type = BpfConstants.BPF_CGROUP_DEVICE,
            prog_ids = (ulong)ids,
            prog_cnt = 64,
        };
        if (Call(BpfConstants.BPF_PROG_QUERY, &attributes, sizeof(BpfAttributes.ProgramQuery)) < 0)
        {
            throw Refused("BPF_PROG_QUERY", cgroup);
        }

        return new ReadOnlySpan<uint>(ids, (int)attributes.prog_cnt).ToArray();
    }

    private static nint Call(int command, void* attributes, int size) => Libc.bpf(SyscallNumbers.SYS_bpf, command, attributes, (uint)size);

    private static LinuxException Refused(string command, string? subject) => new($"bpf(2) {command}", subject, Libc.LastErrno);
}
