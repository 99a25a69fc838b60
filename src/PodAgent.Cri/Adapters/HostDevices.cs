using PodAgent.Cri.Ports;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cri.Adapters;

/// <summary>Device nodes as they are below /dev.</summary>
internal sealed class HostDevices : IHostDevices
{
    private const string Root = "/dev";
    private const int MaxDepth = 16;

    // Containers have these of their own.
    private static readonly HashSet<string> s_own = ["/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx"];

    public IReadOnlyList<HostDevice> Read(string path)
    {
        if (FileTree.TryStatus(path) is not { } status)
        {
            throw new AgentException(ErrorKind.InvalidArgument, $"device \"{path}\" does not exist");
        }

        if (status.Kind == FileKind.Directory)
        {
            var found = new List<HostDevice>();
            Collect(path.TrimEnd('/'), found, [], 0);
            return found;
        }

        return Describe(path, status) is { } device
            ? [device]
            : throw new AgentException(ErrorKind.InvalidArgument, $"\"{path}\" is not a device");
    }

    public IReadOnlyList<HostDevice> All()
    {
        var found = new List<HostDevice>();
        Collect(Root, found, s_own, 0);
        return found;
    }

    private static void Collect(string directory, List<HostDevice> found, HashSet<string> without, int depth)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(directory))
        {
            // Nodes come and go under a device manager's hands.
            if (without.Contains(path) || FileTree.TryStatus(path, follow: false) is not { } status)
            {
                continue;
            }

            if (status.Kind == FileKind.Directory && depth < MaxDepth)
            {
                Collect(path, found, without, depth + 1);
            }
            else if (Describe(path, status) is { } device)
            {
                found.Add(device);
            }
        }
    }

    private static HostDevice? Describe(string path, FileStatus status) => status.Kind switch
    {
        FileKind.CharacterDevice => Describe(path, 'c', status),
        FileKind.BlockDevice => Describe(path, 'b', status),
        _ => null,
    };

    private static HostDevice Describe(string path, char type, FileStatus status) => new(
        path, type, DeviceNumber.Major(status.RawDevice), DeviceNumber.Minor(status.RawDevice), status.Permissions, status.Uid, status.Gid);
}
