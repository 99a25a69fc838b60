using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using PodAgent.Linux;

namespace PodAgent.Containers.Security;

/// <summary>
/// The AppArmor profile of containers that name none (apparmor.d(5)). It denies what a container has no business with even as root with
/// added capabilities: mounting, tracing and signalling processes outside of containers, the kernel's switches in /proc and /sys.
/// </summary>
/// <param name="kernel">The machine's AppArmor.</param>
/// <param name="parsers">Where the compiler of profiles may be; Debian's package apparmor has it.</param>
public sealed class AppArmorDefaultProfile(AppArmor kernel, params IReadOnlyList<string> parsers)
{
    /// <summary>The profile's name in the kernel.</summary>
    public const string Name = "podagent-default";

    // Self-contained: tunables and abstractions of a distribution change and may be absent. File names are those inside the container.
    // Nothing can be excepted from a denied subtree, so "all but shm*" is spelled out letter by letter.
    private const string Rules = $$"""
        profile {{Name}} flags=(attach_disconnected,mediate_deleted) {
          network,
          capability,
          file,
          umount,
          unix,
          dbus,

          # The agent and other programs of the node run unconfined, and stop and look at containers.
          signal (receive) peer=unconfined,
          signal (send,receive) peer={{Name}},
          ptrace (readby,tracedby) peer=unconfined,
          ptrace (trace,read,readby,tracedby) peer={{Name}},

          deny mount,

          # Of /proc only what belongs to processes, and the shared memory limits of the pod's own IPC namespace.
          deny /proc/* w,
          deny /proc/[^1-9s]*/** w,
          deny /proc/s[^y]*/** w,
          deny /proc/sys/[^k]** w,
          deny /proc/sys/kernel/[^s]** w,
          deny /proc/sys/kernel/s[^h]** w,
          deny /proc/sys/kernel/sh[^m]** w,
          deny /proc/sysrq-trigger rwklx,
          deny /proc/kcore rwklx,

          # Of /sys only control groups.
          deny /sys/[^f]*/** wklx,
          deny /sys/f[^s]*/** wklx,
          deny /sys/fs/[^c]*/** wklx,
          deny /sys/fs/c[^g]*/** wklx,
          deny /sys/fs/cg[^r]*/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/kernel/security/** rwklx,

        """;

    private static readonly string[] s_usual = ["/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"];

    // A profile below the profile, which no process is ever under: the kernel lists it, and so tells which rules it holds. Compiling them takes
    // a tenth of a second.
    private static readonly string s_version = $"version-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Rules)))[..12]}";
    private static readonly string s_text = $"{Rules}\n  profile {s_version} {{\n  }}\n}}\n";

    private readonly Lock _gate = new();
    private bool _loaded;

    /// <summary>
    /// Gives the profile to the kernel, at the first call, unless an earlier agent has given it the same; one of another version is replaced.
    /// </summary>
    /// <exception cref="AgentException">FailedPrecondition: no AppArmor, no compiler, or the profile is refused.</exception>
    public void EnsureLoaded()
    {
        if (!kernel.Enabled)
        {
            throw AppArmor.NotEnabled(Name);
        }

        lock (_gate)
        {
            if (!_loaded && !IsInKernel())
            {
                Load();
            }

            _loaded = true;
        }
    }

    // A replacement leaves what an earlier version had below the profile: then nothing tells which of them the rules are.
    private bool IsInKernel()
    {
        IReadOnlySet<string> loaded = kernel.LoadedProfiles();
        return loaded.Contains(Name) && loaded.Where(static name => name.StartsWith(Name + "//", StringComparison.Ordinal)).SequenceEqual([$"{Name}//{s_version}"]);
    }

    private void Load()
    {
        string parser = (parsers.Count == 0 ? s_usual : parsers).FirstOrDefault(File.Exists)
            ?? throw new AgentException(
                ErrorKind.FailedPrecondition, $"cannot load AppArmor profile \"{Name}\": there is no apparmor_parser; install the package apparmor");

        // --replace: also when it is not there yet. --skip-cache: nothing is written to the machine's cache of profiles.
        var start = new ProcessStartInfo(parser, ["--replace", "--skip-cache", "--quiet"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new AgentException(ErrorKind.FailedPrecondition, $"cannot load AppArmor profile \"{Name}\": {parser} does not start");
        process.StandardInput.Write(s_text);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            string cause = (error + output.Result).Trim().ReplaceLineEndings("; ");
            throw new AgentException(ErrorKind.FailedPrecondition, $"cannot load AppArmor profile \"{Name}\": {parser} ended with {process.ExitCode}: {cause}");
        }
    }
}
