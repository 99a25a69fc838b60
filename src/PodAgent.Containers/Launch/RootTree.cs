using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Containers.Launch;

/// <summary>
/// Places below a container's root, which is content that somebody else made. Every path is resolved by the kernel with the root as
/// boundary (RESOLVE_IN_ROOT), the result is a descriptor, and what is missing is created one component at a time below a descriptor.
/// No host path is ever formed from a container's path.
/// </summary>
/// <param name="root">The boundary.</param>
/// <param name="owners">Whose root owns what is created; null: the host's.</param>
internal sealed class RootTree(Fd root, IdMapping? owners = null)
{
    private const ResolveFlags InRoot = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;
    private const int MaxPath = 4096;

    public Fd Root => root;

    /// <summary>The place of a path; null when it does not exist.</summary>
    /// <exception cref="LinuxException">The kernel refused, ELOOP for a magic link.</exception>
    public Fd? TryOpen(string path, OpenFlags flags = OpenFlags.Path)
    {
        Fd? place = FileTree.TryOpen(root, Inside(path), flags, InRoot, 0, out Errno errno);
        if (place is null && errno is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            throw new LinuxException("openat2(2)", path, errno);
        }

        return place;
    }

    /// <summary>The place of a path, created with all that is missing on the way.</summary>
    /// <param name="path">Absolute, in the container's terms.</param>
    /// <param name="directory">Whether to create a directory or an empty file.</param>
    /// <param name="links">False: a symbolic link anywhere on the way is an error (an image's <c>/dev -> /proc/..</c>).</param>
    /// <exception cref="LinuxException">The kernel refused, ELOOP for a forbidden link, EEXIST for a link that leads nowhere.</exception>
    public Fd OpenOrCreate(string path, bool directory, bool links = true)
    {
        ResolveFlags resolve = links ? InRoot : InRoot | ResolveFlags.NoSymlinks;
        Fd? place = FileTree.TryOpen(root, Inside(path), OpenFlags.Path, resolve, 0, out Errno errno);
        if (place is not null)
        {
            return place;
        }

        if (errno != Errno.ENOENT)
        {
            throw new LinuxException("openat2(2)", path, errno);
        }

        return Create(path, directory, resolve);
    }

    /// <summary>Normalises lexically: no <c>.</c>, no <c>..</c>, no empty component. The root is an empty list.</summary>
    public static List<string> Components(string path)
    {
        var components = new List<string>();
        foreach (string component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == "..")
            {
                if (components.Count > 0)
                {
                    components.RemoveAt(components.Count - 1);
                }
            }
            else if (component != ".")
            {
                components.Add(component);
            }
        }

        return components;
    }

    private Fd Create(string path, bool directory, ResolveFlags resolve)
    {
        List<string> components = Components(path);
        Fd current = FileTree.Duplicate(root);
        string walked = "";
        try
        {
            for (int i = 0; i < components.Count; i++)
            {
                string name = components[i];
                walked = walked.Length == 0 ? name : $"{walked}/{name}";
                Fd? next = FileTree.TryOpen(root, walked, OpenFlags.Path, resolve, 0, out Errno errno);
                if (next is null)
                {
                    if (errno != Errno.ENOENT)
                    {
                        throw new LinuxException("openat2(2)", $"/{walked}", errno);
                    }

                    bool made = directory || i < components.Count - 1
                        ? FileTree.TryMakeDirectory(name, 0x1ED, current)
                        : FileTree.TryMakeFile(name, 0x1A4, current);
                    if (!made)
                    {
                        // The name is there and yet resolves to nothing: a dangling link.
                        throw new LinuxException("mkdir(2)", $"/{walked}", Errno.EEXIST);
                    }

                    if (owners is not null)
                    {
                        FileTree.SetOwner(name, owners.RootUser, owners.RootGroup, current);
                    }

                    next = FileTree.Open(current, name, OpenFlags.Path | OpenFlags.NoFollow, ResolveFlags.Beneath | ResolveFlags.NoSymlinks);
                }

                current.Dispose();
                current = next;
            }

            return current;
        }
        catch
        {
            current.Dispose();
            throw;
        }
    }

    // The kernel takes an absolute path under RESOLVE_IN_ROOT too; an empty one would be ENOENT.
    private static string Inside(string path)
    {
        if (path.Length >= MaxPath)
        {
            throw new LinuxException("openat2(2)", path, Errno.ENAMETOOLONG);
        }

        string inside = string.Join('/', Components(path));
        return inside.Length == 0 ? "." : inside;
    }
}
