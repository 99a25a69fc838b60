using PodAgent.Images.Archives;
using PodAgent.Linux;
using PodAgent.RootTests.Images;

namespace PodAgent.Images.Tests.Archives;

public sealed class DecompressionTests
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * i >> 3))];

    [Fact]
    public void Open_AnyCompression_GivesThePlainContent()
    {
        Assert.Equal(s_content, Read(s_content));
        Assert.Equal(s_content, Read(ArchiveBuilder.Gzip(s_content)));
        Assert.Equal(s_content, Read(ArchiveBuilder.Zstd(s_content)));
        Assert.Empty(Read([]));
        Assert.Equal([0x1F], Read([0x1F]));
    }

    [Fact]
    public void Open_SeveralGzipMembers_GivesAllOfThem() =>
        Assert.Equal([.. s_content, .. s_content], Read([.. ArchiveBuilder.Gzip(s_content), .. ArchiveBuilder.Gzip(s_content)]));

    [Fact]
    public void Open_SeveralZstdFrames_GivesAllOfThem() =>
        Assert.Equal([.. s_content, .. s_content], Read([.. ArchiveBuilder.Zstd(s_content), .. ArchiveBuilder.Zstd(s_content)]));

    [Fact]
    public void Open_TruncatedZstd_DataLoss()
    {
        byte[] compressed = ArchiveBuilder.Zstd(s_content);

        Assert.Equal(ErrorKind.DataLoss, Assert.Throws<ContentException>(() => Read(compressed[..^5])).Kind);
    }

    [Fact]
    public void Open_DamagedGzip_DataLoss()
    {
        byte[] compressed = ArchiveBuilder.Gzip(s_content);
        compressed[compressed.Length / 2] ^= 0xFF;
        compressed[(compressed.Length / 2) + 1] ^= 0xFF;

        Assert.Equal(ErrorKind.DataLoss, Assert.Throws<ContentException>(() => Read(compressed)).Kind);
    }

    [Theory]
    [InlineData(new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0 }, "xz")]
    [InlineData(new byte[] { 0x42, 0x5A, 0x68, 0x39 }, "bzip2")]
    public void Open_OtherCompression_Unimplemented(byte[] content, string name)
    {
        ContentException failure = Assert.Throws<ContentException>(() => Read(content));

        Assert.Equal(ErrorKind.Unimplemented, failure.Kind);
        Assert.Contains(name, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Bomb_StopsSoonAfterTheThreshold()
    {
        using Stream plain = Decompression.Open(
            new MemoryStream(ArchiveBuilder.Gzip(new byte[10 << 20])), new ImageLimits { CompressionRatioThreshold = 1 << 20, MaxCompressionRatio = 20 }, "bomb");
        long count = 0;

        Assert.Equal(ErrorKind.ResourceExhausted, Assert.Throws<ContentException>(() => Count(plain, ref count)).Kind);
        Assert.InRange(count, 1_000_000, 2 << 20);
    }

    private static void Count(Stream stream, ref long count)
    {
        byte[] buffer = new byte[4096];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            count += read;
        }
    }

    private static byte[] Read(byte[] content)
    {
        using Stream plain = Decompression.Open(new MemoryStream(content), new ImageLimits(), "test");
        var output = new MemoryStream();
        plain.CopyTo(output);
        return output.ToArray();
    }
}
