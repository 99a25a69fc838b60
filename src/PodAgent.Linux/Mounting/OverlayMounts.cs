using System.Text;

namespace PodAgent.Linux.Mounting;

/// <summary>
/// Makes overlay mounts (Documentation/filesystems/overlayfs.rst) that nobody sees: the descriptor is the root of a mount without a place,
/// to be attached by move_mount(2) in the mount namespace that needs it.
/// </summary>
public static class OverlayMounts
{
    // fsconfig(2) takes strings of up to 255 bytes.
    private const int MaxParameter = 255;

    private static readonly Lazy<bool> s_looksAtOptions = new(LooksAtOptions, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>
    /// fsopen(2) with one <c>lowerdir+</c> per layer (Linux 6.7); null when this kernel does not know that option. Everything else that goes wrong is
    /// thrown, with the kernel's own words about the option.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Fd? TryMountDetached(OverlayLayers layers)
    {
        using FileSystemContext? context = FileSystemContext.TryOpen("overlay");
        if (context is null || !s_looksAtOptions.Value)
        {
            return null;
        }

        using var held = new DirectoryHandles();
        for (int i = 0; i < layers.Lower.Count; i++)
        {
            LinuxException? refused = context.TrySet("lowerdir+", Short(layers.Lower[i], held), out string said);

            // An unknown option is EINVAL. For a directory that cannot be a layer the same number comes back, but not before the option was seen once.
            if (refused is { Errno: Errno.EINVAL } && i == 0 && said.Contains("lowerdir+", StringComparison.Ordinal))
            {
                return null;
            }

            if (refused is not null)
            {
                throw refused;
            }
        }

        foreach ((string key, string? value) in Options(layers, held))
        {
            if (value is null)
            {
                context.SetFlag(key);
            }
            else
            {
                context.Set(key, value);
            }
        }

        return context.CreateMount();
    }

    /// <summary>
    /// The same through mount(2) on <paramref name="place"/>, an empty directory of the caller's, for kernels before 6.7: the mount is cloned detached
    /// and taken away from the place again. A crash in between leaves it there; <see cref="Mounts.TryUnmount"/> clears that.
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

        Mounts.Mount("overlay", place, "overlay", MountFlags.None, options.ToString());
        try
        {
            return MountTrees.Clone(place, recursive: false);
        }
        finally
        {
            Mounts.TryUnmount(place, detach: true);
        }
    }

    // Before 6.5 overlayfs takes any option without a look, and says EINVAL to all of them together at the end.
    private static bool LooksAtOptions()
    {
        using var context = new FileSystemContext("overlay");
        return context.TrySet("podagent-asks", "nothing", out _) is not null;
    }

    // index, redirect_dir, metacopy and xino are set by build-time defaults that differ between distributions. index=on would make remounting a layer
    // whose former mount is not quite gone fail with EBUSY; metacopy and redirects in a layer made by somebody else would be a way out of it.
    private static IEnumerable<(string Key, string? Value)> Options(OverlayLayers layers, DirectoryHandles held)
    {
        if (layers is { Upper: { } upper, Work: { } work })
        {
            yield return ("upperdir", Short(upper, held));
            yield return ("workdir", Short(work, held));
        }

        yield return ("index", "off");
        yield return ("redirect_dir", "nofollow");
        yield return ("metacopy", "off");
        yield return ("xino", "off");
        if (layers is { Volatile: true, Upper: not null })
        {
            yield return ("volatile", null);
        }
    }

    // The option parsers differ in what they unescape, so a path with any such character goes by descriptor too.
    private static string Short(string path, DirectoryHandles held) =>
        Encoding.UTF8.GetByteCount(path) > MaxParameter || path.AsSpan().IndexOfAny(":,\\") >= 0 ? held.Link(path) : path;
}
