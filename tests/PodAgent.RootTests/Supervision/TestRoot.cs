using PodAgent.Linux;
using PodAgent.Linux.Mounting;

namespace PodAgent.RootTests.Supervision;

/// <summary>A root file system made of Debian's static busybox, new for each test so that a test may spoil it.</summary>
internal sealed class TestRoot : IDisposable
{
    private static readonly string[] s_applets =
    [
        "sh", "ls", "cat", "id", "sleep", "echo", "mount", "umount", "stat", "tty", "stty", "ps", "kill", "readlink", "env", "hostname", "dd", "head", "tail",
        "tr", "true", "false", "ln", "rm", "mkdir", "chmod", "touch", "pwd", "setsid", "printf", "grep", "wc", "mknod", "seq", "yes", "sysctl", "ulimit", "date",
    ];

    public TestRoot()
    {
        Path = Directory.CreateTempSubdirectory("podagent-root-").FullName;
        foreach (string name in new[] { "bin", "etc", "tmp", "proc", "sys", "dev", "root" })
        {
            _ = Directory.CreateDirectory(System.IO.Path.Combine(Path, name));
        }

        File.Copy("/bin/busybox", System.IO.Path.Combine(Path, "bin/busybox"));
        foreach (string applet in s_applets)
        {
            _ = File.CreateSymbolicLink(System.IO.Path.Combine(Path, "bin", applet), "busybox");
        }

        File.SetUnixFileMode(Path, (UnixFileMode)0x1ED);
        File.SetUnixFileMode(System.IO.Path.Combine(Path, "tmp"), (UnixFileMode)0x3FF);
    }

    public string Path { get; }

    public string this[string inside] => System.IO.Path.Combine(Path, inside.TrimStart('/'));

    /// <summary>A detached mount of it, as the overlay of a real container would be.</summary>
    public Fd Open() => MountTrees.Clone(Path, recursive: false);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
