using System.Text;
using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Linux.FileTrees;
using TreeKind = PodAgent.Linux.FileTrees.FileKind;
using TreeStatus = PodAgent.Linux.FileTrees.FileStatus;

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

    public void Populate(Fd rootfs, string path, string directory)
    {
        Directory.CreateDirectory(directory);
        using Fd target = TreeFiles.OpenDirectory(directory);
        byte[] relative = Encoding.UTF8.GetBytes(path.TrimStart('/'));
        using Fd? place = relative.Length == 0 ? null : TreeFiles.TryOpenInRoot(rootfs, relative, directory: true, out _);
        if (place is null)
        {
            // The image only declares it; the mount point is made when the container starts.
            TreeAttributes.SetPermissions(target, DefaultPermissions, default);
            return;
        }

        // An O_PATH descriptor cannot be read; this opens the same directory again.
        using Fd source = TreeFiles.OpenDirectory(place, "."u8);
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
            if (TreeAttributes.TryStat(source, name) is { } status)
            {
                CopyEntry(source, target, name, status, depth);
            }
        }

        TreeStatus own = TreeAttributes.Stat(source);
        FileTree.SetOwner(target, own.Uid, own.Gid);
        TreeAttributes.SetPermissions(target, own.Permissions, default);
    }

    private static void CopyEntry(Fd source, Fd target, byte[] name, TreeStatus status, int depth)
    {
        switch (status.Kind)
        {
            case TreeKind.Directory:
                TreeFiles.TryMakeDirectory(target, name, DefaultPermissions);
                using (Fd from = TreeFiles.OpenDirectory(source, name))
                using (Fd to = TreeFiles.OpenDirectory(target, name))
                {
                    Copy(from, to, depth + 1);
                }

                break;
            case TreeKind.Regular:
                CopyFile(source, target, name, status);
                break;
            case TreeKind.SymbolicLink:
                TreeFiles.MakeSymbolicLink(TreeFiles.TryReadLink(source, name) ?? [], target, name);
                TreeAttributes.SetOwner(target, name, status.Uid, status.Gid);
                break;
            default:
                TreeFiles.MakeNode(target, name, status.Kind, status.Permissions, status.Major, status.Minor);
                TreeAttributes.SetOwner(target, name, status.Uid, status.Gid);
                break;
        }
    }

    private static void CopyFile(Fd source, Fd target, byte[] name, TreeStatus status)
    {
        using Fd from = FileTree.Open(Encoding.UTF8.GetString(name), OpenFlags.ReadOnly | OpenFlags.NoFollow, 0, source);
        using Fd to = TreeFiles.CreateFile(target, name, 0);
        byte[] buffer = new byte[64 << 10];
        int read;
        while ((read = FileData.TryRead(from, buffer, out Errno errno)) != 0)
        {
            if (read < 0)
            {
                throw new LinuxException("read(2)", Encoding.UTF8.GetString(name), errno);
            }

            TreeFiles.Write(to, buffer.AsSpan(0, read), name);
        }

        FileTree.SetOwner(to, status.Uid, status.Gid);
        TreeAttributes.SetPermissions(to, status.Permissions, name);
        TreeAttributes.SetTimes(target, name, status.ModifiedSeconds, status.ModifiedNanoseconds);
    }
}
