namespace PodAgent.Linux.Netlink;

/// <summary>A message from the kernel other than an acknowledgement.</summary>
/// <param name="Type">Its type, for example <c>RTM_NEWLINK</c>.</param>
/// <param name="Payload">Everything behind the netlink header.</param>
public sealed record NetlinkMessage(ushort Type, byte[] Payload);
