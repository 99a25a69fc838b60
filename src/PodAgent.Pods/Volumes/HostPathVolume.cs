using PodAgent.Linux.Files;

namespace PodAgent.Pods.Volumes;

/// <summary>hostPath: a place of the node, checked by its type before every use.</summary>
internal static class HostPathVolume
{
    /// <exception cref="VolumeException">The path is not what the pod says it is.</exception>
    public static PreparedVolume Prepare(string volume, Core.HostPathVolumeSource source)
    {
        string path = source.Path;
        string type = source.HasType ? source.Type : "";
        try
        {
            FileKind? kind = FileTree.TryStatus(path)?.Kind;
            switch (type)
            {
                case "":
                    break;
                case "DirectoryOrCreate":
                    if (kind is null)
                    {
                        Directory.CreateDirectory(path);
                        FileTree.SetPermissions(path, 0b111_101_101);
                        kind = FileKind.Directory;
                    }

                    Require(volume, path, kind == FileKind.Directory, "a directory");
                    break;
                case "Directory":
                    Require(volume, path, kind == FileKind.Directory, "a directory");
                    break;
                case "FileOrCreate":
                    if (kind is null)
                    {
                        // The directory above is not made: kubelet's rule, a typo must not become a tree.
                        FileTree.TryMakeFile(path, 0b110_100_100);
                        kind = FileKind.Regular;
                    }

                    Require(volume, path, kind == FileKind.Regular, "a file");
                    break;
                case "File":
                    Require(volume, path, kind == FileKind.Regular, "a file");
                    break;
                case "Socket":
                    Require(volume, path, kind == FileKind.Socket, "a socket file");
                    break;
                case "CharDevice":
                    Require(volume, path, kind == FileKind.CharacterDevice, "a character device");
                    break;
                case "BlockDevice":
                    Require(volume, path, kind == FileKind.BlockDevice, "a block device");
                    break;
                default:
                    throw new VolumeException(volume, $"hostPath type {type} is not known");
            }
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            throw new VolumeException(volume, $"hostPath type check failed: {e.Message}", e);
        }

        return new PreparedVolume(path);
    }

    private static void Require(string volume, string path, bool holds, string what)
    {
        if (!holds)
        {
            throw new VolumeException(volume, $"hostPath type check failed: {path} is not {what}");
        }
    }
}
