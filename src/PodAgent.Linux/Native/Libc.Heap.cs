using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>Parameters of mallopt(3).</summary>
[NativeConstants("malloc.h")]
internal static class HeapConstants
{
    public const int M_ARENA_MAX = -8;
}

internal static partial class Libc
{
    [LibraryImport(Name)]
    internal static partial int mallopt(int parameter, int value);

    [LibraryImport(Name)]
    internal static partial int malloc_trim(nuint pad);
}
