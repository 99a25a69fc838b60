using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Flags of memfd_create(2).</summary>
[NativeConstants("linux/memfd.h")]
internal static class MemfdConstants
{
    public const uint MFD_CLOEXEC = 1;
}

/// <summary>Advice of madvise(2).</summary>
[NativeConstants("sys/mman.h")]
internal static class MemoryConstants
{
    public const int MADV_DONTNEED = 4;
}

internal static partial class Libc
{
    [LibraryImport(Name, SetLastError = true)]
    internal static partial int madvise(nint address, nuint length, int advice);

    [LibraryImport(Name, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int memfd_create(string name, uint flags);
}
