using PodAgent.Images.Registry.Hosts;
using PodAgent.Linux;

namespace PodAgent.Images.Tests.Registry.Hosts;

public class HostsFileTests
{
    [Fact]
    public void Parse_EveryField_IsKept()
    {
        HostsFile file = HostsFile.Parse(
            """
            server = "https://upstream.example"
            skip_verify = true
            [host."https://mirror.example:5000"]
              capabilities = ["pull", "resolve"]
              ca = ["ca.crt", "/abs/ca.pem"]
              client = [["me.cert", "me.key"], ["both.pem", ""]]
              override_path = true
              dial_timeout = "1500ms"
              [host."https://mirror.example:5000".header]
                x-token = ["a", "b"]
            [host."http://plain"]
              ca = "one.crt"
              client = "one.pem"
              skip_verify = true
            """,
            "/certs.d/x/hosts.toml");

        Assert.Equal("https://upstream.example", file.Server);
        Assert.True(file.ServerSettings.Tls.SkipVerify);
        (string url, HostSettings first) = file.Hosts[0];
        Assert.Equal("https://mirror.example:5000", url);
        Assert.Equal(EndpointCapabilities.Pull | EndpointCapabilities.Resolve, first.Capabilities);
        Assert.Equal(["/certs.d/x/ca.crt", "/abs/ca.pem"], first.Tls.Authorities);
        Assert.Equal([("/certs.d/x/me.cert", "/certs.d/x/me.key"), ("/certs.d/x/both.pem", null)], first.Tls.Clients);
        Assert.True(first.OverridePath);
        Assert.Equal(TimeSpan.FromSeconds(1.5), first.ConnectTimeout);
        Assert.Equal([new("x-token", "a"), new("x-token", "b")], first.Headers);
        HostSettings second = file.Hosts[1].Settings;
        Assert.Equal(["/certs.d/x/one.crt"], second.Tls.Authorities);
        Assert.Equal([("/certs.d/x/one.pem", null)], second.Tls.Clients);
        Assert.Equal(EndpointCapabilities.All, second.Capabilities);
    }

    [Fact]
    public void Parse_SeveralMistakes_AreAllReported()
    {
        var failure = Assert.Throws<AgentException>(() => HostsFile.Parse(
            """
            server = 1
            rewrite = "x"
            [host."a"]
              capabilities = ["pull", "fetch"]
              skip_verify = "yes"
              dial_timeout = "soon"
              [host.a.header]
                x = "a\r\nb"
            """,
            "/h/hosts.toml"));

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Equal(
            [
                "/h/hosts.toml:1: server: a string is expected",
                "/h/hosts.toml:4: host.\"a\".capabilities: \"fetch\" is none of pull, resolve, push",
                "/h/hosts.toml:5: host.\"a\".skip_verify: true or false is expected",
                "/h/hosts.toml:6: host.\"a\".dial_timeout: a duration such as \"3s\" is expected",
                "/h/hosts.toml:7: host.\"a\".header: \"x\": a one-line string or a list of them is expected",
                "/h/hosts.toml:2: rewrite: unknown field",
            ],
            failure.Message.Split('\n'));
    }

    [Fact]
    public void Parse_Malformed_NamesFileAndLine() => Assert.Equal(
        "/h/hosts.toml:2: a value is expected",
        Assert.Throws<AgentException>(() => HostsFile.Parse("a = 1\nserver =", "/h/hosts.toml")).Message);
}
