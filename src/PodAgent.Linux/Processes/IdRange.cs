namespace PodAgent.Linux.Processes;

/// <summary>One line of a user namespace's map (user_namespaces(7)).</summary>
/// <param name="Inside">First ID in the namespace.</param>
/// <param name="Outside">The ID of the parent namespace that it stands for.</param>
/// <param name="Length">How many.</param>
public readonly record struct IdRange(uint Inside, uint Outside, uint Length)
{
    /// <summary>/proc/sys/kernel/overflowuid: what the kernel shows for an ID without a mapping.</summary>
    public const uint Overflow = 65534;

    /// <summary>What an ID of the namespace is outside; <see cref="Overflow"/> when it has no mapping.</summary>
    public uint ToOutside(uint inside) => inside >= Inside && inside - Inside < Length ? Outside + (inside - Inside) : Overflow;
}
