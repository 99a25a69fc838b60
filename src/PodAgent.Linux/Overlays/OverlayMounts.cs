using System.Text;
using PodAgent.Linux.Native;

namespace PodAgent.Linux.Overlays;

/// <summary>
/// Makes overlay mounts (Documentation/filesystems/overlayfs.rst) that nobody sees: the descriptor is the root of a mount without a place,
/// to be attached by move_mount(2) in the mount namespace that needs it.
/// </summary>
public static unsafe class OverlayMounts
{
    // fsconfig(2) takes strings of up to 255 bytes.
    private const int MaxParameter = 255;

    /// <summary>
    /// fsopen(2) with one <c>lowerdir+</c> per layer (Linux 6.7); null when this kernel does not know that option. Everything else that goes wrong is
    /// thrown, with the kernel's own words about the option.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd? TryMountDetached(OverlayLayers layers)
    {
        long opened = Libc.overlay_fsopen(Libc.OverlayFsopenNumber, "overlay", OverlayConstants.FSOPEN_CLOEXEC);
        if (opened < 0)
        {
            return Libc.LastErrno == Errno.ENOSYS ? null : throw new LinuxException("fsopen(2)", "overlay", Libc.LastErrno);
        }

        using var context = new Fd((int)opened);
        using var held = new DirectoryHandles();
        for (int i = 0; i < layers.Lower.Count; i++)
        {
            Errno errno = Configure(context, OverlayConstants.FSCONFIG_SET_STRING, "lowerdir+", Short(layers.Lower[i], held));

            // An unknown option is EINVAL. For a directory that cannot be a layer the same number comes back, but not before the option was seen once.
            if (errno == Errno.EINVAL && i == 0 && Messages(context).Contains("lowerdir+", StringComparison.Ordinal))
            {
                return null;
            }

            Require(context, errno, $"lowerdir+={layers.Lower[i]}");
        }

        foreach ((string key, string? value) in Options(layers, held))
        {
            uint command = value is null ? OverlayConstants.FSCONFIG_SET_FLAG : OverlayConstants.FSCONFIG_SET_STRING;
            Require(context, Configure(context, command, key, value), value is null ? key : $"{key}={value}");
        }

        Require(context, Configure(context, OverlayConstants.FSCONFIG_CMD_CREATE, null, null), layers.Upper);
        long mount = Libc.overlay_fsmount(Libc.OverlayFsmountNumber, context.Number, OverlayConstants.FSMOUNT_CLOEXEC, 0);
        return mount < 0 ? throw new LinuxException("fsmount(2)", layers.Upper, Libc.LastErrno) : new Fd((int)mount);
    }

    /// <summary>
    /// The same through mount(2) on <paramref name="place"/>, an empty directory of the caller's, for kernels before 6.7: the mount is cloned detached
    /// and taken away from the place again. A crash in between leaves it there; <see cref="Unmount"/> clears that.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd MountAndDetach(OverlayLayers layers, string place)
    {
        // mount(2) takes one page of options, which 127 real paths would not fit; descriptors' links do.
        using var held = new DirectoryHandles();
        var options = new StringBuilder("lowerdir=").AppendJoin(':', layers.Lower.Select(held.Link));
        foreach ((string key, string? value) in Options(layers, held))
        {
            options.Append(',').Append(key).Append(value is null ? "" : "=").Append(value);
        }

        if (Libc.overlay_mount("overlay", place, "overlay", 0, options.ToString()) < 0)
        {
            throw new LinuxException("mount(2)", place, Libc.LastErrno);
        }

        long clone = Libc.overlay_open_tree(
            Libc.OverlayOpenTreeNumber, FileTreeConstants.AT_FDCWD, place, OverlayConstants.OPEN_TREE_CLONE | OverlayConstants.OPEN_TREE_CLOEXEC);
        Errno errno = clone < 0 ? Libc.LastErrno : Errno.None;
        Fd? mount = clone < 0 ? null : new Fd((int)clone);
        try
        {
            Unmount(place);
        }
        catch
        {
            mount?.Dispose();
            throw;
        }

        return mount ?? throw new LinuxException("open_tree(2)", place, errno);
    }

    /// <summary>umount2(2) with MNT_DETACH; false when nothing is mounted there.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static bool Unmount(string place)
    {
        if (Libc.overlay_umount2(place, OverlayConstants.MNT_DETACH | OverlayConstants.UMOUNT_NOFOLLOW) == 0)
        {
            return true;
        }

        return Libc.LastErrno is Errno.EINVAL or Errno.ENOENT ? false : throw new LinuxException("umount2(2)", place, Libc.LastErrno);
    }

    // index, redirect_dir, metacopy and xino are set by build-time defaults that differ between distributions. index=on would make remounting a layer
    // whose former mount is not quite gone fail with EBUSY; metacopy and redirects in a layer made by somebody else would be a way out of it.
    private static IEnumerable<(string Key, string? Value)> Options(OverlayLayers layers, DirectoryHandles held)
    {
        yield return ("upperdir", Short(layers.Upper, held));
        yield return ("workdir", Short(layers.Work, held));
        yield return ("index", "off");
        yield return ("redirect_dir", "nofollow");
        yield return ("metacopy", "off");
        yield return ("xino", "off");
        if (layers.Volatile)
        {
            yield return ("volatile", null);
        }
    }

    // The option parsers differ in what they unescape, so a path with any such character goes by descriptor too.
    private static string Short(string path, DirectoryHandles held) =>
        Encoding.UTF8.GetByteCount(path) > MaxParameter || path.AsSpan().IndexOfAny(":,\\") >= 0 ? held.Link(path) : path;

    private static Errno Configure(Fd context, uint command, string? key, string? value) =>
        Libc.overlay_fsconfig(Libc.OverlayFsconfigNumber, context.Number, command, key, value, 0) < 0 ? Libc.LastErrno : Errno.None;

    private static void Require(Fd context, Errno errno, string subject)
    {
        if (errno != Errno.None)
        {
            string said = Messages(context);
            throw new LinuxException("fsconfig(2)", said.Length == 0 ? subject : $"{subject} ({said})", errno);
        }
    }

    // Each read gives one message, its first letter the severity; ENODATA after the last.
    private static string Messages(Fd context)
    {
        var text = new StringBuilder();
        byte* buffer = stackalloc byte[512];
        nint length;
        while ((length = Libc.overlay_read(context.Number, buffer, 512)) > 0)
        {
            text.Append(text.Length == 0 ? "" : "; ").Append(Encoding.UTF8.GetString(buffer, (int)length).TrimEnd());
        }

        return text.ToString();
    }
}
