using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Tests.Protocol;

public sealed class MetadataHeadersTests
{
    [Fact]
    public void Decode_EncodedBytes_AreTheBytes() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        string encoded = MetadataHeaders.Encode(new Metadata.Entry("k-bin", bytes));
        var metadata = new Metadata();
        MetadataHeaders.Decode(metadata, "K-Bin", encoded);
        return !encoded.Contains('=') && metadata.Single().ValueBytes.SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_LongBinaryValue_IsRead()
    {
        byte[] bytes = new byte[10_000];
        Random.Shared.NextBytes(bytes);
        var metadata = new Metadata();

        MetadataHeaders.Decode(metadata, "k-bin", Convert.ToBase64String(bytes));

        Assert.Equal(bytes, metadata.GetValueBytes("k-bin"));
    }

    [Theory]
    [InlineData("grpc-status")]
    [InlineData("grpc-timeout")]
    [InlineData("Content-Type")]
    [InlineData(":authority")]
    [InlineData("te")]
    [InlineData("Host")]
    [InlineData("sp ace")]
    public void Decode_HeaderOfTheProtocol_IsLeftOut(string name)
    {
        var metadata = new Metadata();
        MetadataHeaders.Decode(metadata, name, "1");
        Assert.Empty(metadata);
    }

    [Fact]
    public void Decode_StatusDetails_AreMetadata()
    {
        var metadata = new Metadata();
        MetadataHeaders.Decode(metadata, "grpc-status-details-bin", "AQ");
        Assert.Equal([1], metadata.GetValueBytes("grpc-status-details-bin")!);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AA-_")]
    [InlineData("AA==AA==")]
    public void Decode_NoBase64_IsInternal(string value)
    {
        RpcException error = Assert.Throws<RpcException>(() => MetadataHeaders.Decode([], "k-bin", value));
        Assert.Equal(StatusCode.Internal, error.StatusCode);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("a\r\nb: c")]
    [InlineData("\u007F")]
    [InlineData("\t")]
    public void Encode_TextBeyondPrintableAscii_IsInternal(string value)
    {
        RpcException error = Assert.Throws<RpcException>(() => MetadataHeaders.Encode(new Metadata.Entry("k", value)));
        Assert.Equal(StatusCode.Internal, error.StatusCode);
    }
}
