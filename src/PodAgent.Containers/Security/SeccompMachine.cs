using System.Runtime.InteropServices;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>The kind of machine that a filter is compiled for.</summary>
/// <param name="Architecture">The name that profiles use, as Go writes it: <c>amd64</c>, <c>arm64</c>.</param>
/// <param name="Kernel">The kernel's version.</param>
/// <param name="Architectures">The architectures whose calls the kernel accepts, the native one first.</param>
public sealed record SeccompMachine(string Architecture, Version Kernel, IReadOnlyList<SeccompArchitecture> Architectures)
{
    /// <summary>This machine.</summary>
    public static SeccompMachine Current { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.Arm64 => new SeccompMachine(
            "arm64", Environment.OSVersion.Version, [SeccompArchitecture.Aarch64, SeccompArchitecture.Arm]),
        _ => new SeccompMachine(
            "amd64", Environment.OSVersion.Version, [SeccompArchitecture.X86_64, SeccompArchitecture.X86, SeccompArchitecture.X32]),
    };
}
