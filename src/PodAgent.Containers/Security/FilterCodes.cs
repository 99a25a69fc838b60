namespace PodAgent.Containers.Security;

/// <summary>The instructions of seccomp filters that are read and written here, and what they load (linux/bpf_common.h, linux/seccomp.h).</summary>
internal static class FilterCodes
{
    /// <summary>BPF_LD|BPF_W|BPF_ABS.</summary>
    public const ushort LoadWord = 0x20;

    /// <summary>BPF_JMP|BPF_JA.</summary>
    public const ushort Jump = 0x05;

    /// <summary>BPF_JMP|BPF_JEQ|BPF_K.</summary>
    public const ushort JumpEqual = 0x15;

    /// <summary>BPF_JMP|BPF_JGT|BPF_K.</summary>
    public const ushort JumpGreater = 0x25;

    /// <summary>BPF_JMP|BPF_JGE|BPF_K.</summary>
    public const ushort JumpGreaterEqual = 0x35;

    /// <summary>BPF_JMP|BPF_JSET|BPF_K.</summary>
    public const ushort JumpSet = 0x45;

    /// <summary>BPF_RET|BPF_K.</summary>
    public const ushort Return = 0x06;

    /// <summary>Offset of the system call's number in struct seccomp_data, bytes.</summary>
    public const uint NumberOffset = 0;

    /// <summary>Offset of the architecture in struct seccomp_data, bytes.</summary>
    public const uint ArchitectureOffset = 4;
}
