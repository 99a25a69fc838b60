using PodAgent.Api.Cri;
using PodAgent.Cri.Containers.Specs;

namespace PodAgent.Cri.Tests.Containers.Specs;

public sealed class MountValidationTests
{
    private static readonly IDMapping s_range = new() { HostId = 1000, Length = 10 };

    [Fact]
    public void Problems_MissingHostPath_NamesBothPlaces() =>
        Assert.Equal(
            ["cannot mount \"/nope\" at \"/data\": hostPath \"/nope\" does not exist"],
            MountValidation.Problems([new Mount { ContainerPath = "/data", HostPath = "/nope" }], new NamespaceOption(), _ => false));

    [Fact]
    public void Problems_SeveralFaults_AreAllNamed()
    {
        Mount[] mounts =
        [
            new() { ContainerPath = "relative", HostPath = "/h" },
            new() { ContainerPath = "/a", HostPath = "relative" },
            new() { ContainerPath = "/b", HostPath = "/h", RecursiveReadOnly = true },
            new() { ContainerPath = "/c", HostPath = "/h", Readonly = true, RecursiveReadOnly = true, Propagation = MountPropagation.PropagationBidirectional },
            new() { ContainerPath = "/d", Image = new ImageSpec { Image = "x" } },
            new() { ContainerPath = "/", HostPath = "/h" },
            new() { ContainerPath = "/e", Image = new ImageSpec { Image = "x" }, Readonly = true, ImageSubPath = "a/../../b" },
            new() { ContainerPath = "/f", HostPath = "/h", ImageSubPath = "a" },
            new() { ContainerPath = "/g", HostPath = "/h", MountOptions = { "dev" } },
            new() { ContainerPath = "/i", HostPath = "/h", UidMappings = { s_range } },
            new() { ContainerPath = "/j", HostPath = "/h", Propagation = (MountPropagation)7 },
            new() { ContainerPath = "/k\0", HostPath = "/h" },
            new() { ContainerPath = "/l", Image = new ImageSpec { Image = "x" }, Readonly = true, HostPath = "/h" },
        ];
        string[] problems = [.. MountValidation.Problems(mounts, new NamespaceOption(), _ => true)];
        Assert.Equal(mounts.Length, problems.Length);
        for (int i = 0; i < mounts.Length; i++)
        {
            Assert.StartsWith($"mounts[{i}]", problems[i], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Problems_MappingsOfThePod_AreFine()
    {
        var pod = new NamespaceOption { UsernsOptions = new UserNamespace { Mode = NamespaceMode.Pod, Uids = { s_range }, Gids = { s_range } } };
        Assert.Empty(MountValidation.Problems(
            [new Mount { ContainerPath = "/a", HostPath = "/h", UidMappings = { s_range }, GidMappings = { s_range } }], pod, _ => true));
        Assert.Single(MountValidation.Problems(
            [new Mount { ContainerPath = "/a", HostPath = "/h", UidMappings = { s_range } }], pod, _ => true));
    }
}
