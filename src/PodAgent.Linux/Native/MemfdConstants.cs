namespace PodAgent.Linux.Native;

/// <summary>Flags of memfd_create(2).</summary>
[NativeConstants("linux/memfd.h")]
internal static class MemfdConstants
{
    public const uint MFD_CLOEXEC = 1;
    public const uint MFD_ALLOW_SEALING = 2;
}
