using Grpc.Core;

namespace PodAgent.Rpc.Tests.GrpcCore;

public sealed class MetadataTests
{
    [Fact]
    public void Get_SeveralValues_IsTheLast()
    {
        var metadata = new Metadata { { "key", "1" }, { "KEY", "2" } };

        Assert.Equal("2", metadata.GetValue("Key"));
        Assert.Equal(["1", "2"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Null(metadata.Get("other"));
        Assert.Null(metadata.GetValue("other"));
        Assert.Null(metadata.GetValueBytes("other"));
    }

    [Fact]
    public void Entry_Bytes_AreCopied()
    {
        byte[] bytes = [1];
        var entry = new Metadata.Entry("k-bin", bytes);
        bytes[0] = 2;
        entry.ValueBytes[0] = 3;

        Assert.Equal([1], entry.ValueBytes);
        Assert.Throws<InvalidOperationException>(() => entry.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("ä")]
    [InlineData("k-bin")]
    public void Entry_TextUnderBadKey_IsRefused(string key) => Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "v"));

    [Fact]
    public void Entry_BytesUnderTextKey_IsRefused() => Assert.Throws<ArgumentException>(() => new Metadata.Entry("k", [1]));

    [Fact]
    public void Empty_Change_IsRefused()
    {
        Assert.True(Metadata.Empty.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Clear());
    }

    [Fact]
    public void List_Operations_KeepOrder()
    {
        var metadata = new Metadata { { "a", "1" }, { "c", "3" } };
        metadata.Insert(1, new Metadata.Entry("b", "2"));
        metadata[2] = new Metadata.Entry("d", "4");
        Assert.Equal(["a", "b", "d"], metadata.Select(entry => entry.Key));

        metadata.RemoveAt(0);
        Assert.True(metadata.Remove(metadata[0]));
        Assert.Equal("d", Assert.Single(metadata).Key);
    }
}
