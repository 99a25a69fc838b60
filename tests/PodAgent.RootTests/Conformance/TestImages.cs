using System.Text.Json.Nodes;
using PodAgent.RootTests.Images;

namespace PodAgent.RootTests.Conformance;

/// <summary>Images that the conformance tests need beside the built-in one, made of the node's static busybox.</summary>
internal static class TestImages
{
    private static readonly byte[] s_busybox = File.ReadAllBytes("/bin/busybox");

    /// <summary>User 1000 is in group 50000 by the image's own files.</summary>
    public static byte[] WithGroups() => Archive(
        "test/groups:1",
        Programs()
            .File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndefault-user:x:1000:1000::/home/default-user:/bin/sh\n")
            .File("etc/group", "root:x:0:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n"));

    /// <summary>Two layers, so that the upper one hides a file of the lower one.</summary>
    public static byte[] ForVolumes()
    {
        byte[] lower = Programs().File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n").File("etc/secret", "gone", mode: 0b110_100_100).Build();
        byte[] upper = new TarBuilder().Directory("etc").File("etc/.wh.secret").Directory("data", uid: 1000, gid: 1000).File("data/file", "of user 1000", uid: 1000, gid: 1000)
            .Symlink("etc/outside", "/../../../../../etc").Build();
        return ArchiveBuilder.DockerWith("test/volume:1", ArchiveBuilder.Config([lower, upper], Command("sh")), lower, upper);
    }

    private static TarBuilder Programs()
    {
        TarBuilder tar = new TarBuilder().Directory("bin").File("bin/busybox", s_busybox, mode: 0b111_101_101);
        foreach (string applet in new[] { "sh", "cat", "echo", "id", "ls", "sleep", "touch", "true", "top", "grep" })
        {
            tar.Hardlink($"bin/{applet}", "bin/busybox");
        }

        return tar.Directory("etc").Directory("tmp").Directory("root");
    }

    private static byte[] Archive(string tag, TarBuilder layer)
    {
        byte[] content = layer.Build();
        return ArchiveBuilder.DockerWith(tag, ArchiveBuilder.Config([content], Command("sh")), content);
    }

    private static JsonObject Command(string command) => new() { ["Cmd"] = new JsonArray(command), ["Env"] = new JsonArray("PATH=/bin") };
}
