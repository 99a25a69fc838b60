using PodAgent.EndToEnd.Harness;

namespace PodAgent.EndToEnd.Cli;

/// <summary>podctl cp.</summary>
public sealed class CopyTests(AgentFixture agent) : IClassFixture<AgentFixture>
{
    [Fact]
    public async Task Copy_TreeIntoAPodAndBack_IsTheSameTree()
    {
        await RunAsync("tree");
        string source = NewDirectory();
        Directory.CreateDirectory(Path.Combine(source, "sub", "deeper"));
        byte[] content = new byte[3_000_000];
        Random.Shared.NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(source, "sub", "big"), content);
        await File.WriteAllTextAsync(Path.Combine(source, "sub", "deeper", new string('n', 90)), "long name");
        await File.WriteAllTextAsync(Path.Combine(source, "empty"), "");

        (await agent.PodctlAsync("cp", source, "tree:/tmp/copy")).Succeeded();
        Assert.Equal("3000000\n", (await agent.PodctlAsync("exec", "tree", "--", "sh", "-c", "wc -c < /tmp/copy/sub/big")).Succeeded());
        string back = NewDirectory();
        (await agent.PodctlAsync("cp", "tree:/tmp/copy", back)).Succeeded();

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(back, "copy", "sub", "big")));
        Assert.Equal("long name", await File.ReadAllTextAsync(Path.Combine(back, "copy", "sub", "deeper", new string('n', 90))));
        Assert.Equal(0, new FileInfo(Path.Combine(back, "copy", "empty")).Length);
    }

    [Fact]
    public async Task Copy_OneFile_GoesUnderAnotherNameOrIntoADirectory()
    {
        await RunAsync("file");
        string directory = NewDirectory();
        string local = Path.Combine(directory, "local");
        await File.WriteAllTextAsync(local, "text");

        (await agent.PodctlAsync("cp", local, "file:/tmp/other")).Succeeded();
        (await agent.PodctlAsync("cp", local, "default/file:/tmp")).Succeeded();
        (await agent.PodctlAsync("cp", "default/file:/tmp/local", Path.Combine(directory, "again"))).Succeeded();

        Assert.Equal("texttext", (await agent.PodctlAsync("exec", "file", "--", "cat", "/tmp/other", "/tmp/local")).Succeeded());
        Assert.Equal("text", await File.ReadAllTextAsync(Path.Combine(directory, "again")));
    }

    [Fact]
    public async Task Copy_LinksOfTheContainer_AreLeftOutAndSaid()
    {
        await RunAsync("links");
        (await agent.PodctlAsync("exec", "links", "--", "sh", "-c", "mkdir /tmp/d; ln -s /etc /tmp/d/link; echo x > /tmp/d/file; ln /tmp/d/file /tmp/d/second")).Succeeded();
        string directory = NewDirectory();
        CommandResult result = await agent.PodctlAsync("cp", "links:/tmp/d", directory);

        result.Succeeded();
        Assert.Contains("skipping symlink: \"d/link\" -> \"/etc\"", result.Error, StringComparison.Ordinal);
        Assert.Equal(["file", "second"], Directory.EnumerateFileSystemEntries(Path.Combine(directory, "d")).Select(Path.GetFileName).Order());
        Assert.Equal("x\n", await File.ReadAllTextAsync(Path.Combine(directory, "d", "second")));
    }

    [Fact]
    public async Task Copy_HostileTar_WritesNothingOutside()
    {
        await RunAsync("hostile");
        string victim = NewDirectory();
        string destination = Path.Combine(victim, "in");
        Directory.CreateDirectory(destination);
        (await agent.PodctlAsync("exec", "hostile", "--", "sh", "-c",
            "mkdir -p /t/x && echo evil > /t/evil && cd /t/x && tar cf /a.tar ../evil && rm /bin/tar && printf '#!/bin/sh\\ncat /a.tar\\n' > /bin/tar && chmod +x /bin/tar")).Succeeded();
        CommandResult result = await agent.PodctlAsync("cp", "hostile:/asked", destination);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Empty(Directory.EnumerateFiles(victim, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Copy_WhatIsNotThere_FailsWithTarsWords()
    {
        await RunAsync("absent");
        CommandResult result = await agent.PodctlAsync("cp", "absent:/nothing", NewDirectory());
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("nothing", result.Error, StringComparison.Ordinal);

        Assert.Contains("must be a remote file", (await agent.PodctlAsync("cp", "/a", "/b")).Error, StringComparison.Ordinal);
        Assert.Contains("must be a local file", (await agent.PodctlAsync("cp", "a:/a", "b:/b")).Error, StringComparison.Ordinal);
        Assert.Contains("doesn't exist in local filesystem", (await agent.PodctlAsync("cp", "/nothing-here", "absent:/tmp")).Error, StringComparison.Ordinal);
    }

    private async Task RunAsync(string name)
    {
        await agent.ApplyAsync(PodYaml.Idle(name));
        await agent.WaitUntilRunningAsync(name);
    }

    // Below the agent's directory, which the fixture deletes.
    private string NewDirectory() => Directory.CreateDirectory(Path.Combine(agent.Directory, "cp-" + Guid.NewGuid().ToString("N"))).FullName;
}
