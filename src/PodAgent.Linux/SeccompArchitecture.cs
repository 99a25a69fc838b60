namespace PodAgent.Linux;

/// <summary>Instruction sets as libseccomp and the kernel's audit subsystem number them (linux/audit.h AUDIT_ARCH_*).</summary>
public enum SeccompArchitecture : uint
{
    /// <summary>32-bit x86.</summary>
    X86 = 0x40000003,
    /// <summary>64-bit x86.</summary>
    X86_64 = 0xC000003E,
    /// <summary>x86-64 with 32-bit pointers; libseccomp's own token, the kernel sees x86-64 with bit 30 of the call number set.</summary>
    X32 = 0x4000003E,
    /// <summary>32-bit ARM.</summary>
    Arm = 0x40000028,
    /// <summary>64-bit ARM.</summary>
    Aarch64 = 0xC00000B7,
    /// <summary>64-bit little-endian RISC-V.</summary>
    RiscV64 = 0xC00000F3,
    /// <summary>64-bit little-endian POWER.</summary>
    Ppc64Le = 0xC0000015,
    /// <summary>64-bit z/Architecture.</summary>
    S390X = 0x80000016,
    /// <summary>31-bit z/Architecture.</summary>
    S390 = 0x00000016,
    /// <summary>64-bit little-endian MIPS.</summary>
    MipsEl64 = 0xC0000008,
    /// <summary>64-bit LoongArch.</summary>
    LoongArch64 = 0xC0000102,
}
