using System.Formats.Tar;
using System.Text;
using Google.Protobuf;
using PodAgent.Api.Cri;
using PodAgent.EndToEnd.Harness;
using PodAgent.EndToEnd.Images;

namespace PodAgent.EndToEnd.Conformance;

/// <summary>Images by all their names, their identity over all calls, and their removal.</summary>
[Collection(ConformanceAgent.Name)]
public sealed class ImageTests(AgentFixture agent)
{
    [Fact]
    public async Task Status_OfAnAbsentImage_IsEmptyAndNoError() =>
        Assert.Null((await agent.ImageStore.ImageStatusAsync(new ImageStatusRequest { Image = Spec("conformance/absent:1") })).Image);

    [Fact]
    public async Task Status_ByAnyReference_IsTheSame()
    {
        string[] tags = ["localhost/conformance/many:1", "localhost/conformance/many:2", "localhost/conformance/many:latest"];
        Image image = await ImportAsync(tags);

        Assert.Equal(tags, image.RepoTags);
        Assert.NotEqual(0UL, image.Size);
        foreach (string reference in (string[])[.. tags, .. image.RepoDigests, image.Id, image.Id["sha256:".Length..], "localhost/conformance/many"])
        {
            Assert.Equal(image.ToByteString(), (await FindAsync(reference))!.ToByteString());
        }

        Assert.Equal(image, Assert.Single(await ListAsync(), listed => listed.Id == image.Id));
        await RemoveAsync(image.Id);
    }

    [Fact]
    public async Task Removal_ById_TakesTheTagsOfAllRegistriesAtOnce()
    {
        string[] tags = ["localhost/conformance/twice:1", "other.example/conformance/twice:1"];
        Image image = await ImportAsync(tags);

        // Whichever call does it, each must find it done.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            await RemoveAsync(image.Id);
            Assert.Null(await FindAsync(image.Id));
        }));

        foreach (string tag in tags)
        {
            Assert.Null(await FindAsync(tag));
        }

        Assert.DoesNotContain(await ListAsync(), listed => listed.Id == image.Id);
    }

    [Theory]
    [InlineData("1002", 1002L, "")]
    [InlineData("www-data", null, "www-data")]
    [InlineData("1003:1004", 1003L, "")]
    [InlineData("www-data:1004", null, "www-data")]
    public async Task User_OfTheImage_IsNumberOrName(string user, long? uid, string name)
    {
        Image image = await ImportAsync([$"localhost/conformance/user:{user.Replace(':', '-')}"], user);

        Assert.Equal((uid, name), (image.Uid?.Value, image.Username));
        await RemoveAsync(image.Id);
    }

    [Fact]
    public async Task Identity_OverAllCalls_IsOne()
    {
        Image image = await ImportAsync(["localhost/conformance/identity:1"]);
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Container();
        config.Image.Image = image.Id;

        string container = await pod.StartAsync(config);

        ContainerStatus status = await pod.StatusAsync(container);
        Container listed = Assert.Single((await agent.Runtime.ListContainersAsync(new ListContainersRequest { Filter = new ContainerFilter { Id = container } })).Containers);
        Assert.Equal((image.Id, image.Id), (status.ImageId, listed.ImageId));
        Assert.NotEqual("", status.ImageRef);
        await pod.RemoveAsync(container);
        await RemoveAsync(image.Id);
    }

    [Theory]
    [InlineData(SupplementalGroupsPolicy.Merge, new long[] { 1000, 1234, 50000 })]
    [InlineData(SupplementalGroupsPolicy.Strict, new long[] { 1000, 1234 })]
    public async Task Groups_OfTheImage_AreMergedUnlessStrict(SupplementalGroupsPolicy policy, long[] expected)
    {
        Image image = await ImportAsync(["localhost/conformance/groups:1"], "1000",
            ImageArchive.TextFile("etc/passwd", "root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n"),
            ImageArchive.TextFile("etc/group", "root:x:0:\nuser:x:1000:\nof-the-image:x:50000:user\n"));
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Secured(CriPod.Container("/bin/busybox", "sleep", "1000"), new LinuxContainerSecurityContext
        {
            RunAsUser = new Int64Value { Value = 1000 },
            SupplementalGroups = { 1234 },
            SupplementalGroupsPolicy = policy,
        });
        config.Image.Image = image.RepoTags[0];

        string container = await pod.StartAsync(config);

        Assert.Equal(new LinuxContainerUser { Uid = 1000, Gid = 1000, SupplementalGroups = { expected } }, (await pod.StatusAsync(container)).User.Linux);
        Assert.Equal(string.Join(' ', expected) + "\n", await pod.OutputAsync(container, "/bin/busybox", "id", "-G"));
        await pod.RemoveAsync(container);
        await RemoveAsync(image.Id);
    }

    // Programs that raise their user depend on it.
    [Fact]
    public async Task Modes_OfTheLayer_SurviveUnpacking()
    {
        var program = new PaxTarEntry(TarEntryType.RegularFile, "bin/special")
        {
            Mode = UnixFileMode.SetUser | UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherExecute,
            Uid = 0,
            Gid = 42,
            DataStream = new MemoryStream(Encoding.ASCII.GetBytes("x")),
        };
        Image image = await ImportAsync(["localhost/conformance/modes:1"], "", program);
        await using CriPod pod = await CriPod.RunAsync(agent);
        ContainerConfig config = CriPod.Container("/bin/busybox", "sleep", "1000");
        config.Image.Image = image.RepoTags[0];

        string container = await pod.StartAsync(config);

        Assert.Equal("4501 0 42\n", await pod.OutputAsync(container, "/bin/busybox", "stat", "-c", "%a %u %g", "/bin/special"));
        Assert.DoesNotContain("nosuid", (await pod.OutputAsync(container, "/bin/cat", "/proc/mounts")).Split('\n')[0], StringComparison.Ordinal);
        await pod.RemoveAsync(container);
        await RemoveAsync(image.Id);
    }

    private async Task<Image> ImportAsync(string[] tags, string user = "", params TarEntry[] more)
    {
        string file = Path.Combine(agent.Directory, "image.tar");
        await File.WriteAllBytesAsync(file, ImageArchive.Docker(tags, ImageArchive.Layer(string.Join(' ', tags), more), user: user));
        (await agent.PodctlAsync("image", "import", file)).Succeeded();
        return (await FindAsync(tags[0]))!;
    }

    private async Task<Image?> FindAsync(string reference) => (await agent.ImageStore.ImageStatusAsync(new ImageStatusRequest { Image = Spec(reference) })).Image;

    private async Task<IReadOnlyList<Image>> ListAsync() => (await agent.ImageStore.ListImagesAsync(new ListImagesRequest())).Images;

    private async Task RemoveAsync(string reference) => await agent.ImageStore.RemoveImageAsync(new RemoveImageRequest { Image = Spec(reference) });

    private static ImageSpec Spec(string reference) => new() { Image = reference };
}
