using System.Formats.Tar;
using PodAgent.Api.Core;
using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Images;

/// <summary><c>podctl image import</c>: what it takes, and that what it refuses leaves nothing on the disk.</summary>
public sealed class ImageImportTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task DockerArchive_Imported_Runs() => await RunsAsync("e2e/docker:1", "docker", layer => ImageArchive.Docker("e2e/docker:1", layer));

    [Fact]
    public async Task DockerArchive_Compressed_Runs() => await RunsAsync("e2e/gzip:1", "gzip", layer => ImageArchive.Gzip(ImageArchive.Docker("e2e/gzip:1", layer)));

    [Fact]
    public async Task OciLayout_Imported_Runs() => await RunsAsync("e2e/oci:1", "oci", layer => ImageArchive.Oci("e2e/oci:1", layer));

    [Fact]
    public async Task Image_Removed_LeavesNothingOfItOnTheDisk()
    {
        IReadOnlyList<string> before = Stored();
        (await ImportAsync(ImageArchive.Docker("e2e/removed:1", ImageArchive.Layer("removed")))).Succeeded();
        Assert.NotEqual(before, Stored());

        (await agent.PodctlAsync("image", "rm", "e2e/removed:1")).Succeeded();

        Assert.Equal(before, Stored());
        Assert.DoesNotContain("e2e/removed", (await agent.PodctlAsync("images")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_RemovedWhileItsContainerRuns_DoesNotHarmTheContainer()
    {
        (await ImportAsync(ImageArchive.Docker("e2e/used:1", ImageArchive.Layer("used")))).Succeeded();
        await agent.ApplyAsync(PodYaml.Of("used", "command: [/bin/busybox, sleep, infinity]", image: "e2e/used:1"));
        await agent.WaitUntilRunningAsync("used");

        (await agent.PodctlAsync("image", "rm", "--force", "e2e/used:1")).Succeeded();

        Assert.Equal("used\n", (await agent.PodctlAsync("exec", "used", "--", "/bin/cat", "/greeting")).Succeeded());
    }

    [Fact]
    public async Task Layer_WithPathAboveItsRoot_IsRefused() =>
        Assert.Contains("entry \"../../escape\": path \"../../escape\" leads out of the layer",
            await RefusedAsync(ImageArchive.Docker("e2e/bad:1", ImageArchive.Layer("dots", ImageArchive.TextFile("../../escape", "x")))), StringComparison.Ordinal);

    [Fact]
    public async Task Layer_WithHardLinkOutOfItsRoot_IsRefused() =>
        Assert.Contains("entry \"shadow\": hard link target \"../../../../etc/shadow\" leads out of the layer",
            await RefusedAsync(ImageArchive.Docker("e2e/bad:1", ImageArchive.Layer("link", ImageArchive.Link(TarEntryType.HardLink, "shadow", "../../../../etc/shadow")))), StringComparison.Ordinal);

    [Fact]
    public async Task Layer_WritingThroughASymlinkOutOfItsRoot_StaysInside()
    {
        string outside = System.IO.Directory.CreateDirectory(Path.Combine(agent.Directory, "outside")).FullName;
        byte[] layer = ImageArchive.Layer("symlink", ImageArchive.Link(TarEntryType.SymbolicLink, "out", outside), ImageArchive.TextFile("out/escape", "x"));

        (await ImportAsync(ImageArchive.Docker("e2e/symlink:1", layer))).Succeeded();

        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(outside));
        // A link's target counts from the container's root, as it will when the container runs.
        Assert.Contains(Stored(), path => path.EndsWith(outside + "/escape", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Layer_OtherThanItsDigest_IsRefused() =>
        Assert.Contains("expected sha256:0000000000000000",
            await RefusedAsync(ImageArchive.Docker("e2e/bad:1", ImageArchive.Layer("digest"), diffId: "sha256:" + new string('0', 64))), StringComparison.Ordinal);

    [Fact]
    public async Task Blob_OtherThanItsDigest_IsRefused() =>
        Assert.Contains("has digest sha256:", await RefusedAsync(ImageArchive.Oci("e2e/bad:1", ImageArchive.Layer("blob"), tampered: true)), StringComparison.Ordinal);

    [Fact]
    public async Task Archive_Truncated_IsRefused()
    {
        byte[] whole = ImageArchive.Docker("e2e/bad:1", ImageArchive.Layer("truncated"));

        Assert.Contains("the archive is truncated", await RefusedAsync(whole[..(whole.Length / 2)]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_NoTar_IsRefused() =>
        Assert.Contains("not a tar archive", await RefusedAsync([.. Enumerable.Repeat((byte)'x', 4096)]), StringComparison.Ordinal);

    [Fact]
    public async Task Archive_WithoutImage_IsRefused() =>
        Assert.Contains("no image archive", await RefusedAsync(ImageArchive.Tar([ImageArchive.TextFile("readme", "x")])), StringComparison.Ordinal);

    [Fact]
    public async Task Image_WithUnknownUser_NamesTheUser()
    {
        (await ImportAsync(ImageArchive.Docker("e2e/user:1", ImageArchive.Layer("user"), user: "nosuchuser"))).Succeeded();
        await agent.ApplyAsync(PodYaml.Of("unknown-user", "", "restartPolicy: Never", image: "e2e/user:1"));

        Event failed = await agent.WaitForEventAsync(e => e.InvolvedObject.Name == "unknown-user" && e.Reason == "Failed");

        Assert.Contains("\"nosuchuser\"", failed.Message, StringComparison.Ordinal);
    }

    private async Task RunsAsync(string image, string greeting, Func<byte[], byte[]> archive)
    {
        string output = (await ImportAsync(archive(ImageArchive.Layer(greeting)))).Succeeded();
        Assert.Equal($"Imported docker.io/{image}\n", output);
        (string name, string tag) = (image.Split(':')[0], image.Split(':')[1]);
        Assert.Matches($"(?m)^docker.io/{name} +{tag} +[0-9a-f]{{13}} ", (await agent.PodctlAsync("images")).Succeeded());

        string pod = "runs-" + greeting;
        (await agent.PodctlAsync("run", pod, "--image", image, "--image-pull-policy", "Never", "--restart", "Never")).Succeeded();
        await agent.WaitForPodAsync(pod, p => p.Status.Phase == "Succeeded");

        Assert.Equal(greeting + "\n", (await agent.PodctlAsync("logs", pod)).Succeeded());
    }

    private async Task<string> RefusedAsync(byte[] archive)
    {
        IReadOnlyList<string> stored = Stored();
        string images = (await agent.PodctlAsync("images")).Succeeded();
        string error = (await ImportAsync(archive)).Failed();

        Assert.Contains("cannot import", error, StringComparison.Ordinal);
        Assert.Equal(images, (await agent.PodctlAsync("images")).Succeeded());
        Assert.Equal(stored, Stored());
        Assert.False(File.Exists(Path.Combine(agent.Root, "escape")));
        return error;
    }

    private async Task<CommandResult> ImportAsync(byte[] archive)
    {
        string path = Path.Combine(agent.Directory, "image.tar");
        await File.WriteAllBytesAsync(path, archive);
        return await agent.PodctlAsync("image", "import", path);
    }

    // Containers come and go beside an import: only what images own counts.
    private IReadOnlyList<string> Stored() =>
        [.. new[] { Path.Combine(agent.Root, "images"), Path.Combine(agent.Root, "snapshots", "layers") }
            .SelectMany(folder => System.IO.Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            .Order(StringComparer.Ordinal)];
}
