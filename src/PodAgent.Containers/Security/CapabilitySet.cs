using System.Globalization;
using System.Numerics;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Security;

/// <summary>A set of capabilities, bit N standing for capability number N as in /proc/pid/status.</summary>
/// <param name="Bits">The set.</param>
public readonly record struct CapabilitySet(ulong Bits)
{
    private static readonly Lazy<CapabilitySet> s_all = new(() => new CapabilitySet(UpTo(ReadLastCapability())));

    /// <summary>No capability.</summary>
    public static CapabilitySet None => default;

    /// <summary>Every capability that the running kernel knows (/proc/sys/kernel/cap_last_cap).</summary>
    public static CapabilitySet All => s_all.Value;

    /// <summary>What a container gets unless it asks for more or less: the 14 that containerd and Docker give.</summary>
    public static CapabilitySet Default { get; } = Parse(
    [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP", "NET_BIND_SERVICE",
        "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ]);

    /// <summary>The number of capabilities in the set.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>The names in order of their numbers.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            var names = new List<string>(Count);
            for (ulong left = Bits; left != 0; left &= left - 1)
            {
                names.Add(CapabilityNames.Name(BitOperations.TrailingZeroCount(left)));
            }

            return names;
        }
    }

    /// <summary>Both.</summary>
    public static CapabilitySet operator |(CapabilitySet left, CapabilitySet right) => new(left.Bits | right.Bits);

    /// <summary>What both have.</summary>
    public static CapabilitySet operator &(CapabilitySet left, CapabilitySet right) => new(left.Bits & right.Bits);

    /// <summary>A set from names, with or without <c>CAP_</c>, in any case; <c>ALL</c> is every one.</summary>
    /// <exception cref="AgentException">InvalidArgument: names every unknown capability.</exception>
    public static CapabilitySet Parse(IEnumerable<string> names)
    {
        ulong bits = 0;
        List<string>? unknown = null;
        foreach (string name in names)
        {
            if (IsAll(name))
            {
                bits |= All.Bits;
            }
            else if (CapabilityNames.TryParse(name, out int number))
            {
                bits |= 1UL << number;
            }
            else
            {
                (unknown ??= []).Add($"\"{name}\"");
            }
        }

        return unknown is null
            ? new CapabilitySet(bits)
            : throw new AgentException(ErrorKind.InvalidArgument, $"unknown {(unknown.Count == 1 ? "capability" : "capabilities")} {string.Join(", ", unknown)}");
    }

    /// <summary>Whether a capability is in the set.</summary>
    public bool Has(int number) => (Bits & (1UL << number)) != 0;

    /// <summary>Whether a capability is in the set.</summary>
    /// <exception cref="AgentException">InvalidArgument: the name is unknown.</exception>
    public bool Has(string name) => Has(CapabilityNames.Parse(name));

    /// <summary>The set with more capabilities.</summary>
    /// <exception cref="AgentException">InvalidArgument: a name is unknown.</exception>
    public CapabilitySet Add(params IEnumerable<string> names) => this | Parse(names);

    /// <summary>The set without some capabilities.</summary>
    /// <exception cref="AgentException">InvalidArgument: a name is unknown.</exception>
    public CapabilitySet Drop(params IEnumerable<string> names) => new(Bits & ~Parse(names).Bits);

    /// <summary>
    /// What a container's security context asks for, as containerd reads it: ADD ALL starts from every capability, DROP ALL from none; then
    /// the single names are added, then dropped. So <c>drop: [ALL], add: [CHOWN]</c> is CHOWN alone, and <c>add: [ALL], drop: [CHOWN]</c> is
    /// all but CHOWN.
    /// </summary>
    /// <exception cref="AgentException">InvalidArgument: names every unknown capability of both lists.</exception>
    public CapabilitySet Apply(IReadOnlyCollection<string> add, IReadOnlyCollection<string> drop)
    {
        _ = Parse([.. add, .. drop]);
        CapabilitySet result = this;
        if (add.Any(IsAll))
        {
            result = All;
        }

        if (drop.Any(IsAll))
        {
            result = None;
        }

        return result.Add(add.Where(n => !IsAll(n))).Drop(drop.Where(n => !IsAll(n)));
    }

    /// <inheritdoc/>
    public override string ToString() => Bits == 0 ? "none" : string.Join(",", Names);

    private static bool IsAll(string name) => name.Equals("ALL", StringComparison.OrdinalIgnoreCase);

    private static ulong UpTo(int last) => last >= 63 ? ulong.MaxValue : (1UL << (last + 1)) - 1;

    private static int ReadLastCapability() =>
        int.TryParse(ControlFiles.TryRead("/proc/sys/kernel/cap_last_cap").AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            ? Math.Clamp(last, 0, 63)
            : CapabilityNames.Count - 1;
}
