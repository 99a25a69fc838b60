using System.Text;
using PodAgent.Streaming.RemoteCommand;

namespace PodAgent.Streaming.Tests.RemoteCommand;

public sealed class RemoteCommandStatusTests
{
    [Fact]
    public void Success_IsWhatClientsKnow()
    {
        Assert.Equal("""{"metadata":{},"status":"Success"}""", Text(RemoteCommandStatus.Success));
        Assert.Empty(RemoteCommandStatus.Success.ToText());
        Assert.Same(RemoteCommandStatus.Success, RemoteCommandStatus.Exited(0));
    }

    [Fact]
    public void ExitCode_IsACause() => Assert.Equal(
        """{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""",
        Text(RemoteCommandStatus.Exited(3)));

    [Fact]
    public void Failure_HasItsMessageInBothForms()
    {
        RemoteCommandStatus status = RemoteCommandStatus.Failed("no \"sh\"");

        Assert.Equal("Internal error occurred: no \"sh\"", Encoding.UTF8.GetString(status.ToText()));
        using var json = System.Text.Json.JsonDocument.Parse(status.ToJson());
        Assert.Equal("Internal error occurred: no \"sh\"", json.RootElement.GetProperty("message").GetString());
        Assert.Equal(500, json.RootElement.GetProperty("code").GetInt32());
    }

    private static string Text(RemoteCommandStatus status) => Encoding.UTF8.GetString(status.ToJson());
}
