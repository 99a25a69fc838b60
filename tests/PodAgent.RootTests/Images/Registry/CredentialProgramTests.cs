using System.Text;
using PodAgent.Images.Registry;
using PodAgent.Linux;

namespace PodAgent.RootTests.Images.Registry;

/// <summary>Secrets that programs keep: which program is asked what, and what its answers do.</summary>
public sealed class CredentialProgramTests : PullFixture
{
    [Fact]
    public async Task Pull_FromARegistryThatAsksWhoIsThere_AsksTheHelperForIt()
    {
        TestRegistry registry = Private();
        NameHelper(registry);
        Helper("cat > \"$0.asked\"; printf '{\"ServerURL\": \"%s\", \"Username\": \"me\", \"Secret\": \"secret\"}' x");

        await PullAsync($"{registry.Authority}/app:1");

        Assert.Equal(registry.Authority + "\n", await File.ReadAllTextAsync(Path.Combine(Home, "bin", "docker-credential-test.asked")));
        Assert.Contains(registry.Requests, request => request.Header("authorization") == $"Basic {Convert.ToBase64String("me:secret"u8)}");
    }

    [Fact]
    public async Task Pull_FromARegistryThatDoesNotAsk_RunsNoProgram()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", RandomLayer("f", 100));
        NameHelper(registry);

        Assert.NotNull(await PullAsync($"{registry.Authority}/app:1"));
    }

    [Fact]
    public async Task Pull_WithAHelperThatIsMissing_NamesItAndWhoNamedIt()
    {
        TestRegistry registry = Private();
        NameHelper(registry);

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.Equal(ErrorKind.FailedPrecondition, failure.Kind);
        Assert.Contains(
            $"credential helper \"docker-credential-test\" for {registry.Authority}, named in credential file \"{Path.Combine(Home, "auth.json")}\": is not in any of /nonexistent:",
            failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'the vault is closed'; exit 1", "ended with 1: the vault is closed")]
    [InlineData("exit 7", "ended with 7")]
    [InlineData("echo broken >&2; exit 2", "ended with 2: broken")]
    [InlineData("echo hush", "its answer is no valid JSON (line 1, byte 1)")]
    [InlineData("head -c 70000 /dev/zero", "writes more than 65536 bytes")]
    public async Task Pull_WithAHelperThatFails_SaysWhatItSaidAndNoSecret(string script, string why)
    {
        TestRegistry registry = Private();
        NameHelper(registry);
        Helper(script);

        AgentException failure = await PullFailsAsync($"{registry.Authority}/app:1");

        Assert.EndsWith(why, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_WithAHelperThatKnowsNothing_UsesTheFile()
    {
        TestRegistry registry = Private();
        await File.WriteAllTextAsync(
            Path.Combine(Home, "auth.json"), $$"""{"credsStore": "test", "auths": {"{{registry.Authority}}": {"username": "me", "password": "secret"} } }""");
        Helper("echo 'credentials not found in native keychain'; exit 1");

        Assert.NotNull(await PullAsync($"{registry.Authority}/app:1"));
    }

    [Fact]
    public async Task Pull_WithCredentialsOfTheRequest_RunsNoProgram()
    {
        TestRegistry registry = Private();
        NameHelper(registry);

        Assert.NotNull(await PullAsync($"{registry.Authority}/app:1", new RegistryCredential { Username = "me", Password = "secret" }));
    }

    private TestRegistry Private()
    {
        TestRegistry registry = NewRegistry();
        registry.Add("app", "1", RandomLayer("f", 100));
        registry.Intercept = async (request, stream) =>
        {
            if (request.Header("authorization") == $"Basic {Convert.ToBase64String("me:secret"u8)}")
            {
                return false;
            }

            await TestRegistry.WriteAsync(stream, 401, "WWW-Authenticate: Basic realm=\"x\"\r\n", Encoding.UTF8.GetBytes("{}"));
            return true;
        };
        return registry;
    }

    private void NameHelper(TestRegistry registry) =>
        File.WriteAllText(Path.Combine(Home, "auth.json"), $$"""{"credHelpers": {"{{registry.Authority}}": "test"} }""");

    private void Helper(string script)
    {
        string file = Path.Combine(Directory.CreateDirectory(Path.Combine(Home, "bin")).FullName, "docker-credential-test");
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
