using Google.Protobuf;
using PodAgent.Cri.Checkpoints;
using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Cri.Stores;

/// <summary>
/// Records as files, replaced as a whole. There is no fsync because the
/// files are on tmpfs and mean nothing after a reboot.
/// </summary>
internal static class CheckpointFile
{
    public const uint Version = 1;
    public const string SandboxName = "sandbox.state";
    public const string ContainerName = "container.state";

    public static void WriteSandbox(string directory, SandboxRecord record) => Write(directory, SandboxName, new SandboxCheckpoint
    {
        Version = Version,
        Id = record.Id,
        Config = record.Config,
        RuntimeHandler = record.RuntimeHandler,
        CreatedAt = record.CreatedAt,
        StoppedAt = record.StoppedAt,
        CgroupParent = record.CgroupParent,
        OwnsCgroupParent = record.OwnsCgroupParent,
        Addresses = { record.Addresses },
        PausePid = record.PausePid,
        NetworkAttached = record.NetworkAttached,
        Resources = record.Resources,
        Overhead = record.Overhead,
    });

    public static void WriteContainer(string directory, ContainerRecord record) => Write(directory, ContainerName, new ContainerCheckpoint
    {
        Version = Version,
        Id = record.Id,
        SandboxId = record.SandboxId,
        Config = record.Config,
        CreatedAt = record.CreatedAt,
        StartedAt = record.StartedAt,
        FinishedAt = record.FinishedAt,
        ExitCode = record.ExitCode,
        Reason = record.Reason,
        Message = record.Message,
        Pid = record.Pid,
        ImageId = record.ImageId,
        ImageRef = record.ImageRef,
        LogPath = record.LogPath,
        Cgroup = record.Cgroup,
        StopSignal = record.StopSignal,
        Spec = record.Spec,
        Resources = record.Resources,
        UserName = record.UserName,
    });

    /// <summary>Reads a sandbox's record.</summary>
    /// <exception cref="AgentException">DataLoss: missing, torn, foreign or written by a newer agent.</exception>
    public static SandboxRecord ReadSandbox(string directory)
    {
        SandboxCheckpoint file = Read(Path.Combine(directory, SandboxName), SandboxCheckpoint.Parser, Path.GetFileName(directory));
        return new SandboxRecord
        {
            Id = file.Id,
            Config = file.Config,
            RuntimeHandler = file.RuntimeHandler,
            CreatedAt = file.CreatedAt,
            StoppedAt = file.StoppedAt,
            CgroupParent = file.CgroupParent,
            OwnsCgroupParent = file.OwnsCgroupParent,
            Addresses = [.. file.Addresses],
            PausePid = file.PausePid,
            NetworkAttached = file.NetworkAttached,
            Resources = file.Resources,
            Overhead = file.Overhead,
        };
    }

    /// <summary>Reads a container's record.</summary>
    /// <exception cref="AgentException">DataLoss: missing, torn, foreign or written by a newer agent.</exception>
    public static ContainerRecord ReadContainer(string directory)
    {
        ContainerCheckpoint file = Read(Path.Combine(directory, ContainerName), ContainerCheckpoint.Parser, Path.GetFileName(directory));
        return new ContainerRecord
        {
            Id = file.Id,
            SandboxId = file.SandboxId,
            Config = file.Config,
            CreatedAt = file.CreatedAt,
            StartedAt = file.StartedAt,
            FinishedAt = file.FinishedAt,
            ExitCode = file.ExitCode,
            Reason = file.Reason,
            Message = file.Message,
            Pid = file.Pid,
            ImageId = file.ImageId,
            ImageRef = file.ImageRef,
            LogPath = file.LogPath,
            Cgroup = file.Cgroup,
            StopSignal = file.StopSignal,
            Spec = file.Spec,
            Resources = file.Resources,
            UserName = file.UserName,
        };
    }

    private static void Write(string directory, string name, IMessage message) => AtomicFile.Write(Path.Combine(directory, name), message.ToByteArray());

    private static T Read<T>(string path, MessageParser<T> parser, string expectedId)
        where T : IMessage<T>
    {
        try
        {
            T message = parser.ParseFrom(File.ReadAllBytes(path));
            (uint version, string id) = message switch
            {
                SandboxCheckpoint sandbox when sandbox.Config?.Metadata is not null => (sandbox.Version, sandbox.Id),
                ContainerCheckpoint container when container.Config?.Metadata is not null => (container.Version, container.Id),
                _ => (0u, ""),
            };
            if (version is 0 or > Version || id != expectedId)
            {
                throw new AgentException(ErrorKind.DataLoss, $"\"{path}\" is not a state file of this version");
            }

            return message;
        }
        catch (Exception failure) when (failure is IOException or InvalidProtocolBufferException or UnauthorizedAccessException)
        {
            throw new AgentException(ErrorKind.DataLoss, $"cannot read state file \"{path}\": {failure.Message}", failure);
        }
    }
}
