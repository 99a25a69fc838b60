using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

[NativeType("struct nfgenmsg", "linux/netfilter/nfnetlink.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct NfGenMsg
{
    public byte nfgen_family;
    public byte version;
    public ushort res_id;
}
