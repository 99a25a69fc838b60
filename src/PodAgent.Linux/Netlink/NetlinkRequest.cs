namespace PodAgent.Linux.Netlink;

/// <summary>One request of a batch: enough to match the kernel's answer with it and to name it in an error.</summary>
/// <param name="Sequence">The number that the answer carries.</param>
/// <param name="Operation">The kind of request, for example <c>rtnetlink(7) RTM_NEWLINK</c>.</param>
/// <param name="Subject">What it is about: an interface name, an address.</param>
public readonly record struct NetlinkRequest(uint Sequence, string Operation, string Subject);
