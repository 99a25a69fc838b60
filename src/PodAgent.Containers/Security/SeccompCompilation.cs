namespace PodAgent.Containers.Security;

/// <summary>A compiled seccomp filter.</summary>
/// <param name="Program">struct sock_filter[], eight bytes each.</param>
/// <param name="UnknownSyscalls">Names of the profile that the installed libseccomp does not know, and which therefore have no rule.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record SeccompCompilation(byte[] Program, IReadOnlyList<string> UnknownSyscalls, TimeSpan Elapsed)
{
    /// <summary>Number of instructions; the kernel takes at most 4096 per filter.</summary>
    public int Instructions => Program.Length / 8;
}
