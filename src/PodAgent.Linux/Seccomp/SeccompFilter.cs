using PodAgent.Linux.Files;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Seccomp;

/// <summary>
/// A seccomp filter under construction in libseccomp, and its export as the kernel's program (struct sock_filter[]). Not thread-safe.
/// </summary>
public sealed unsafe class SeccompFilter : IDisposable
{
    // An attribute value of libseccomp >= 2.5: a binary tree over the call numbers instead of a list, which matters with 400 calls.
    private const uint OptimizeBinaryTree = 2;

    private nint _context;

    /// <summary>Starts a filter for the native architecture.</summary>
    /// <exception cref="AgentException">libseccomp is not installed, or refuses the action.</exception>
    public SeccompFilter(SeccompAction defaultAction)
    {
        try
        {
            _context = LibSeccomp.seccomp_init(defaultAction.Value);
        }
        catch (DllNotFoundException e)
        {
            throw new AgentException(ErrorKind.FailedPrecondition, "seccomp profiles need libseccomp 2.5 or later: libseccomp.so.2 is not installed", e);
        }

        if (_context == 0)
        {
            throw new LinuxException("seccomp_init(3)", $"action 0x{defaultAction.Value:x8}", Errno.EINVAL);
        }

        // Who loads the program decides about no_new_privs. The tree is an optimisation; an older library lacks it.
        Check(LibSeccomp.seccomp_attr_set(_context, LibSeccompConstants.SCMP_FLTATR_CTL_NNP, 0), "seccomp_attr_set(3)", "no_new_privs");
        _ = LibSeccomp.seccomp_attr_set(_context, LibSeccompConstants.SCMP_FLTATR_CTL_OPTIMIZE, OptimizeBinaryTree);
    }

    /// <summary>The installed library's version; part of the identity of a compiled filter.</summary>
    /// <exception cref="AgentException">libseccomp is not installed.</exception>
    public static Version LibraryVersion
    {
        get
        {
            try
            {
                scmp_version* version = LibSeccomp.seccomp_version();
                return new Version((int)version->major, (int)version->minor, (int)version->micro);
            }
            catch (DllNotFoundException e)
            {
                throw new AgentException(ErrorKind.FailedPrecondition, "seccomp profiles need libseccomp 2.5 or later: libseccomp.so.2 is not installed", e);
            }
        }
    }

    /// <summary>The architecture of this machine.</summary>
    public static SeccompArchitecture NativeArchitecture => (SeccompArchitecture)LibSeccomp.seccomp_arch_native();

    /// <summary>
    /// The number of a call on one architecture; null when the installed library does not know the name at all, negative when the
    /// architecture does not have the call.
    /// </summary>
    public static int? ResolveSyscall(SeccompArchitecture architecture, string name)
    {
        int number = LibSeccomp.seccomp_syscall_resolve_name_arch((uint)architecture, name);
        return number == LibSeccompConstants.__NR_SCMP_ERROR ? null : number;
    }

    /// <summary>Lets the filter also decide for another architecture; one that it already has is left as it is.</summary>
    /// <exception cref="LinuxException">The library does not know it.</exception>
    public void AddArchitecture(SeccompArchitecture architecture)
    {
        if (LibSeccomp.seccomp_arch_exist(_context, (uint)architecture) != 0)
        {
            Check(LibSeccomp.seccomp_arch_add(_context, (uint)architecture), "seccomp_arch_add(3)", architecture.ToString());
        }
    }

    /// <summary>Removes an architecture, also the native one.</summary>
    /// <exception cref="LinuxException">The library refuses.</exception>
    public void RemoveArchitecture(SeccompArchitecture architecture)
    {
        if (LibSeccomp.seccomp_arch_exist(_context, (uint)architecture) == 0)
        {
            Check(LibSeccomp.seccomp_arch_remove(_context, (uint)architecture), "seccomp_arch_remove(3)", architecture.ToString());
        }
    }

    /// <summary>Sets the answer to calls of an architecture that the filter does not cover; the library's default is to kill the thread.</summary>
    /// <exception cref="LinuxException">The library refuses.</exception>
    public void SetOtherArchitectureAction(SeccompAction action) =>
        Check(LibSeccomp.seccomp_attr_set(_context, LibSeccompConstants.SCMP_FLTATR_ACT_BADARCH, action.Value), "seccomp_attr_set(3)", "bad arch action");

    /// <summary>
    /// Adds a rule: the call gets the action when all comparisons hold. False, and no rule, when the installed library does not know the
    /// name.
    /// </summary>
    /// <exception cref="LinuxException">The library refuses the rule.</exception>
    public bool AddRule(SeccompAction action, string syscall, ReadOnlySpan<SeccompComparison> comparisons)
    {
        int number = LibSeccomp.seccomp_syscall_resolve_name(syscall);
        if (number == LibSeccompConstants.__NR_SCMP_ERROR)
        {
            return false;
        }

        scmp_arg_cmp* native = stackalloc scmp_arg_cmp[Math.Max(1, comparisons.Length)];
        for (int i = 0; i < comparisons.Length; i++)
        {
            native[i] = new scmp_arg_cmp
            {
                arg = comparisons[i].Index,
                op = (int)comparisons[i].Operator,
                datum_a = comparisons[i].Value,
                datum_b = comparisons[i].ValueTwo,
            };
        }

        Check(LibSeccomp.seccomp_rule_add_array(_context, action.Value, number, (uint)comparisons.Length, native), "seccomp_rule_add(3)", syscall);
        return true;
    }

    /// <summary>The finished program: struct sock_filter[], eight bytes each, in native byte order.</summary>
    /// <exception cref="LinuxException">The library or the kernel refuses.</exception>
    public byte[] Export()
    {
        using Fd memory = Memfd.Create("seccomp-filter");
        Check(LibSeccomp.seccomp_export_bpf(_context, memory.Number), "seccomp_export_bpf(3)", null);
        return Memfd.ReadAll(memory);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_context != 0)
        {
            LibSeccomp.seccomp_release(_context);
            _context = 0;
        }
    }

    private static void Check(int result, string operation, string? subject)
    {
        if (result < 0)
        {
            throw new LinuxException(operation, subject, (Errno)(-result));
        }
    }
}
