using System.Diagnostics;
using PodAgent.Linux;
using PodAgent.Linux.Seccomp;

namespace PodAgent.Containers.Security;

/// <summary>Compiles profiles with libseccomp.</summary>
public static class SeccompCompiler
{
    /// <summary>
    /// Compiles a profile for a process with the given capabilities.
    /// <list type="number">
    /// <item>The rules that apply on this machine, to these capabilities.</item>
    /// <item>libseccomp's program for them; names that it does not know have no rule.</item>
    /// <item>Where the default is an error, in front of it a check that answers ENOSYS to calls newer than all that the profile names.</item>
    /// <item>The same decisions in fewer instructions.</item>
    /// </list>
    /// </summary>
    /// <exception cref="AgentException">libseccomp is not installed, or refuses the profile.</exception>
    public static SeccompCompilation Compile(SeccompProfile profile, CapabilitySet capabilities, SeccompMachine? machine = null)
    {
        machine ??= SeccompMachine.Current;
        long start = Stopwatch.GetTimestamp();
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        IReadOnlyList<SeccompArchitecture> architectures = profile.Architectures ?? machine.Architectures;
        try
        {
            using var filter = new SeccompFilter(profile.DefaultAction);
            SetArchitectures(filter, architectures);
            foreach (SeccompRule rule in profile.Rules)
            {
                // 1. A rule that says what happens anyway is refused by the library.
                if (rule.Action != profile.DefaultAction && rule.Applies(capabilities, machine.Architecture, machine.Kernel))
                {
                    Add(filter, rule, unknown);
                }
            }

            // 2.
            byte[] program = filter.Export();

            // 3.
            if (profile.DefaultAction.ErrorNumber is { } error && error != Errno.ENOSYS)
            {
                program = [.. NewerSyscallsStub.Assemble(Newest(profile, architectures)), .. program];
            }

            // 4.
            program = SeccompRanges.Rewrite(program);
            return new SeccompCompilation(program, [.. unknown], Stopwatch.GetElapsedTime(start));
        }
        catch (LinuxException e)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"cannot compile the seccomp profile: {e.Message}", e);
        }
    }

    private static void SetArchitectures(SeccompFilter filter, IReadOnlyList<SeccompArchitecture> architectures)
    {
        foreach (SeccompArchitecture architecture in architectures)
        {
            filter.AddArchitecture(architecture);
        }

        if (!architectures.Contains(SeccompFilter.NativeArchitecture))
        {
            filter.RemoveArchitecture(SeccompFilter.NativeArchitecture);
        }
    }

    private static void Add(SeccompFilter filter, SeccompRule rule, SortedSet<string> unknown)
    {
        bool alternatives = rule.Arguments.DistinctBy(a => a.Index).Count() < rule.Arguments.Count;
        SeccompComparison[] all = [.. rule.Arguments];
        foreach (string syscall in rule.Syscalls)
        {
            bool known = true;
            if (alternatives)
            {
                foreach (SeccompComparison comparison in all)
                {
                    known &= filter.AddRule(rule.Action, syscall, [comparison]);
                }
            }
            else
            {
                known = filter.AddRule(rule.Action, syscall, all);
            }

            if (!known)
            {
                unknown.Add(syscall);
            }
        }
    }

    // Rules that do not apply count too: their calls are known, and denied with EPERM.
    private static Dictionary<SeccompArchitecture, uint> Newest(SeccompProfile profile, IReadOnlyList<SeccompArchitecture> architectures)
    {
        string[] names = [.. profile.Rules.SelectMany(r => r.Syscalls).Distinct()];
        return architectures.ToDictionary(a => a, a => names.Select(n => SeccompFilter.ResolveSyscall(a, n)).Max(n => n is > 0 ? (uint)n : 0));
    }
}
