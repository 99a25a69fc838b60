using PodAgent.Linux;
using PodAgent.Linux.Files;
using PodAgent.Pods.Volumes;
using Make = PodAgent.Pods.Tests.Fakes.Pods;

namespace PodAgent.Pods.Tests.Volumes;

public sealed class VolumeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("podagent-volumes-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("", "nothing", null)]
    [InlineData("", "directory", null)]
    [InlineData("Directory", "directory", null)]
    [InlineData("Directory", "file", "is not a directory")]
    [InlineData("Directory", "nothing", "is not a directory")]
    [InlineData("DirectoryOrCreate", "nothing", null)]
    [InlineData("DirectoryOrCreate", "file", "is not a directory")]
    [InlineData("File", "file", null)]
    [InlineData("File", "directory", "is not a file")]
    [InlineData("File", "nothing", "is not a file")]
    [InlineData("FileOrCreate", "nothing", null)]
    [InlineData("FileOrCreate", "directory", "is not a file")]
    [InlineData("Socket", "file", "is not a socket file")]
    [InlineData("CharDevice", "file", "is not a character device")]
    [InlineData("CharDevice", "null", null)]
    [InlineData("BlockDevice", "null", "is not a block device")]
    public void HostPath_TypeAgainstWhatIsThere_IsChecked(string type, string there, string? problem)
    {
        string path = there == "null" ? "/dev/null" : Path.Combine(_directory, "x");
        switch (there)
        {
            case "file":
                File.WriteAllText(path, "");
                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            default:
                break;
        }

        VolumeException? e = Record.Exception(() => HostPathVolume.Prepare("data", new Core.HostPathVolumeSource { Path = path, Type = type })) as VolumeException;

        Assert.Equal(problem is null ? null : $"hostPath type check failed: {path} {problem}", e?.Message);
        if (problem is null && type.EndsWith("OrCreate", StringComparison.Ordinal))
        {
            Assert.Equal(type[0] == 'D', Directory.Exists(path));
            Assert.True(Path.Exists(path));
        }
    }

    [Fact]
    public void DownwardApi_Items_AreFilesWithTheirModes()
    {
        Core.Pod pod = Make.New();
        pod.Metadata.Labels["b"] = "2";
        pod.Metadata.Labels["a"] = "say \"hi\"";
        Core.DownwardAPIVolumeSource source = new() { DefaultMode = 0b100_100_100 };
        source.Items.Add(new Core.DownwardAPIVolumeFile { Path = "labels", FieldRef = new Core.ObjectFieldSelector { FieldPath = "metadata.labels" } });
        source.Items.Add(new Core.DownwardAPIVolumeFile { Path = "deep/name", Mode = 0b100_000_000, FieldRef = new Core.ObjectFieldSelector { FieldPath = "metadata.name" } });
        string directory = Path.Combine(_directory, "info");
        NodeFacts node = new() { NodeName = "n", HostIps = [], MemoryCapacity = 1, CpuCapacity = 1 };

        DownwardApiVolume.Prepare("info", directory, pod, source, node);
        DownwardApiVolume.Prepare("info", directory, pod, source, node);

        Assert.Equal("a=\"say \\\"hi\\\"\"\nb=\"2\"", File.ReadAllText(Path.Combine(directory, "labels")));
        Assert.Equal("web", File.ReadAllText(Path.Combine(directory, "deep/name")));
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("/abs")]
    [InlineData("a/../../b")]
    public void SubPath_ThatLeavesTheVolume_IsRefused(string subPath) => Assert.Throws<PodAgent.Pods.Config.ContainerConfigException>(
        () => new SubPaths(new PodDirectories(_directory, _directory, _directory)).Prepare("u", "c", 0, _directory, subPath));

    [Fact]
    public void SubPath_ThroughALinkOutOfTheVolume_IsRefused()
    {
        string volume = Directory.CreateDirectory(Path.Combine(_directory, "volume")).FullName;
        File.CreateSymbolicLink(Path.Combine(volume, "evil"), "/etc");

        PodAgent.Pods.Config.ContainerConfigException e = Assert.Throws<PodAgent.Pods.Config.ContainerConfigException>(
            () => new SubPaths(new PodDirectories(_directory, _directory, _directory)).Prepare("u", "c", 0, volume, "evil"));

        Assert.StartsWith("failed to prepare subPath \"evil\" of container \"c\":", e.Message);
    }

    [Fact]
    public void Remove_VolumeDeeperThanAnyPath_IsGone()
    {
        var host = new VolumeHost(
            new PodDirectories(_directory, _directory, _directory), new NodeFacts { NodeName = "n", HostIps = [], MemoryCapacity = 1, CpuCapacity = 1 });
        string volumes = Directory.CreateDirectory(Path.Combine(_directory, "volumes", "u", "data")).FullName;
        string name = new('d', 200);
        Fd current = FileTree.OpenDirectory(volumes);
        for (int i = 0; i < 50; i++)
        {
            using Fd parent = current;
            FileTree.TryMakeDirectory(name, 0b111_000_000, parent);
            current = FileTree.OpenDirectory(name, parent);
        }

        current.Dispose();

        host.Remove("u");

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_directory, "volumes")));
    }

    [Fact]
    public void Problem_UnsupportedSource_NamesItAndWhatThereIs()
    {
        Core.Volume volume = new() { Name = "x", VolumeSource = new Core.VolumeSource { Nfs = new Core.NFSVolumeSource { Server = "a", Path = "/" } } };

        Assert.Equal(
            "volume source nfs is not supported by this version; supported: emptyDir, hostPath, downwardAPI", VolumeSupport.Problem(volume));
    }
}
