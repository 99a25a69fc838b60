using System.Net;
using PodAgent.Network.Records;

namespace PodAgent.Network.Tests.Records;

public sealed class AttachmentStoreTests : IDisposable
{
    private static readonly NetworkAttachment s_attachment = new(
        "a-1",
        "eth0",
        [IPAddress.Parse("10.88.0.9"), IPAddress.Parse("fd00::9")],
        IPAddress.Parse("10.88.0.1"),
        "pa0011",
        [
            new PortMapping(TransportProtocol.Udp, null, 53, 5353),
            new PortMapping(TransportProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 80, 8080),
        ]);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _problems = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Load_WhatWasSaved_IsTheSame()
    {
        var store = new AttachmentStore(_directory.Path);
        store.Save(s_attachment);
        store.Save(s_attachment);

        NetworkAttachment loaded = Assert.Single(new AttachmentStore(_directory.Path).Load(_problems));

        Assert.Equal(s_attachment.SandboxId, loaded.SandboxId);
        Assert.Equal(s_attachment.Interface, loaded.Interface);
        Assert.Equal(s_attachment.Addresses, loaded.Addresses);
        Assert.Equal(s_attachment.Gateway, loaded.Gateway);
        Assert.Equal(s_attachment.HostInterface, loaded.HostInterface);
        Assert.Equal(s_attachment.PortMappings, loaded.PortMappings);
        Assert.Empty(_problems);
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Delete_Record_IsGoneAndCanBeRepeated()
    {
        var store = new AttachmentStore(_directory.Path);
        store.Save(s_attachment);

        store.Delete("a-1");
        store.Delete("a-1");

        Assert.Empty(store.Load(_problems));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"Version\":1,\"SandboxId\":\"a")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"Version\":2,\"SandboxId\":\"x\",\"Interface\":\"eth0\",\"HostInterface\":\"pa\",\"Addresses\":[\"10.0.0.2\"],\"Gateway\":\"10.0.0.1\",\"Ports\":[]}")]
    [InlineData("{\"Version\":1,\"SandboxId\":\"other\",\"Interface\":\"eth0\",\"HostInterface\":\"pa\",\"Addresses\":[\"10.0.0.2\"],\"Gateway\":\"10.0.0.1\",\"Ports\":[]}")]
    [InlineData("{\"Version\":1,\"SandboxId\":\"x\",\"Interface\":\"eth0\",\"HostInterface\":\"pa\",\"Addresses\":[\"ten\"],\"Gateway\":\"10.0.0.1\",\"Ports\":[]}")]
    [InlineData("{\"Version\":1,\"SandboxId\":\"x\",\"Interface\":\"eth0\",\"HostInterface\":\"pa\",\"Addresses\":null,\"Gateway\":\"10.0.0.1\",\"Ports\":[]}")]
    public void Load_TornOrForeignFile_IsSetAside(string content)
    {
        string path = Path.Combine(_directory.Path, "x.json");
        File.WriteAllText(path, content);
        var store = new AttachmentStore(_directory.Path);
        store.Save(s_attachment);

        Assert.Equal(["a-1"], store.Load(_problems).Select(attachment => attachment.SandboxId));

        Assert.StartsWith($"network record \"{path}\" is set aside: ", Assert.Single(_problems));
        Assert.False(File.Exists(path));
        Assert.Equal(content, File.ReadAllText(path + ".unreadable"));
    }
}
