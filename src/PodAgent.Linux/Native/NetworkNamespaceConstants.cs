namespace PodAgent.Linux.Native;

/// <summary>Flags for entering and opening network namespaces.</summary>
[NativeConstants("sched.h", "fcntl.h")]
internal static class NetworkNamespaceConstants
{
    public const int CLONE_NEWNET = 0x40000000;
    public const int O_RDONLY = 0;
    public const int O_CLOEXEC = 0x80000;
}
