using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

[NativeType("struct nlmsghdr", "linux/netlink.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct NlMsgHdr
{
    public uint nlmsg_len;
    public ushort nlmsg_type;
    public ushort nlmsg_flags;
    public uint nlmsg_seq;
    public uint nlmsg_pid;
}

[NativeType("struct nlattr", "linux/netlink.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct NlAttr
{
    public ushort nla_len;
    public ushort nla_type;
}

[NativeType("struct ifinfomsg", "linux/rtnetlink.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct IfInfoMsg
{
    public byte ifi_family;
    [NativeField("__ifi_pad")]
    public byte Padding;
    public ushort ifi_type;
    public int ifi_index;
    public uint ifi_flags;
    public uint ifi_change;
}

[NativeType("struct ifaddrmsg", "linux/if_addr.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct IfAddrMsg
{
    public byte ifa_family;
    public byte ifa_prefixlen;
    public byte ifa_flags;
    public byte ifa_scope;
    public uint ifa_index;
}

[NativeType("struct rtmsg", "linux/rtnetlink.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct RtMsg
{
    public byte rtm_family;
    public byte rtm_dst_len;
    public byte rtm_src_len;
    public byte rtm_tos;
    public byte rtm_table;
    public byte rtm_protocol;
    public byte rtm_scope;
    public byte rtm_type;
    public uint rtm_flags;
}
