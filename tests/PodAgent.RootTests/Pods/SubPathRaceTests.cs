using PodAgent.Linux.Mounting;
using PodAgent.Pods;
using PodAgent.Pods.Config;
using PodAgent.Pods.Volumes;

namespace PodAgent.RootTests.Pods;

/// <summary>A workload that leads a link of its volume to the node while the agent prepares a subPath through it (CVE-2021-25741).</summary>
public sealed class SubPathRaceTests : IDisposable
{
    private const int Rounds = 300;

    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-subpath-").FullName;

    [Fact]
    public void Prepare_WhileTheLinkIsExchanged_NeverShowsTheNode()
    {
        string volume = Directory.CreateDirectory(At("volume")).FullName;
        string node = Directory.CreateDirectory(At("node")).FullName;
        Directory.CreateDirectory(Path.Combine(volume, "inside"));
        File.CreateSymbolicLink(Path.Combine(volume, "d"), "inside");
        File.WriteAllText(Path.Combine(node, "secret"), "");
        var subPaths = new SubPaths(new PodDirectories(_directory, _directory, _directory));
        using var stop = new CancellationTokenSource();
        var exchanger = new Thread(() => Exchange(volume, node, stop.Token));
        exchanger.Start();
        int mounted = 0;
        int refused = 0;
        try
        {
            for (int i = 0; i < Rounds; i++)
            {
                try
                {
                    string place = subPaths.Prepare("u", "c", 0, volume, "d");
                    mounted++;
                    Assert.False(File.Exists(Path.Combine(place, "secret")));
                }
                catch (ContainerConfigException)
                {
                    refused++;
                }
            }
        }
        finally
        {
            stop.Cancel();
            exchanger.Join();
        }

        // Neither side of the exchange was missed.
        Assert.InRange(mounted, 1, Rounds - 1);
        Assert.InRange(refused, 1, Rounds - 1);
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(node).Select(Path.GetFileName));
    }

    public void Dispose()
    {
        foreach (MountPoint mount in MountPoint.Below(_directory))
        {
            Mounts.TryUnmount(mount.Path, detach: true);
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static void Exchange(string volume, string node, CancellationToken stop)
    {
        string next = Path.Combine(volume, "next");
        while (!stop.IsCancellationRequested)
        {
            foreach (string target in new[] { node, "inside" })
            {
                File.CreateSymbolicLink(next, target);
                File.Move(next, Path.Combine(volume, "d"), overwrite: true);
                Thread.Yield();
            }
        }
    }

    private string At(string name) => Path.Combine(_directory, name);
}
