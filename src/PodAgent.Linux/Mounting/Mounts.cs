using PodAgent.Linux.Native;

namespace PodAgent.Linux.Mounting;

/// <summary>The path-based mount calls: mount(2), umount2(2), pivot_root(2).</summary>
public static class Mounts
{
    /// <summary>mount(2).</summary>
    /// <exception cref="LinuxException">The kernel refused; the subject is <paramref name="target"/>.</exception>
    public static void Mount(string? source, string target, string? type, MountFlags flags, string? data = null) =>
        Libc.Check(Libc.mount(source, target, type, (ulong)flags, data), "mount(2)", target);

    /// <summary>umount2(2); <paramref name="detach"/> hides the mount at once and ends it when its last user has gone.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Unmount(string target, bool detach = false)
    {
        Errno errno = UnmountCore(target, detach);
        if (errno != Errno.None)
        {
            Libc.Throw("umount2(2)", target, errno);
        }
    }

    /// <summary>As <see cref="Unmount"/>; false when the path does not exist or nothing is mounted there.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool TryUnmount(string target, bool detach = false)
    {
        Errno errno = UnmountCore(target, detach);
        switch (errno)
        {
            case Errno.None:
                return true;
            case Errno.EINVAL or Errno.ENOENT:
                return false;
            default:
                Libc.Throw("umount2(2)", target, errno);
                return false;
        }
    }

    /// <summary>pivot_root(2): <paramref name="newRoot"/> becomes the root of this mount namespace, the old one moves to <paramref name="putOld"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void PivotRoot(string newRoot, string putOld) =>
        Libc.Check(Libc.pivot_root(SyscallNumbers.SYS_pivot_root, newRoot, putOld), "pivot_root(2)", newRoot);

    // Never through a symbolic link: a container may have planted one.
    private static Errno UnmountCore(string target, bool detach) =>
        Libc.umount2(target, MountConstants.UMOUNT_NOFOLLOW | (detach ? MountConstants.MNT_DETACH : 0)) == 0 ? Errno.None : Libc.LastErrno;
}
