using PodAgent.Linux;
using PodAgent.Linux.Files;

namespace PodAgent.Containers.Tests.Users;

/// <summary>A directory in the place of a container's root file system.</summary>
public sealed class RootfsFixture : IDisposable
{
    public RootfsFixture()
    {
        Directory.CreateDirectory(Path + "/etc");
        Root = RootfsFiles.OpenRoot(Path);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("rootfs-").FullName;

    public Fd Root { get; }

    public RootfsFixture Passwd(string content)
    {
        File.WriteAllText(Path + "/etc/passwd", content);
        return this;
    }

    public RootfsFixture Group(string content)
    {
        File.WriteAllText(Path + "/etc/group", content);
        return this;
    }

    public void Dispose()
    {
        Root.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
