using PodAgent.Linux.Native;

namespace PodAgent.Linux.Seccomp;

/// <summary>Instruction sets as libseccomp and the kernel's audit subsystem number them (linux/audit.h AUDIT_ARCH_*).</summary>
public enum SeccompArchitecture : uint
{
    /// <summary>32-bit x86.</summary>
    X86 = LibSeccompConstants.SCMP_ARCH_X86,
    /// <summary>64-bit x86.</summary>
    X86_64 = LibSeccompConstants.SCMP_ARCH_X86_64,
    /// <summary>x86-64 with 32-bit pointers; libseccomp's own token, the kernel sees x86-64 with bit 30 of the call number set.</summary>
    X32 = LibSeccompConstants.SCMP_ARCH_X32,
    /// <summary>32-bit ARM.</summary>
    Arm = LibSeccompConstants.SCMP_ARCH_ARM,
    /// <summary>64-bit ARM.</summary>
    Aarch64 = LibSeccompConstants.SCMP_ARCH_AARCH64,
    /// <summary>64-bit little-endian RISC-V.</summary>
    RiscV64 = LibSeccompConstants.SCMP_ARCH_RISCV64,
    /// <summary>64-bit little-endian POWER.</summary>
    Ppc64Le = LibSeccompConstants.SCMP_ARCH_PPC64LE,
    /// <summary>64-bit z/Architecture.</summary>
    S390X = LibSeccompConstants.SCMP_ARCH_S390X,
    /// <summary>31-bit z/Architecture.</summary>
    S390 = LibSeccompConstants.SCMP_ARCH_S390,
    /// <summary>64-bit little-endian MIPS.</summary>
    MipsEl64 = LibSeccompConstants.SCMP_ARCH_MIPSEL64,
    /// <summary>64-bit LoongArch.</summary>
    LoongArch64 = LibSeccompConstants.SCMP_ARCH_LOONGARCH64,
}
