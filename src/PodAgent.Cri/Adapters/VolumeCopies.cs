using System.Text;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.Processes;

namespace PodAgent.Cri.Adapters;

/// <summary>
/// Copies what an image has below a volume's path. The path and everything below come from the image, so nothing is ever resolved
/// outside its root: the start by RESOLVE_IN_ROOT, the rest name by name without following links.
/// </summary>
internal sealed class VolumeCopies : IImageVolumes
{
    // Each level holds two descriptors open.
    private const int MaxDepth = 128;
    private const uint DefaultPermissions = 0x1ED; // 0755

    public bool Has(Fd root, string path)
    {
        using Fd? place = FileTree.TryOpen(root, path, OpenFlags.Path, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out _);
        return place is not null;
    }

    public void Populate(Fd rootfs, string path, string directory, IdMapping? owners)
    {
        Directory.CreateDirectory(directory);
        using Fd target = FileTree.OpenDirectory(directory);
        byte[] relative = Encoding.UTF8.GetBytes(path.TrimStart('/'));
        using Fd? place = relative.Length == 0 ? null : FileTree.TryOpenInRoot(rootfs, relative, directory: true, out _);
        if (place is null)
        {
            // The image only declares it; the mount point is made when the container starts.
            FileTree.SetOwner(target, owners?.RootUser ?? 0, owners?.RootGroup ?? 0);
            FileTree.SetPermissions(target, DefaultPermissions);
            return;
        }

        // An O_PATH descriptor cannot be read; this opens the same directory again.
        using Fd source = FileTree.OpenDirectory("."u8, place);
        try
        {
            Copy(source, target, 0);
        }
        catch (LinuxException failure)
        {
            throw new AgentException(ErrorKind.Internal, $"cannot copy the image's volume \"{path}\": {failure.Message}", failure);
        }
    }

    private static void Copy(Fd source, Fd target, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"an image's volume is more than {MaxDepth} directories deep");
        }

        foreach (byte[] name in DirectoryEntries.List(source))
        {
            if (FileTree.TryStatus(name, follow: false, source) is { } status)
            {
                CopyEntry(source, target, name, status, depth);
            }
        }

        FileStatus own = FileTree.Status(source);
        FileTree.SetOwner(target, own.Uid, own.Gid);
        FileTree.SetPermissions(target, own.Permissions);
    }

    private static void CopyEntry(Fd source, Fd target, byte[] name, FileStatus status, int depth)
    {
        switch (status.Kind)
        {
            case FileKind.Directory:
                FileTree.TryMakeDirectory(name, DefaultPermissions, target);
                using (Fd from = FileTree.OpenDirectory(name, source))
                using (Fd to = FileTree.OpenDirectory(name, target))
                {
                    Copy(from, to, depth + 1);
                }

                break;
            case FileKind.Regular:
                CopyFile(source, target, name, status);
                break;
            case FileKind.SymbolicLink:
                FileTree.MakeLink(name, FileTree.TryReadLink(name, source) ?? [], target);
                FileTree.SetOwner(name, status.Uid, status.Gid, target);
                break;
            default:
                FileTree.MakeNode(name, status.Kind, status.Permissions, status.RawDevice, target);
                FileTree.SetOwner(name, status.Uid, status.Gid, target);
                break;
        }
    }

    private static void CopyFile(Fd source, Fd target, byte[] name, FileStatus status)
    {
        using Fd from = FileTree.Open(name, OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, source);
        using Fd to = FileTree.CreateFile(name, 0, target);
        byte[] buffer = new byte[64 << 10];
        int read;
        while ((read = FileData.TryRead(from, buffer, out Errno errno)) != 0)
        {
            if (read < 0)
            {
                throw new LinuxException("read(2)", Encoding.UTF8.GetString(name), errno);
            }

            FileData.Write(to, buffer.AsSpan(0, read), name);
        }

        FileTree.SetOwner(to, status.Uid, status.Gid);
        FileTree.SetPermissions(to, status.Permissions, name);
        FileTree.SetTimes(name, status.ModifiedSeconds, status.ModifiedNanoseconds, target);
    }
}
