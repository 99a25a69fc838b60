using Grpc.Core;
using PodAgent.Api.Cri;
using PodAgent.RootTests.Cri;

namespace PodAgent.RootTests.Conformance;

/// <summary>Images mounted into containers.</summary>
public sealed class ImageVolumeTests
{
    [Fact]
    public async Task Volume_Image_IsReadOnlyExecutableAndReported()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string image = await machine.ImportAsync(TestImages.ForVolumes());
        string sandbox = await machine.RunAsync();
        string id = await machine.StartAsync(sandbox, WithVolume(image));
        Assert.Equal(image, Assert.Single((await machine.StatusAsync(id)).Mounts).Image.ImageRef);
        Assert.Equal("/v/bin/sh\n", (await machine.ExecAsync(id, "ls", "/v/bin/sh")).Out);
        Assert.Equal("touch: /v/x: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/v/x")).Error);
        Assert.Contains("bin", (await machine.ExecAsync(id, "/v/bin/ls", "/v")).Out, StringComparison.Ordinal);
        Assert.Equal("", (await machine.ShellAsync(id, "ls /v/etc | grep secret || true")).Out);
        await machine.RemoveSandboxAsync(sandbox);
        Assert.Empty(machine.Leftovers());
    }

    [Fact]
    public async Task Volume_SubPath_ShowsOnlyThatPart()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), WithVolume(await machine.ImportAsync(TestImages.ForVolumes()), "etc"));
        Assert.Equal((0, "/v/passwd\n", ""), await machine.ExecAsync(id, "ls", "/v/passwd"));
        Assert.NotEqual(0, (await machine.ExecAsync(id, "ls", "/v/etc")).Code);
        Assert.Equal("touch: /v/x: Read-only file system\n", (await machine.ExecAsync(id, "touch", "/v/x")).Error);
        string[] mounts = (await machine.ShellAsync(id, "grep ' /v' /proc/self/mounts")).Out.Trim().Split('\n');
        Assert.Single(mounts);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("etc/../nowhere")]
    [InlineData("/etc")]
    public async Task Volume_SubPathThatIsNotThere_IsRefusedAtCreateAndLeavesNothing(string path)
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string image = await machine.ImportAsync(TestImages.ForVolumes());
        string sandbox = await machine.RunAsync();
        IReadOnlyList<string> before = machine.Leftovers();
        var failure = await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, WithVolume(image, path)));
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal(before, machine.Leftovers());
    }

    [Fact]
    public async Task Volume_SubPathOfALinkOut_StaysInsideTheImage()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string id = await machine.StartAsync(await machine.RunAsync(), WithVolume(await machine.ImportAsync(TestImages.ForVolumes()), "etc/outside"));
        Assert.Equal("root:x:0:0:root:/root:/bin/sh\n", (await machine.ExecAsync(id, "cat", "/v/passwd")).Out);
    }

    [Fact]
    public async Task Volume_Writable_IsRefusedAtCreate()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        ContainerConfig config = WithVolume(await machine.ImportAsync(TestImages.ForVolumes()));
        config.Mounts[0].Readonly = false;
        string sandbox = await machine.RunAsync();
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, config))).StatusCode);
    }

    [Fact]
    public async Task Volume_UnknownImage_IsNotFound()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string sandbox = await machine.RunAsync();
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => machine.CreateAsync(sandbox, WithVolume("example.org/none:1")))).StatusCode);
    }

    [Fact]
    public async Task Volume_ImageRemovedAndAgentReplaced_IsStillThere()
    {
        await using CriMachine machine = await CriMachine.StartAsync();
        string image = await machine.ImportAsync(TestImages.ForVolumes());
        string id = await machine.CreateAsync(await machine.RunAsync(), WithVolume(image));
        await machine.Images.RemoveImageAsync(new RemoveImageRequest { Image = new ImageSpec { Image = image } });
        await machine.RestartAsync();
        await machine.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = id });
        Assert.Equal("of user 1000", (await machine.ExecAsync(id, "cat", "/v/data/file")).Out);
    }

    private static ContainerConfig WithVolume(string image, string subPath = "")
    {
        ContainerConfig config = CriMachine.Shell("sleep 1000");
        config.Mounts.Add(new Mount { ContainerPath = "/v", Image = new ImageSpec { Image = image }, Readonly = true, ImageSubPath = subPath });
        return config;
    }
}
