using FsCheck;
using FsCheck.Fluent;
using PodAgent.Rpc.Protocol;

namespace PodAgent.Rpc.Tests.Protocol;

public sealed class PercentEncodingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain ~text!", "plain ~text!")]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb", "a%0Ab")]
    [InlineData("ö", "%C3%B6")]
    [InlineData("😀", "%F0%9F%98%80")]
    [InlineData(" both ends ", "%20both ends%20")]
    public void Encode_Text_IsPrintableAscii(string text, string encoded)
    {
        Assert.Equal(encoded, PercentEncoding.Encode(text));
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%%41", "%A")]
    [InlineData("é%41", "éA")]
    [InlineData("😀%41", "😀A")]
    [InlineData("%FF", "\uFFFD")]
    public void Decode_Malformed_KeepsWhatItCannotDecode(string encoded, string text) =>
        Assert.Equal(text, PercentEncoding.Decode(encoded));

    [Fact]
    public void Decode_AnyEncodedText_IsTheText()
    {
        FsCheck.Gen<string> text = Gen.Choose(0, 0xFFFF)
            .Where(value => !char.IsSurrogate((char)value))
            .Select(value => (char)value)
            .ArrayOf()
            .Select(characters => new string(characters));
        Prop.ForAll(text.ToArbitrary(), value =>
        {
            string encoded = PercentEncoding.Encode(value);
            return encoded.All(c => c is >= ' ' and <= '~') && PercentEncoding.Decode(encoded) == value;
        }).QuickCheckThrowOnFailure();
    }
}
