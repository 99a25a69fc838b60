using PodAgent.Linux.Native;

namespace PodAgent.Linux.Processes;

/// <summary>The C library's heap, from which the native libraries and the runtime allocate.</summary>
public static class NativeHeap
{
    /// <summary>
    /// Lets all threads that do not have an arena yet share one: each arena keeps what its busiest moment needed. For programs that allocate
    /// little, so that the threads do not stand in each other's way.
    /// </summary>
    public static void ShareOneArena() => _ = Libc.mallopt(HeapConstants.M_ARENA_MAX, 1);

    /// <summary>Gives free pages back to the kernel (malloc_trim(3)).</summary>
    public static void ReturnFreePages() => _ = Libc.malloc_trim(0);
}
