using PodAgent.Linux.Native;

namespace PodAgent.Linux.Mounting;

/// <summary>
/// Mounts held by descriptors (Linux 5.2): a tree is cloned or made detached, given its attributes while nobody can see it, and attached
/// to a place that is itself named by a descriptor. No path is resolved twice, so nobody can swap it in between.
/// </summary>
public static unsafe class MountTrees
{
    /// <summary>open_tree(2) with OPEN_TREE_CLONE: a detached copy of the mount at a path, like a bind mount without a place yet.</summary>
    /// <param name="path">Where the tree begins; need not be a mount point.</param>
    /// <param name="recursive">Whether the mounts below come along.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd Clone(string path, bool recursive) =>
        new(Libc.Check(Libc.open_tree(SyscallNumbers.SYS_open_tree, FileConstants.AT_FDCWD, path, Flags(recursive)), "open_tree(2)", path));

    /// <summary>As <see cref="Clone(string, bool)"/>, of the place that a descriptor (O_PATH suffices) stands for.</summary>
    /// <exception cref="LinuxException">The kernel refused: EINVAL for a descriptor of another mount namespace, or (before Linux 6.15) a detached mount.</exception>
    public static Fd Clone(Fd place, bool recursive, string? subject = null)
    {
        Fd? clone = TryClone(place, recursive, out Errno errno);
        return clone ?? throw new LinuxException("open_tree(2)", subject ?? place.ToString(), errno);
    }

    /// <summary>As <see cref="Clone(Fd, bool, string?)"/>; null and the error number when the kernel refuses.</summary>
    public static Fd? TryClone(Fd place, bool recursive, out Errno errno)
    {
        nint fd = Libc.open_tree(SyscallNumbers.SYS_open_tree, place.Number, "", Flags(recursive) | FileConstants.AT_EMPTY_PATH);
        errno = fd < 0 ? Libc.LastErrno : Errno.None;
        return fd < 0 ? null : new Fd((int)fd);
    }

    /// <summary>move_mount(2): attaches a detached mount on the place of another descriptor. The first descriptor stays usable and is then the root of the attached mount.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Attach(Fd tree, Fd place, string? subject = null) =>
        Libc.Check(
            Libc.move_mount(SyscallNumbers.SYS_move_mount, tree.Number, "", place.Number, "", NewMountConstants.MOVE_MOUNT_F_EMPTY_PATH | NewMountConstants.MOVE_MOUNT_T_EMPTY_PATH),
            "move_mount(2)",
            subject ?? place.ToString());

    /// <summary>As <see cref="Attach(Fd, Fd, string?)"/>, at a path whose last component is not followed when it is a symbolic link.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Attach(Fd tree, string path) =>
        Libc.Check(Libc.move_mount(SyscallNumbers.SYS_move_mount, tree.Number, "", FileConstants.AT_FDCWD, path, NewMountConstants.MOVE_MOUNT_F_EMPTY_PATH), "move_mount(2)", path);

    /// <summary>mount_setattr(2) (Linux 5.12): changes attributes and propagation of a mount, or of the whole tree at once.</summary>
    /// <param name="tree">The root of a mount.</param>
    /// <param name="set">Attributes to set.</param>
    /// <param name="clear">Attributes to clear.</param>
    /// <param name="propagation"><see cref="MountFlags.Private"/>, <see cref="MountFlags.Slave"/>, <see cref="MountFlags.Shared"/>, or none to leave it.</param>
    /// <param name="recursive">Whether the mounts below change too; all or none.</param>
    /// <param name="subject">What to name in the error.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetAttributes(
        Fd tree, MountAttributes set, MountAttributes clear, MountFlags propagation = MountFlags.None, bool recursive = false, string? subject = null)
    {
        var attributes = new mount_attr { attr_set = (ulong)set, attr_clr = (ulong)clear, propagation = (ulong)propagation };
        SetAttributes(tree, &attributes, recursive, subject);
    }

    /// <summary>Maps the owners of a detached mount's files by a user namespace (idmapped mount, Linux 5.12).</summary>
    /// <exception cref="LinuxException">The kernel, or the file system, refused.</exception>
    public static void SetIdMapping(Fd tree, Fd userNamespace, bool recursive = false, string? subject = null)
    {
        var attributes = new mount_attr { attr_set = NewMountConstants.MOUNT_ATTR_IDMAP, userns_fd = (ulong)userNamespace.Number };
        SetAttributes(tree, &attributes, recursive, subject);
    }

    private static void SetAttributes(Fd tree, mount_attr* attributes, bool recursive, string? subject) =>
        Libc.Check(
            Libc.mount_setattr(SyscallNumbers.SYS_mount_setattr, tree.Number, "", FileConstants.AT_EMPTY_PATH | (recursive ? (uint)FileConstants.AT_RECURSIVE : 0), attributes, (nuint)sizeof(mount_attr)),
            "mount_setattr(2)",
            subject ?? tree.ToString());

    private static uint Flags(bool recursive) =>
        NewMountConstants.OPEN_TREE_CLONE | NewMountConstants.OPEN_TREE_CLOEXEC | (recursive ? (uint)FileConstants.AT_RECURSIVE : 0);
}
