using System.Text;
using PodAgent.Images.Registry;
using PodAgent.Images.Registry.Authentication;
using PodAgent.Linux;

namespace PodAgent.Images.Tests.Registry.Authentication;

public class AuthFileTests
{
    [Theory]
    [InlineData("registry.example", "team/app/web", "app")]
    [InlineData("registry.example", "team/app", "app")]
    [InlineData("registry.example", "team/application", "team")]
    [InlineData("registry.example", "other", "host")]
    [InlineData("docker.io", "library/busybox", "hub")]
    [InlineData("a.wild.example", "x", "wild")]
    [InlineData("a.b.wild.example", "x", null)]
    [InlineData("registry.example:5000", "x", "port")]
    [InlineData("unknown.example", "x", null)]
    public void Find_LongestEntryThatCovers_Wins(string authority, string path, string? user)
    {
        AuthFile file = Parse(
            $$$"""
            {"auths": {
              "https://index.docker.io/v1/": {"auth": "{{{Base64("hub:p")}}}"},
              "registry.example": {"auth": "{{{Base64("host:p")}}}"},
              "registry.example/team": {"username": "team", "password": "p"},
              "registry.example/team/app": {"auth": "{{{Base64("app:p")}}}"},
              "https://registry.example:5000/v2/": {"auth": "{{{Base64("port:p")}}}"},
              "*.wild.example": {"auth": "{{{Base64("wild:p")}}}"},
              "empty.example": {}
            }, "HttpHeaders": {"x": "y"}}
            """);

        Assert.Equal(user, file.Find(authority, path)?.Username);
    }

    [Fact]
    public void Find_Tokens_AreKept()
    {
        AuthFile file = Parse(
            $$$"""{"auths": {"a": {"identitytoken": "i"}, "b": {"registrytoken": "r"}, "c": {"auth": "{{{Base64("<token>:t")}}}"} } }""");

        Assert.Equal("i", file.Find("a", "x")!.IdentityToken);
        Assert.Equal("r", file.Find("b", "x")!.RegistryToken);
        Assert.Equal(("t", ""), (file.Find("c", "x")!.IdentityToken, file.Find("c", "x")!.Username));
    }

    [Theory]
    [InlineData("{\"auths\": {\"a\": {\"auth\": \"c2VjcmV0\"}}}", "credential file \"f\", entry \"a\": field \"auth\" is no base64 of user:password")]
    [InlineData("{\"auths\": []}", "credential file \"f\": field \"auths\": it is a list, expected an object")]
    [InlineData("secret", "credential file \"f\" is no valid JSON (line 1, byte 1)")]
    public void Parse_Malformed_SaysWhereAndRepeatsNoSecret(string content, string message)
    {
        var failure = Assert.Throws<AgentException>(() => Parse(content));

        Assert.Equal((ErrorKind.FailedPrecondition, message), (failure.Kind, failure.Message));
    }

    [Fact]
    public void HelperFor_RegistryWithItsOwn_GoesBeforeTheStore()
    {
        AuthFile file = Parse("{\"credsStore\": \"desktop\", \"credHelpers\": {\"gcr.io\": \"gcloud\", \"https://index.docker.io/v1/\": \"hub\"}}");

        Assert.True(file.HasHelpers);
        Assert.Equal(["gcloud", "hub", "desktop"], new[] { "gcr.io", "docker.io", "quay.io" }.Select(file.HelperFor));
    }

    [Fact]
    public void HelperFor_NoneNamed_IsEmpty()
    {
        Assert.False(Parse("{}").HasHelpers);
        Assert.Equal("", Parse("{\"credHelpers\": {\"gcr.io\": \"gcloud\"}}").HelperFor("gcr.io:5000"));
    }

    [Theory]
    [InlineData("{\"credsStore\": \"../bin/sh\"}", "credential file \"f\": field \"credsStore\" is no name of letters, digits, \"-\", \"_\" and \".\"")]
    [InlineData("{\"credHelpers\": {\"a\": \"x y\"}}", "credential file \"f\", helper of \"a\" is no name of letters, digits, \"-\", \"_\" and \".\"")]
    public void Parse_HelperThatIsNoName_IsRefused(string content, string message) =>
        Assert.Equal(message, Assert.Throws<AgentException>(() => Parse(content)).Message);

    [Fact]
    public void Credential_AsText_TellsNoSecret()
    {
        string text = $"{new RegistryCredential { Username = "me", Password = "hush" }} {new RegistryCredential { IdentityToken = "hush" }}";

        Assert.Equal("password identity token", text);
    }

    private static AuthFile Parse(string json) => AuthFile.Parse(Encoding.UTF8.GetBytes(json), "f");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
