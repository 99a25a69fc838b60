using FsCheck;
using FsCheck.Fluent;
using PodAgent.Streaming.Spdy;

namespace PodAgent.Streaming.Tests.Spdy;

public sealed class HeaderBlockTests
{
    [Fact]
    public void Dictionary_OfTheSpecification_HasItsLengthAndChecksum()
    {
        uint a = 1, b = 0;
        foreach (byte each in HeaderDictionary.Bytes)
        {
            a = (a + each) % 65521;
            b = (b + a) % 65521;
        }

        Assert.Equal(1423, HeaderDictionary.Bytes.Length);
        Assert.Equal(HeaderDictionary.Id, (b << 16) | a);
    }

    // Made by zlib 1.3 with the dictionary, level 9, one stream flushed after each block: what Go's clients send.
    [Fact]
    public void Decode_BlocksOfZlib_AreReadOneAfterTheOther()
    {
        using var decoder = new HeaderBlockDecoder(1024);

        Assert.Equal(
            new() { ["streamtype"] = "error" },
            decoder.Decode(Convert.FromHexString("78f9e3c6a7c202a62346703a2b294a4dcc851625aca9a08006000000ffff")));
        Assert.Equal(new() { ["streamtype"] = "stdin" }, decoder.Decode(Convert.FromHexString("c22e555c02cc2e00000000ffff")));
        Assert.Equal(
            new() { ["streamtype"] = "data", ["port"] = "8080", ["requestid"] = "0" },
            decoder.Decode(Convert.FromHexString("0225550c295001940829cb8bc0d9c6c2c0c20048731641e23e139427180d00000000ffff")));
    }

    [Fact]
    public void Encode_EmptyBlocks_AreTheBytesThatGoTakes()
    {
        var encoder = new HeaderBlockEncoder();

        Assert.Equal("7801000400FBFF00000000000000FFFF", Convert.ToHexString(encoder.Encode([])));
        Assert.Equal("000400FBFF00000000000000FFFF", Convert.ToHexString(encoder.Encode([])));
    }

    [Fact]
    public void Encode_AnyHeaders_AreDecodedAgain() => Prop.ForAll(
        ArbMap.Default.GeneratorFor<NonNull<string>[]>().ArrayOf().ToArbitrary(),
        blocks =>
        {
            var encoder = new HeaderBlockEncoder();
            using var decoder = new HeaderBlockDecoder(1 << 20);
            foreach (NonNull<string>[] values in blocks)
            {
                var headers = values.Select((value, index) => KeyValuePair.Create($"name-{index}", Latin(value.Get))).ToDictionary();
                Assert.Equal(headers, decoder.Decode(encoder.Encode(headers)));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_Bomb_IsCutOff()
    {
        // 236 bytes that would be 200,000.
        byte[] bomb = Convert.FromHexString("78f9e3c6a7c2ecd2410d00200c00b191bde769567081fc8104fe6d720eee7eb45e3bb2fa" + new string('0', 394) + "df060000ffff");
        using var decoder = new HeaderBlockDecoder(64 << 10);

        Assert.Contains("more than 65536", Assert.Throws<SpdyProtocolException>(() => decoder.Decode(bomb)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "does not begin")]
    [InlineData("1f8b0800", "does not begin")]
    [InlineData("78f900000001", "unknown dictionary")]
    [InlineData("78f9e3c6a7c2ffffffff", "cannot be inflated")]
    [InlineData("7801000400fbff00000001000000ffff", "1 headers")]
    [InlineData("7801000300fcff000000000000ffff", "before a count")]
    public void Decode_Nonsense_IsRefused(string bytes, string why)
    {
        using var decoder = new HeaderBlockDecoder(1024);

        Assert.Contains(why, Assert.Throws<SpdyProtocolException>(() => decoder.Decode(Convert.FromHexString(bytes))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_AnyBytes_AreHeadersOrAProtocolError() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        bytes =>
        {
            using var decoder = new HeaderBlockDecoder(4096);
            try
            {
                decoder.Decode([0x78, 0xF9, 0xE3, 0xC6, 0xA7, 0xC2, .. bytes]);
            }
            catch (SpdyProtocolException)
            {
                // What it is to throw.
            }
        }).QuickCheckThrowOnFailure();

    private static string Latin(string text) => new([.. text.Select(each => (char)(each & 0xFF))]);
}
