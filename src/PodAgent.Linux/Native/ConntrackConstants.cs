namespace PodAgent.Linux.Native;

/// <summary>Messages and attributes of connection tracking over netlink.</summary>
[NativeConstants("linux/netfilter/nfnetlink.h", "linux/netfilter/nfnetlink_conntrack.h", NewerThanHeaders = [nameof(CTA_FILTER_F_CTA_IP_SRC)])]
internal static class ConntrackConstants
{
    public const ushort NFNL_SUBSYS_CTNETLINK = 1;
    public const ushort IPCTNL_MSG_CT_GET = 1;
    public const ushort IPCTNL_MSG_CT_DELETE = 2;

    public const ushort CTA_TUPLE_ORIG = 1;
    public const ushort CTA_TUPLE_REPLY = 2;
    public const ushort CTA_FILTER = 25;
    public const ushort CTA_TUPLE_IP = 1;
    public const ushort CTA_TUPLE_PROTO = 2;
    public const ushort CTA_IP_V4_SRC = 1;
    public const ushort CTA_PROTO_NUM = 1;
    public const ushort CTA_FILTER_REPLY_FLAGS = 2;

    // Known to the kernel only (net/netfilter/nf_internals.h), though part of its interface.
    public const uint CTA_FILTER_F_CTA_IP_SRC = 1;
}
