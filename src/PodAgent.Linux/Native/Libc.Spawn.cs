using System.Runtime.InteropServices;

namespace PodAgent.Linux.Native;

/// <summary>posix_spawn(3).</summary>
[NativeConstants("spawn.h")]
internal static class SpawnConstants
{
    public const short POSIX_SPAWN_SETSIGDEF = 4;
    public const short POSIX_SPAWN_SETSIGMASK = 8;
    public const short POSIX_SPAWN_SETSID = 0x80;
}

/// <summary>Opaque storage of the C library's size.</summary>
[NativeType("posix_spawnattr_t", "spawn.h")]
[StructLayout(LayoutKind.Sequential, Size = 336)]
internal struct posix_spawnattr
{
    [NativeField(null)]
    public ulong storage;
}

/// <summary>Opaque storage of the C library's size.</summary>
[NativeType("posix_spawn_file_actions_t", "spawn.h")]
[StructLayout(LayoutKind.Sequential, Size = 80)]
internal struct posix_spawn_file_actions
{
    [NativeField(null)]
    public ulong storage;
}

// These functions return the error number instead of setting it.
internal static unsafe partial class Libc
{
    [LibraryImport(Name)]
    internal static partial int posix_spawn(int* pid, byte* path, posix_spawn_file_actions* actions, posix_spawnattr* attributes, byte** argv, byte** envp);

    [LibraryImport(Name)]
    internal static partial int posix_spawnattr_init(posix_spawnattr* attributes);

    [LibraryImport(Name)]
    internal static partial int posix_spawnattr_destroy(posix_spawnattr* attributes);

    [LibraryImport(Name)]
    internal static partial int posix_spawnattr_setflags(posix_spawnattr* attributes, short flags);

    [LibraryImport(Name)]
    internal static partial int posix_spawnattr_setsigmask(posix_spawnattr* attributes, void* sigset);

    [LibraryImport(Name)]
    internal static partial int posix_spawnattr_setsigdefault(posix_spawnattr* attributes, void* sigset);

    [LibraryImport(Name)]
    internal static partial int posix_spawn_file_actions_init(posix_spawn_file_actions* actions);

    [LibraryImport(Name)]
    internal static partial int posix_spawn_file_actions_destroy(posix_spawn_file_actions* actions);

    [LibraryImport(Name)]
    internal static partial int posix_spawn_file_actions_adddup2(posix_spawn_file_actions* actions, int fd, int newfd);

    [LibraryImport(Name)]
    internal static partial int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions* actions, byte* path);
}
