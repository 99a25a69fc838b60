using PodAgent.Cli.Forwarding;

namespace PodAgent.Cli.Tests.Forwarding;

public sealed class ForwardedPortTests
{
    [Theory]
    [InlineData("80", 80, 80)]
    [InlineData("8080:80", 8080, 80)]
    [InlineData(":80", 0, 80)]
    [InlineData("0:65535", 0, 65535)]
    public void Parse_Port_HasBothSides(string text, int local, int remote) => Assert.Equal(new ForwardedPort(local, remote), ForwardedPort.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("http")]
    [InlineData("0")]
    [InlineData("80:0")]
    [InlineData("65536")]
    [InlineData("1:2:3")]
    [InlineData("-1:80")]
    [InlineData(" 80")]
    public void Parse_Nonsense_IsExplained(string text) => Assert.Contains("is no port", Assert.Throws<CliException>(() => ForwardedPort.Parse(text)).Message, StringComparison.Ordinal);
}
